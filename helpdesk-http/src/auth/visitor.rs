//! Letting visitors in.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use helpdesk_core::engine::{ContactHandle, WorkspaceHandle};

use super::{allows, bearer, origin_of};
use crate::problem::Problem;
use crate::state::App;

/// The visitor who sent a request.
#[derive(Debug)]
pub(crate) struct Visitor(pub(crate) ContactHandle);

impl FromRequestParts<App> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let token =
            bearer(&parts.headers).ok_or_else(|| Problem::unauthorized("begin a session and send its token as authorization: Bearer"))?;
        authorise_visitor(app, parts, token).await.map(Self)
    }
}

/// Lets a visitor in by their token, from a page that the workspace allows.
pub(crate) async fn authorise_visitor(app: &App, request: &Parts, token: &str) -> Result<ContactHandle, Problem> {
    let visitor = app.desk().authorise_visitor(token).await?;
    check_origin(app, request, visitor.workspace()).await?;
    Ok(visitor)
}

/// Refuses pages that the workspace does not allow. Programs that are no browser say no origin and need none: what
/// protects is the token, the list only keeps the widget off other people's pages.
pub(crate) async fn check_origin(app: &App, request: &Parts, workspace: &WorkspaceHandle) -> Result<(), Problem> {
    let Some(origin) = origin_of(&request.headers) else { return Ok(()) };
    if app.origins().are_ours(origin, request) || allows(&workspace.recent_settings().await?.allowed_origins, origin) {
        return Ok(());
    }
    Err(Problem::forbidden("this workspace's widget is not allowed on pages of this origin; its settings list those that are"))
}
