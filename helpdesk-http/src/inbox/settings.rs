//! The settings of the workspace.

use axum::Json as Reply;
use helpdesk_core::engine::Changed;
use helpdesk_core::id::Version;
use helpdesk_core::model;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::dto::{Settings, SettingsPatch};
use crate::extract::{Empty, Json};
use crate::problem::Problem;
use crate::reply::Answer;

/// A new secret. It is not shown again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IdentitySecret {
    /// The secret, for HS256.
    secret: String,
}

/// The settings.
#[utoipa::path(get, path = "/api/v1/settings", tag = "settings", responses((status = 200, description = "The settings", body = Settings)))]
pub(crate) async fn show(caller: Caller) -> Answer<Settings> {
    Ok(shape(&caller.handle.settings().await?))
}

/// Changes the settings: any subset. Objects merge, texts replace.
#[utoipa::path(patch, path = "/api/v1/settings", tag = "settings", request_body = SettingsPatch, responses(
    (status = 200, description = "The settings", body = Settings),
    (status = 409, description = "`version_conflict`, with `current`: load them again", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn update(caller: Caller, Json(body): Json<SettingsPatch>) -> Answer<Settings> {
    let version = Version(body.version.0);
    // What a partial threshold leaves out comes from the version that the change names, or the change is refused.
    let threshold = caller.handle.settings().await?.value.human_support.threshold;
    Ok(shape(&caller.handle.update_settings(Some(version), body.into_edit(threshold)).await?))
}

/// Makes a new secret for signing identities. The previous one stays valid until the next rotation.
#[utoipa::path(post, path = "/api/v1/settings/identity-secret", tag = "settings", request_body = Empty, responses((status = 200, description = "The secret", body = IdentitySecret)))]
pub(crate) async fn rotate_identity_secret(caller: Caller, Empty { client_id }: Empty) -> Answer<IdentitySecret> {
    let made = caller.handle.with_client_id(client_id.as_deref())?.rotate_identity_secret().await?;
    Ok(Reply(IdentitySecret { secret: made.value }))
}

fn shape(settings: &Changed<model::Settings>) -> Reply<Settings> {
    Reply(Settings::of(&settings.value, settings.version.0))
}
