//! The helpdesk, served as a host would serve it, but for the limits on how often.

use std::num::NonZeroU32;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::http::request::Parts;
use helpdesk::engine::OperatorProfile;
use helpdesk::http::{AuthError, Limits, OperatorAuth, OperatorIdentity, RouterBuilder};
use helpdesk::id::WorkspaceId;
use helpdesk::model::{Role, Settings};
use helpdesk::store::Store;
use helpdesk::{Helpdesk, PostgresStore, SqliteStore};
use tokio::net::TcpListener;

use crate::Failure;

/// Nobody comes with credentials of a host's: the benches use API tokens.
struct NoHost;

#[async_trait]
impl OperatorAuth for NoHost {
    async fn authenticate(&self, _: &Parts) -> Result<Option<OperatorIdentity>, AuthError> {
        Ok(None)
    }
}

/// Serves until it is killed. The first line of output is the address and an owner's API token.
pub(crate) async fn serve(database: &str, workers: bool) -> Result<(), Failure> {
    let store: Arc<dyn Store> = match database.starts_with("postgres:") {
        true => Arc::new(PostgresStore::connect(database).await?),
        false => Arc::new(SqliteStore::connect(&format!("sqlite://{database}")).await?),
    };
    let mut settings = Settings { helpdesk: true, ..Settings::default() };
    settings.human_support.enabled = true;
    let desk = Helpdesk::builder(store).secret_key([7; 32]).default_settings(settings).build().await?;
    let workspace = desk.workspace(WorkspaceId::DEFAULT);
    let owner = workspace.ensure_operator(&OperatorProfile::new("owner", "Owner", Role::Owner)).await?;
    let owner = workspace.operator(owner.id);
    for token in owner.tokens().await? {
        owner.delete_token(token.id).await?;
    }
    let token = owner.create_token("bench").await?.value.secret;

    let much = NonZeroU32::new(1_000_000).ok_or("not zero")?;
    let mut limits = Limits::default();
    (limits.messages_per_second, limits.messages_at_once, limits.sessions_per_hour) = (much, much, much);
    (limits.sockets_per_operator, limits.unproven_sockets, limits.unproven_sockets_per_address) = (100_000, 100_000, 100_000);
    let app = Router::new().merge(RouterBuilder::new(desk.clone(), NoHost).limits(limits).build());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let _workers = workers.then(|| desk.spawn_workers());
    println!("{} {token}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
