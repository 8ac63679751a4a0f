//! Choosing a password, so that the next log-in needs no link.

use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::super::users::Refused;
use super::super::{Accounts, User};
use super::{Fault, INBOX, html, is_from_own_page, redirect};

#[derive(Deserialize)]
pub(super) struct Choice {
    email: String,
    password: String,
}

/// The page.
pub(super) async fn show(State(accounts): State<Accounts>, headers: HeaderMap) -> Result<Response, Fault> {
    match accounts.session_user(&headers).await? {
        Some(user) => Ok(form(StatusCode::OK, &user, user.email.as_deref().unwrap_or_default(), "")),
        None => Ok(Redirect::to("/login").into_response()),
    }
}

/// Keeps the password; other devices are logged out.
pub(super) async fn set(State(accounts): State<Accounts>, headers: HeaderMap, Form(choice): Form<Choice>) -> Result<Response, Fault> {
    let Some(user) = accounts.session_user(&headers).await? else { return Ok(Redirect::to("/login").into_response()) };
    if !is_from_own_page(&headers) {
        return Ok(form(StatusCode::FORBIDDEN, &user, &choice.email, "Please use this form."));
    }
    match accounts.set_password(user.id, &choice.email, &choice.password).await {
        Ok(()) => redirect(INBOX, &accounts.begin_session(user.id).await?),
        Err(Refused::Invalid(why)) => Ok(form(StatusCode::UNPROCESSABLE_ENTITY, &user, &choice.email, &why)),
        Err(Refused::EmailTaken) => Ok(form(StatusCode::CONFLICT, &user, &choice.email, "Somebody else has this address.")),
        Err(Refused::Failed(error)) => Err(Fault(error)),
    }
}

fn form(status: StatusCode, user: &User, email: &str, complaint: &str) -> Response {
    let (name, complaint, email) = (html::escape(&user.name), html::complaint(complaint), html::escape(email));
    let body = format!(
        r#"<p>{name}, choose how you log in from now on.</p>
{complaint}
<form method="post" action="/password">
<label>E-mail address <input name="email" type="email" autocomplete="username" required maxlength="200" value="{email}"></label>
<label>New password <input name="password" type="password" autocomplete="new-password" required minlength="10" maxlength="200"></label>
<button>Keep it</button>
</form>
<p class="hint"><a href="{INBOX}">Not now: to the inbox</a></p>"#
    );
    html::page(status, "Your password", &body)
}
