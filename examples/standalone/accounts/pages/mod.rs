//! The pages and requests around logging in.

mod html;
mod login;
mod password;
mod users;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{delete, get, post};
use helpdesk::Helpdesk;
use url::Url;

use super::{Accounts, Failure};

/// Where the inbox is.
const INBOX: &str = "/helpdesk/inbox";

/// What the handlers share.
#[derive(Clone, FromRef)]
struct Site {
    accounts: Accounts,
    desk: Helpdesk,
}

/// The routes.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>(accounts: Accounts, desk: Helpdesk) -> Router<S> {
    Router::new()
        .route("/login", get(login::show).head(login::look).post(login::with_password))
        .route("/logout", get(login::out))
        .route("/password", get(password::show).post(password::set))
        .route("/users", post(users::create))
        .route("/users/{id}", delete(users::remove))
        .layer(DefaultBodyLimit::max(16 * 1024))
        .with_state(Site { accounts, desk })
}

/// A fault of ours: it is logged, and not told.
#[derive(Debug)]
struct Fault(Failure);

impl<E: Into<Failure>> From<E> for Fault {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        tracing::error!("a request about accounts failed: {}", self.0);
        (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on the server; it was logged.").into_response()
    }
}

/// To another page, with this cookie.
fn redirect(path: &str, cookie: &str) -> Result<Response, Fault> {
    let mut response = Redirect::to(path).into_response();
    response.headers_mut().insert(header::SET_COOKIE, HeaderValue::from_str(cookie)?);
    Ok(response)
}

/// Whether a request came from a page of this server, as far as the browser tells; programs tell nothing.
fn is_from_own_page(headers: &HeaderMap) -> bool {
    // Browsers leave `Sec-Fetch-Site` out where the page came over plain HTTP from another machine.
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let origin = origin.to_str().ok().and_then(|origin| Url::parse(origin).ok());
    origin.zip(headers.get(header::HOST)).is_some_and(|(origin, host)| origin.authority().as_bytes() == host.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(headers: &[(&'static str, &'static str)]) -> bool {
        is_from_own_page(&headers.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect())
    }

    #[test]
    fn forms_of_other_sites_are_told_from_our_own() {
        let host = ("host", "127.0.0.1:3000");
        assert!(own(&[host]));
        assert!(own(&[host, ("origin", "http://127.0.0.1:3000")]));
        assert!(own(&[host, ("sec-fetch-site", "same-origin")]));
        assert!(!own(&[host, ("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:3000")]));
        assert!(!own(&[host, ("origin", "http://127.0.0.1:3001")]));
        assert!(!own(&[host, ("origin", "null")]));
    }
}
