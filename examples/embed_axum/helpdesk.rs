//! All that the shop knows of the helpdesk.

use ::helpdesk::engine::OperatorProfile;
use ::helpdesk::http::{AuthError, OperatorAuth, OperatorIdentity, RouterBuilder};
use ::helpdesk::id::WorkspaceId;
use ::helpdesk::model::{Role, Settings};
use ::helpdesk::{Error, Helpdesk, SqliteStore, async_trait};
use axum::{Router, http::request::Parts};
use tokio_util::sync::CancellationToken;

use super::{App, users::User};

struct Staff;

#[async_trait]
impl OperatorAuth for Staff {
    async fn authenticate(&self, request: &Parts) -> Result<Option<OperatorIdentity>, AuthError> {
        let user = request.extensions.get::<User>().filter(|user| user.staff);
        Ok(user.map(|user| OperatorIdentity::new(user.id.to_string(), &user.name, Role::Owner).logout_url("/logout")))
    }
}

pub(crate) async fn open(pool: sqlx::SqlitePool, secret_key: String) -> Result<Helpdesk, Error> {
    let store = SqliteStore::from_pool(pool).await?;
    store.migrate().await?;
    let mut settings = Settings { helpdesk: true, ..Settings::default() };
    settings.human_support.enabled = true;
    Helpdesk::builder(store).secret_key(secret_key).default_settings(settings).build().await
}

pub(crate) fn routes(desk: &Helpdesk, stop: &CancellationToken) -> Router<App> {
    RouterBuilder::new(desk.clone(), Staff).draining(stop.clone()).build()
}

/// A secret by which the helpdesk believes the shop's word on who a visitor is.
pub(crate) async fn new_identity_secret(desk: &Helpdesk) -> Result<String, Error> {
    let workspace = desk.workspace(WorkspaceId::DEFAULT);
    let shop = workspace.ensure_operator(&OperatorProfile::new("shop", "Shop", Role::Owner)).await?;
    Ok(workspace.operator(shop.id).rotate_identity_secret().await?.value)
}
