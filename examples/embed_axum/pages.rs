//! The shop's pages.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Extension, Form, Json, Router};
use serde::Deserialize;
use serde_json::json;

use super::users::User;
use super::{App, Failure, identity, users};

/// The routes.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(home))
        .route("/login", get(Html(include_str!("login.html"))).post(log_in))
        .route("/logout", get(log_out))
        .route("/identity", get(identity))
        .route("/shop.js", get(([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("shop.js"))))
}

async fn home() -> impl IntoResponse {
    let policy = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'";
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(include_str!("home.html")))
}

/// Who is logged in, signed: the page hands it to the widget, so that the team knows whom it talks to.
async fn identity(State(app): State<App>, user: Option<Extension<User>>) -> Result<Response, Fault> {
    let Some(Extension(user)) = user else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    let body = json!({"name": user.name, "token": identity::sign(&user, &app.identity_secret)?});
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

#[derive(Deserialize)]
struct Login {
    email: String,
    password: String,
}

async fn log_in(State(app): State<App>, Form(login): Form<Login>) -> Result<Response, Fault> {
    Ok(match users::log_in(&app.pool, &login.email, login.password).await? {
        Some(cookie) => ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response(),
        None => (StatusCode::FORBIDDEN, Html(include_str!("login.html"))).into_response(),
    })
}

async fn log_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, Fault> {
    let cookie = users::log_out(&app.pool, &headers).await?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}

/// Something of the shop's is broken: logged, and not told.
struct Fault(Failure);

impl<E: Into<Failure>> From<E> for Fault {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        tracing::error!("a page failed: {}", self.0);
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}
