//! What is around every request: an id, headers that protect, a log line, figures, and a net under panics.

use std::any::Any;
use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use tracing::Instrument as _;

use crate::problem::Problem;

/// Names a request in logs, ours and the host's.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names the request, measures it, and sees to the headers of its answer.
pub(crate) async fn around<F: Future<Output = Response>>(request: Request, rest: impl FnOnce(Request) -> F) -> Response {
    let id = request.headers().get(REQUEST_ID).filter(|id| is_plain(id)).cloned().unwrap_or_else(draw);
    let method = name(request.method());
    // The pattern, not the path: few values, and no ids.
    let route: Arc<str> = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).into();
    let span = tracing::info_span!("helpdesk_request", %method, route = &*route, request_id = id.to_str().unwrap_or_default());
    let began = Instant::now();
    let mut response = rest(request).instrument(span.clone()).await;
    let status = response.status();
    let seconds = began.elapsed().as_secs_f64();
    span.in_scope(|| tracing::debug!(status = status.as_u16(), seconds, "answered"));
    let code = status.as_str().to_owned();
    metrics::counter!("helpdesk_http_requests_total", "method" => method, "route" => Arc::clone(&route), "status" => code).increment(1);
    metrics::histogram!("helpdesk_http_request_seconds", "method" => method, "route" => route).record(seconds);
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id);
    for (name, value) in PROTECTION {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// A method in figures and logs: few values, whatever somebody sends.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::HEAD => "HEAD",
        Method::PUT => "PUT",
        _ => "other",
    }
}

/// For what says nothing else: pages bring policies of their own.
const PROTECTION: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
];

fn is_plain(id: &HeaderValue) -> bool {
    (1..=64).contains(&id.len()) && id.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

fn draw() -> HeaderValue {
    let mut text = String::with_capacity(32);
    // Writing to a string does not fail.
    let _ = write!(text, "{:032x}", rand::random::<u128>());
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("none"))
}

/// A net under the rest.
pub(crate) async fn caught(rest: impl Future<Output = Response>) -> Response {
    AssertUnwindSafe(rest).catch_unwind().await.unwrap_or_else(panicked)
}

/// The answer where a handler panicked. What it was is in the log, not in the answer.
fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let text = cause.downcast_ref::<&str>().copied().or_else(|| cause.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = text.unwrap_or("of an unknown kind"), "a handler panicked");
    Problem::internal().into_response()
}
