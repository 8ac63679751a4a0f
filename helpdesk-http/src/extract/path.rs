//! Parts of the path.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use crate::problem::Problem;

/// The `{id}` of the path. What is no id names nothing: 404.
#[derive(Debug)]
pub(crate) struct PathId<T>(pub(crate) T);

/// The `{number}` of the path.
#[derive(Debug)]
pub(crate) struct PathNumber(pub(crate) u64);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for PathId<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        named(parts, state, "id").await.map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PathNumber {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let number: u64 = named(parts, state, "number").await?;
        // Stores count in signed 64 bits; a number above names nothing.
        if i64::try_from(number).is_err() { Err(Problem::not_found()) } else { Ok(Self(number)) }
    }
}

/// By name, not by place: a host may nest the router below parameters of its own. Ours come last.
async fn named<S: Send + Sync, T: FromStr>(parts: &mut Parts, state: &S, name: &str) -> Result<T, Problem> {
    let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
    let value = params.iter().filter(|(key, _)| *key == name).last().map(|(_, value)| value);
    value.and_then(|value| value.parse().ok()).ok_or_else(Problem::not_found)
}
