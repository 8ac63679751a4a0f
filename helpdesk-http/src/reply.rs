//! What handlers answer.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::problem::Problem;

/// What every handler answers.
pub(crate) type Answer<T> = Result<Json<T>, Problem>;

/// 201 for something new, 200 for the repetition of a request that made it before.
pub(crate) fn created<T: Serialize>(body: T, replayed: bool) -> Response {
    let status = if replayed { StatusCode::OK } else { StatusCode::CREATED };
    (status, Json(body)).into_response()
}
