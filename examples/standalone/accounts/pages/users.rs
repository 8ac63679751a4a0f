//! Adding and removing users, for the owner and the owner's programs.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use helpdesk::Helpdesk;
use helpdesk::engine::OperatorProfile;
use helpdesk::id::WorkspaceId;
use helpdesk::model::{Availability, Role};
use serde::Deserialize;
use serde_json::json;

use super::super::operators::subject;
use super::super::users::{Refused, role_name, role_of};
use super::super::{Accounts, NewUser};
use super::{Fault, is_from_own_page};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    name: String,
    email: String,
    password: String,
    role: String,
}

/// Adds a user, who is an operator of the helpdesk from then on.
pub(super) async fn create(
    State(accounts): State<Accounts>,
    State(desk): State<Helpdesk>,
    headers: HeaderMap,
    request: Result<Json<Request>, JsonRejection>,
) -> Result<Response, Fault> {
    if let Some(refused) = only_owners(&accounts, &headers).await? {
        return Ok(refused);
    }
    let Json(request) = match request {
        Ok(request) => request,
        Err(rejection) => return Ok(problem(rejection.status(), "invalid", &rejection.body_text())),
    };
    let Some(role) = role_of(&request.role) else {
        return Ok(problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The role must be owner, manager or operator."));
    };
    let new = NewUser { name: &request.name, email: Some(&request.email), password: Some(&request.password), role };
    let user = match accounts.create_user(new).await {
        Ok(user) => user,
        Err(Refused::Invalid(why)) => return Ok(problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid", &why)),
        Err(Refused::EmailTaken) => return Ok(problem(StatusCode::CONFLICT, "email_taken", "Somebody has this address.")),
        Err(Refused::Failed(error)) => return Err(Fault(error)),
    };
    // Known before the first log-in: others can assign conversations to them.
    let mut profile = OperatorProfile::new(user.subject(), &user.name, user.role);
    profile.email.clone_from(&user.email);
    profile.availability = Availability::Offline;
    let operator = desk.workspace(WorkspaceId::DEFAULT).ensure_operator(&profile).await?;
    let body = json!({"id": user.id, "operator": operator.id, "name": user.name, "email": user.email, "role": role_name(user.role)});
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// Removes a user: their sessions end, and the API tokens that they made are worth nothing. What they wrote stays.
pub(super) async fn remove(
    State(accounts): State<Accounts>,
    State(desk): State<Helpdesk>,
    headers: HeaderMap,
    Path(id): Path<i64>,
) -> Result<Response, Fault> {
    if let Some(refused) = only_owners(&accounts, &headers).await? {
        return Ok(refused);
    }
    if accounts.remove_user(id).await? {
        desk.workspace(WorkspaceId::DEFAULT).dismiss_operator(&subject(id)).await?;
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(problem(StatusCode::NOT_FOUND, "not_found", "There is no such user, or it is the server's first owner."))
}

async fn only_owners(accounts: &Accounts, headers: &HeaderMap) -> Result<Option<Response>, Fault> {
    Ok(match accounts.user_of(headers).await? {
        None => Some(problem(StatusCode::UNAUTHORIZED, "unauthorized", "Send the owner token as authorization: Bearer, or log in.")),
        Some(user) if user.role != Role::Owner => Some(problem(StatusCode::FORBIDDEN, "forbidden", "Only owners may do this.")),
        Some(_) if !is_from_own_page(headers) => {
            Some(problem(StatusCode::FORBIDDEN, "forbidden", "Only pages of this server may do this."))
        }
        Some(_) => None,
    })
}

fn problem(status: StatusCode, code: &str, detail: &str) -> Response {
    let title = status.canonical_reason();
    let body = json!({"type": "about:blank", "title": title, "status": status.as_u16(), "code": code, "detail": detail});
    (status, [("content-type", "application/problem+json")], body.to_string()).into_response()
}
