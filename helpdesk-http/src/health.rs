//! Whether the server lives, and whether it can be used.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::problem::Problem;
use crate::state::App;

/// The process lives.
#[utoipa::path(get, path = "/healthz", tag = "server", responses((status = 200, description = "It lives", body = serde_json::Value)))]
pub(crate) async fn live() -> Response {
    Json(json!({"status": "ok"})).into_response()
}

/// The server can be used: its store can be reached, written, and has the right schema, and it is not going down.
#[utoipa::path(get, path = "/readyz", tag = "server", responses(
    (status = 200, description = "It can be used", body = serde_json::Value),
    (status = 503, description = "`not_ready` or `draining`", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn ready(State(app): State<App>) -> Response {
    if app.draining().is_cancelled() {
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, "draining", "the server is going down").into_response();
    }
    match app.desk().ready().await {
        Ok(()) => Json(json!({"status": "ready"})).into_response(),
        Err(error) => {
            let detail = match error.storage_fault() {
                Some(fault) => format!("the store cannot be written: {fault}; the log says how to mend it"),
                None => {
                    tracing::error!(%error, "not ready");
                    "the store cannot be used; the log says why".to_owned()
                }
            };
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", detail).into_response()
        }
    }
}
