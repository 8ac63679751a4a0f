//! Which pages of other origins may talk to which routes.
//!
//! What the widget uses is open to all origins: its requests carry a token that no page of others has, and never
//! cookies. Whether the page is one that the workspace allows is checked with the token
//! ([`check_origin`](crate::auth::check_origin)); a preflight carries none, so it cannot be checked there.

use std::time::Duration;

use axum::http::{HeaderName, Method, header};
use tower_http::cors::{Any, CorsLayer};

/// For the routes that the widget uses.
pub(crate) fn of_the_widget() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::PATCH])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, HeaderName::from_static("x-request-id")])
        .expose_headers([header::RETRY_AFTER, HeaderName::from_static("x-request-id")])
        .max_age(Duration::from_secs(600))
}
