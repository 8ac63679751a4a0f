//! What the other end of a live connection proved itself with, to be judged again and again.
//!
//! No more of it is kept than that takes. The values of a request's head are parts of the buffer that it was read into, and
//! would keep that whole.

use axum::extract::OriginalUri;
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Request, Uri};
use helpdesk_core::engine::Helpdesk;

use crate::auth::{Vouching, bearer};
use crate::problem::Problem;

/// Proof of who somebody is.
#[derive(Debug)]
pub(super) enum Credentials {
    /// A visitor's token, and the page that it was sent from.
    Visitor {
        token: Box<str>,
        /// A head that says from where the request came and to where it went, and nothing else.
        page: Box<Parts>,
    },
    /// An API token, which proves itself wherever it comes from.
    Program { token: Box<str> },
    /// Whatever the host goes by.
    Host { request: Box<Parts>, vouching: Vouching },
}

impl Credentials {
    /// Those of a request, or of its first frame where that said a token.
    pub(super) fn of(request: Parts, said: Option<String>) -> Result<Self, Problem> {
        // Looked for before the token of the frame takes its place.
        let own = bearer(&request.headers).map(str::to_owned);
        let vouching = match (&own, &said) {
            (Some(_), _) => Vouching::Needless,
            (None, Some(_)) => Vouching::OfBrowsers,
            (None, None) => Vouching::Always,
        };
        let Some(token) = said.or(own) else { return Ok(Self::Host { request: Box::new(own_copy(request)), vouching }) };
        let bearing = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| Problem::unauthorized("this is no token"))?;
        if Helpdesk::is_visitor_token(&token) {
            return Ok(Self::Visitor { token: token.into(), page: Box::new(page_of(&request)) });
        }
        if Helpdesk::is_api_token(&token) {
            return Ok(Self::Program { token: token.into() });
        }
        // A host that believes bearer tokens finds it where it looks for one.
        let mut request = own_copy(request);
        request.headers.insert(AUTHORIZATION, bearing);
        Ok(Self::Host { request: Box::new(request), vouching })
    }
}

/// What tells from which page a request came.
fn page_of(request: &Parts) -> Parts {
    let (mut page, ()) = Request::new(()).into_parts();
    if request.headers.contains_key(ORIGIN) {
        page.uri = own_uri(&request.uri);
        for name in [ORIGIN, HOST] {
            if let Some(value) = request.headers.get(&name) {
                page.headers.insert(name, own_value(value));
            }
        }
    }
    page
}

/// The same head, in memory of its own.
fn own_copy(mut request: Parts) -> Parts {
    request.uri = own_uri(&request.uri);
    let mut headers = HeaderMap::with_capacity(request.headers.len());
    for (name, value) in &request.headers {
        headers.append(name.clone(), own_value(value));
    }
    request.headers = headers;
    if let Some(OriginalUri(uri)) = request.extensions.get::<OriginalUri>() {
        let uri = OriginalUri(own_uri(uri));
        request.extensions.insert(uri);
    }
    request
}

fn own_value(value: &HeaderValue) -> HeaderValue {
    let mut copy = HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|_| value.clone());
    copy.set_sensitive(value.is_sensitive());
    copy
}

fn own_uri(uri: &Uri) -> Uri {
    Uri::try_from(uri.to_string()).unwrap_or_else(|_| uri.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::get("/api/v1/ws?x=y");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn no_more_is_kept_than_judging_takes() {
        let browser = [("origin", "https://shop.example"), ("host", "desk.example"), ("cookie", "who=bea"), ("x-more", "yes")];
        let Ok(Credentials::Visitor { page, .. }) = Credentials::of(request(&browser), Some("hdv_a".to_owned())) else {
            panic!("a visitor's token is a visitor's")
        };
        assert_eq!((page.headers.len(), page.uri.path()), (2, "/api/v1/ws"));
        let Ok(Credentials::Visitor { page, .. }) = Credentials::of(request(&browser[1..]), Some("hdv_a".to_owned())) else {
            panic!("a visitor's token is a visitor's")
        };
        assert!(page.headers.is_empty(), "no page is no page");
        assert!(matches!(Credentials::of(request(&browser), Some("hdt_a".to_owned())), Ok(Credentials::Program { .. })));
    }

    #[test]
    fn a_host_is_asked_with_the_whole_head_and_the_token_of_the_first_frame() {
        let mut head = request(&[("cookie", "who=bea"), ("accept", "a"), ("accept", "b")]);
        head.extensions.insert("a layer's");
        let Ok(Credentials::Host { request, vouching }) = Credentials::of(head, Some("the-hosts-own".to_owned())) else {
            panic!("other tokens are the host's")
        };
        assert_eq!(vouching, Vouching::OfBrowsers);
        assert_eq!(request.headers.get_all("accept").iter().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(
            (&request.headers["authorization"], &request.headers["cookie"]),
            (&"Bearer the-hosts-own".parse().unwrap(), &"who=bea".parse().unwrap())
        );
        assert_eq!((request.uri.to_string(), request.extensions.get::<&str>()), ("/api/v1/ws?x=y".to_owned(), Some(&"a layer's")));
    }
}
