//! From which pages requests come.

use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use url::Url;

/// The `Origin` of a request. `None`: no browser said one.
pub(crate) fn origin_of(headers: &HeaderMap) -> Option<&str> {
    // What cannot be read is not absent: it is an origin that equals none.
    headers.get(header::ORIGIN).map(|value| value.to_str().unwrap_or("null"))
}

/// The origins that count as ours, besides the one that a request was sent to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins(Vec<url::Origin>);

impl Origins {
    /// These; what is no address of a page is left out.
    pub(crate) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self(texts.into_iter().filter_map(parse).collect())
    }

    /// Whether a page of this origin is one of ours: it is listed, or came from where the request went to.
    pub(crate) fn are_ours(&self, origin: &str, request: &Parts) -> bool {
        let Some(origin) = parse(origin) else { return false };
        self.0.contains(&origin) || own(&origin, request)
    }

    /// Whether a request that a cookie vouches for was sent by a page of ours.
    ///
    /// Browsers send `Origin` with everything but plain loads; where it is missing, `Sec-Fetch-Site` must say so.
    pub(crate) fn vouch_for(&self, request: &Parts) -> bool {
        match origin_of(&request.headers) {
            Some(origin) => self.are_ours(origin, request),
            None => request.headers.get("sec-fetch-site").is_some_and(|site| site == "same-origin"),
        }
    }
}

/// Whether a workspace's list lets pages of this origin in. An empty list lets in all.
pub(crate) fn allows(list: &[String], origin: &str) -> bool {
    let Some(origin) = parse(origin) else { return list.is_empty() };
    list.is_empty() || list.iter().filter_map(|text| parse(text)).any(|listed| listed == origin)
}

fn parse(text: &str) -> Option<url::Origin> {
    let origin = Url::parse(text).ok()?.origin();
    origin.is_tuple().then_some(origin)
}

/// The scheme is taken from the origin: behind a proxy only the browser knows it.
fn own(origin: &url::Origin, request: &Parts) -> bool {
    let url::Origin::Tuple(scheme, ..) = origin else { return false };
    let host = request.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| request.uri.authority().map(|authority| authority.as_str()));
    host.and_then(|host| parse(&format!("{scheme}://{host}"))).is_some_and(|own| own == *origin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn request(headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::post("/api/v1/conversations");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn vouched(headers: &[(&str, &str)]) -> bool {
        Origins::of(["https://admin.example/helpdesk"]).vouch_for(&request(headers))
    }

    #[test]
    fn a_cookie_counts_only_for_pages_of_the_same_or_a_listed_origin() {
        let host = ("host", "shop.example");
        assert!(vouched(&[host, ("origin", "https://shop.example")]));
        assert!(vouched(&[("host", "127.0.0.1:3000"), ("origin", "http://127.0.0.1:3000")]));
        assert!(vouched(&[host, ("origin", "https://admin.example")]));
        for foreign in ["https://evil.example", "https://shop.example.evil.example", "https://shop.example:8443", "null", "", "file://"] {
            assert!(!vouched(&[host, ("origin", foreign)]), "{foreign}");
        }
    }

    #[test]
    fn without_an_origin_the_browser_must_say_same_origin() {
        let host = ("host", "shop.example");
        assert!(!vouched(&[host]));
        assert!(vouched(&[host, ("sec-fetch-site", "same-origin")]));
        assert!(!vouched(&[host, ("sec-fetch-site", "same-site")]));
        assert!(!vouched(&[host, ("sec-fetch-site", "cross-site")]));
        assert!(!vouched(&[host, ("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")]));
    }

    #[test]
    fn an_empty_list_of_a_workspace_lets_in_all() {
        let list = ["https://shop.example".to_owned()];
        assert!(allows(&[], "https://any.example"));
        assert!(allows(&list, "https://shop.example"));
        assert!(!allows(&list, "http://shop.example"));
        assert!(!allows(&list, "null"));
    }
}
