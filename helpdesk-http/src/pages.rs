//! The pages of the widget and the inbox.

use axum::Router;

use crate::state::App;

/// The routes of the pages.
pub(crate) fn routes() -> Router<App> {
    Router::new()
}
