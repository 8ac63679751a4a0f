//! Logging in and out.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::super::Accounts;
use super::{Fault, INBOX, html, is_from_own_page, redirect};

#[derive(Deserialize)]
pub(super) struct Link {
    /// The one-time token of the link that the server prints.
    token: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Login {
    email: String,
    password: String,
}

/// The log-in page; or, by the link that the server prints, the log-in itself.
pub(super) async fn show(State(accounts): State<Accounts>, Query(link): Query<Link>, headers: HeaderMap) -> Result<Response, Fault> {
    if let Some(token) = link.token {
        return match accounts.use_one_time_token(&token).await? {
            Some(owner) => redirect(INBOX, &accounts.begin_session(owner.id).await?),
            None if accounts.session_user(&headers).await?.is_some() => Ok(Redirect::to(INBOX).into_response()),
            None => Ok(form(StatusCode::FORBIDDEN, "", "This link was used, or is of an earlier start. A restart prints a new one.")),
        };
    }
    Ok(form(StatusCode::OK, "", ""))
}

/// What checks a link, as mail programs do, does not use it up.
pub(super) async fn look() -> StatusCode {
    StatusCode::OK
}

/// The log-in with a password.
pub(super) async fn with_password(
    State(accounts): State<Accounts>,
    headers: HeaderMap,
    Form(login): Form<Login>,
) -> Result<Response, Fault> {
    if !is_from_own_page(&headers) {
        return Ok(form(StatusCode::FORBIDDEN, "", "Please log in here."));
    }
    if !accounts.may_try_password(&login.email) {
        let refused = form(StatusCode::TOO_MANY_REQUESTS, &login.email, "Too many attempts. Please wait a minute.");
        return Ok(([(header::RETRY_AFTER, "60")], refused).into_response());
    }
    match accounts.verify_password(&login.email, &login.password).await? {
        Some(user) => redirect(INBOX, &accounts.begin_session(user.id).await?),
        None => Ok(form(StatusCode::FORBIDDEN, &login.email, "The address or the password is wrong.")),
    }
}

/// Logs out.
pub(super) async fn out(State(accounts): State<Accounts>, headers: HeaderMap) -> Result<Response, Fault> {
    if !is_from_own_page(&headers) {
        return Ok(Redirect::to("/login").into_response());
    }
    redirect("/login", &accounts.end_session(&headers).await?)
}

fn form(status: StatusCode, email: &str, complaint: &str) -> Response {
    let (complaint, email) = (html::complaint(complaint), html::escape(email));
    let body = format!(
        r#"{complaint}
<form method="post" action="/login">
<label>E-mail address <input name="email" type="email" autocomplete="username" required maxlength="200" value="{email}"></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required maxlength="200"></label>
<button>Log in</button>
</form>
<p class="hint">No password yet? The server prints a log-in link at each start.</p>"#
    );
    html::page(status, "Log in", &body)
}
