//! The operator who asks.

use axum::Json as Reply;
use helpdesk_core::bus::LiveActor;
use helpdesk_core::model;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::dto::{Availability, Named, Operator};
use crate::extract::Json;
use crate::problem::Problem;
use crate::reply::Answer;

/// The operator who asks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// They.
    operator: Operator,
    /// The workspace.
    workspace: Named,
    /// A token that the host wants back.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf: Option<String>,
    /// Where to sign out.
    #[serde(skip_serializing_if = "Option::is_none")]
    logout_url: Option<String>,
}

/// A change of oneself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MePatch {
    /// The display name.
    name: Option<String>,
    /// Whether one can be given work.
    availability: Option<Availability>,
}

/// The operator who asks.
#[utoipa::path(get, path = "/api/v1/me", tag = "inbox", responses((status = 200, description = "The operator", body = Me)))]
pub(crate) async fn show(caller: Caller) -> Answer<Me> {
    let operator = caller.handle.me().await?;
    shape(caller, &operator).await
}

/// Changes one's own name or availability.
#[utoipa::path(patch, path = "/api/v1/me", tag = "inbox", request_body = MePatch, responses((status = 200, description = "The operator", body = Me)))]
pub(crate) async fn update(caller: Caller, Json(body): Json<MePatch>) -> Answer<Me> {
    let operator = caller.handle.update_me(body.name.as_deref(), body.availability.map(Into::into)).await?;
    shape(caller, &operator).await
}

async fn shape(caller: Caller, operator: &model::Operator) -> Result<Reply<Me>, Problem> {
    let workspace = caller.handle.workspace();
    let (csrf, logout_url) = caller.identity.map_or((None, None), |identity| (identity.csrf, identity.logout_url));
    Ok(Reply(Me {
        operator: Operator::of(operator, workspace.is_online(LiveActor::Operator(operator.id))),
        workspace: Named { id: workspace.id().as_uuid(), name: workspace.name().await? },
        csrf,
        logout_url,
    }))
}
