//! API tokens.

use axum::Json as Reply;
use axum::http::StatusCode;
use axum::response::Response;
use helpdesk_core::id::TokenId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::dto::Token;
use crate::extract::{Json, PathId};
use crate::problem::Problem;
use crate::reply::{Answer, created};

/// The tokens.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Tokens {
    /// All of them.
    items: Vec<Token>,
}

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    /// Makes the request safe to repeat.
    #[schema(min_length = 1, max_length = 64)]
    client_id: Option<String>,
    /// What it is for.
    name: String,
}

/// A new token. Its secret is not shown again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeToken {
    /// What is kept of it.
    token: Token,
    /// To be sent as `authorization: Bearer`.
    secret: String,
}

/// The API tokens, without their secrets.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "settings", responses((status = 200, description = "The tokens", body = Tokens)))]
pub(crate) async fn list(caller: Caller) -> Answer<Tokens> {
    let items = caller.handle.tokens().await?.iter().map(Token::from).collect();
    Ok(Reply(Tokens { items }))
}

/// Makes an API token that acts as the operator who makes it.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "settings", request_body = NewToken,
    responses(
    (status = 201, description = "The token", body = MadeToken),
    (status = 200, description = "Was made before, with this `client_id`", body = MadeToken),
))]
pub(crate) async fn create(caller: Caller, Json(body): Json<NewToken>) -> Result<Response, Problem> {
    let made = caller.handle.with_client_id(body.client_id.as_deref())?.create_token(&body.name).await?;
    Ok(created(MadeToken { token: Token::from(&made.value.token), secret: made.value.secret }, made.replayed))
}

/// Removes an API token. It is worth nothing from then on.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "settings", params(("id" = Uuid, Path, description = "The token")),
    responses((status = 204, description = "Removed")))]
pub(crate) async fn remove(caller: Caller, PathId(id): PathId<TokenId>) -> Result<StatusCode, Problem> {
    caller.handle.delete_token(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
