//! A page of a shop, with the widget on it: one script tag, and a strict content security policy. Style sheet and icon
//! serve the log-in pages too.

use axum::Router;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use helpdesk::engine::PublicKey;
use helpdesk::id::WorkspaceId;

/// The widget needs its script and its server, and nothing that a careful site would not allow.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/// The routes.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let key = PublicKey { workspace: WorkspaceId::DEFAULT, assistant: None };
    let page = include_str!("demo_page.html").replace("{key}", &key.to_string());
    let show = move || async move { ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(page)).into_response() };
    let file = |kind: &'static str, text: &'static str| get(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=300")], text));
    Router::new()
        .route("/", get(show))
        .route("/standalone.css", file("text/css; charset=utf-8", include_str!("standalone.css")))
        .route("/icon.svg", file("image/svg+xml", include_str!("icon.svg")))
}
