//! The API of the inbox: what an operator can do.

mod actions;
mod articles;
mod assistants;
mod audit;
mod contacts;
mod conversations;
mod me;
mod messages;
mod operators;
mod settings;
mod tickets;
mod tokens;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::App;

/// The routes of the inbox's API.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(me::show, me::update))
        .routes(routes!(conversations::list))
        .routes(routes!(conversations::counts))
        .routes(routes!(conversations::show))
        .routes(routes!(conversations::timeline))
        .routes(routes!(messages::reply))
        .routes(routes!(messages::note))
        .routes(routes!(actions::claim))
        .routes(routes!(actions::assign))
        .routes(routes!(actions::set_status))
        .routes(routes!(actions::flag))
        .routes(routes!(actions::read))
        .routes(routes!(actions::typing))
        .routes(routes!(contacts::show))
        .routes(routes!(contacts::conversations))
        .routes(routes!(operators::list))
        .routes(routes!(tickets::show))
        .routes(routes!(assistants::list))
        .routes(routes!(assistants::show, assistants::update))
        .routes(routes!(articles::list, articles::create))
        .routes(routes!(articles::show, articles::update, articles::remove))
        .routes(routes!(settings::show, settings::update))
        .routes(routes!(settings::rotate_identity_secret))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::remove))
        .routes(routes!(audit::list))
}
