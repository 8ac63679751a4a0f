//! The floor of writing to Postgres: one bare route, one INSERT a request, each a transaction of its own.

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use bytes::Bytes;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use super::ingest::ANSWER;
use crate::Failure;

/// As many as answer fastest on two cores.
const CONNECTIONS: u32 = 20;

/// `POST /{conversation}/{number}` writes the body of the request.
pub(super) async fn router(url: &str) -> Result<Router, Failure> {
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false).connect(url).await?;
    sqlx::raw_sql("CREATE TABLE floor_single (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT NULL)")
        .execute(&pool)
        .await?;
    Ok(Router::new().route("/{conversation}/{number}", post(send)).with_state(pool))
}

async fn send(State(pool): State<PgPool>, body: Bytes) -> Response {
    match sqlx::query("INSERT INTO floor_single (body) VALUES ($1)").bind(&body[..]).execute(&pool).await {
        Ok(_) => (StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], ANSWER).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
