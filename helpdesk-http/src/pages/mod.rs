//! The pages: the widget's script and the operators' inbox, built from `ui/` and embedded with the feature `ui`.

#[cfg(feature = "ui")]
mod compressed;
#[cfg(feature = "ui")]
mod inbox;
#[cfg(feature = "ui")]
mod site;

use axum::Router;

use crate::state::App;

/// The routes of the pages; none without the feature.
#[cfg(not(feature = "ui"))]
pub(crate) fn routes() -> Router<App> {
    Router::new()
}

/// The routes of the pages.
#[cfg(feature = "ui")]
pub(crate) fn routes() -> Router<App> {
    use axum::routing::get;
    Router::new()
        .route("/widget/v1/{*file}", get(embedded::widget))
        .route("/inbox", get(embedded::inbox))
        .route("/inbox/", get(embedded::inbox))
        .route("/inbox/{*file}", get(embedded::inbox))
}

#[cfg(feature = "ui")]
mod embedded {
    use std::sync::LazyLock;

    use axum::extract::Request;
    use axum::response::Response;
    use rust_embed::RustEmbed;

    use super::inbox;
    use super::site::{self, Site};

    /// What `cargo xtask ui` built. A folder that is not there yet is an empty site, which says so in its answers.
    #[derive(RustEmbed)]
    #[folder = "assets/"]
    #[allow_missing = true]
    struct Files;

    static SITE: LazyLock<Site> =
        LazyLock::new(|| Site::of(Files::iter().filter_map(|path| Some((path.to_string(), Files::get(&path)?.data)))));

    /// A file of the widget.
    pub(super) async fn widget(request: Request) -> Response {
        site::widget(&SITE, request.uri().path(), request.headers()).await
    }

    /// The inbox: a file of it, or the page.
    pub(super) async fn inbox(request: Request) -> Response {
        inbox::respond(&SITE, request.uri().path(), request.headers()).await
    }
}
