//! The API of the widget: what a visitor can do.

mod chat;
mod contact;
mod conversations;
mod session;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::App;

/// The routes of the widget's API.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(session::begin))
        .routes(routes!(contact::show, contact::update))
        .routes(routes!(conversations::list, conversations::start))
        .routes(routes!(conversations::show))
        .routes(routes!(conversations::send))
        .routes(routes!(conversations::timeline))
        .routes(routes!(conversations::request_human))
        .routes(routes!(conversations::end))
        .routes(routes!(conversations::read))
        .routes(routes!(chat::chat))
}
