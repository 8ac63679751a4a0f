//! The operators' page.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::site::{Site, missing};
use crate::problem::Problem;

/// The page, below which its own addresses live.
const PAGE: &str = "inbox/index.html";

/// A file of the inbox, or the page itself for every address that a person may type.
pub(super) async fn respond(site: &Site, path: &str, headers: &HeaderMap) -> Response {
    let below = path.strip_prefix("/inbox/");
    if let Some(file) = below.filter(|below| !below.is_empty() && *below != "index.html") {
        if let Some(mut response) = site.send(&format!("inbox/{file}"), headers).await {
            if file == "sw.js" {
                // A worker that is kept would keep the page it knows.
                response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            }
            return response;
        }
        // A missing script must never be answered with a page.
        let wants_page =
            headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"));
        if !wants_page {
            return missing(site);
        }
    }
    let Some(page) = site.text(PAGE) else { return missing(site) };
    let nonce = STANDARD.encode(rand::random::<[u8; 16]>());
    let page = attribute(page, "<base href=\"", &base(below));
    let page = attribute(&page, "<meta name=\"csp-nonce\" content=\"", &nonce);
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; connect-src 'self'; img-src 'self' blob: data:; \
         font-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    );
    let Ok(policy) = HeaderValue::from_str(&policy) else { return Problem::internal().into_response() };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    ];
    (headers, page).into_response()
}

/// Where the page lives, relative to the address that was asked for: right below any path of a host, and behind any
/// proxy. Browsers freeze it when they read it, so it stays while the page changes its address.
fn base(below: Option<&str>) -> String {
    match below {
        // `/inbox` without a slash.
        None => "inbox/".to_owned(),
        Some(below) => match below.matches('/').count() {
            0 => "./".to_owned(),
            depth => "../".repeat(depth),
        },
    }
}

/// Writes an attribute's value; `before` is all up to its opening quote.
fn attribute(page: &str, before: &str, value: &str) -> String {
    let Some((head, rest)) = page.split_once(before) else { return page.to_owned() };
    let Some((_, tail)) = rest.split_once('"') else { return page.to_owned() };
    format!("{head}{before}{value}\"{tail}")
}

#[cfg(test)]
mod tests {
    use super::super::site::tests::{headers, site};
    use super::*;
    use axum::http::StatusCode;

    async fn page(path: &str) -> (HeaderMap, String) {
        let response = respond(&site(), path, &headers(&[(header::ACCEPT, "text/html,*/*;q=0.8")])).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let (head, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 10_000).await.unwrap();
        (head.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn the_page_knows_where_it_lives_and_has_a_nonce_of_its_own() {
        for (path, base) in [
            ("/inbox", "inbox/"),
            ("/inbox/", "./"),
            ("/inbox/settings", "./"),
            ("/inbox/inbox/7", "../"),
            ("/inbox/conversations/7", "../"),
            ("/inbox/a/b/c", "../../"),
            ("/inbox/index.html", "./"),
        ] {
            let (_, text) = page(path).await;
            assert!(text.contains(&format!("<base href=\"{base}\" />")), "{path}: {text}");
        }
        let ((first, text), (second, _)) = (page("/inbox/").await, page("/inbox/").await);
        let policy = first[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
        assert!(text.contains(&format!("<meta name=\"csp-nonce\" content=\"{nonce}\" />")), "{text}");
        assert_ne!(first[header::CONTENT_SECURITY_POLICY], second[header::CONTENT_SECURITY_POLICY]);
        assert!(!policy.contains("unsafe"));
        assert_eq!(first[header::CACHE_CONTROL], "no-cache");
    }

    #[tokio::test]
    async fn a_missing_file_is_never_a_page() {
        let status = async |path: &str, accept: &str| respond(&site(), path, &headers(&[(header::ACCEPT, accept)])).await.status();
        assert_eq!(status("/inbox/assets/app-abc123.js", "*/*").await, StatusCode::OK);
        assert_eq!(status("/inbox/assets/gone.js", "*/*").await, StatusCode::NOT_FOUND);
        assert_eq!(status("/inbox/../widget/widget.js", "*/*").await, StatusCode::NOT_FOUND);
        assert_eq!(status("/inbox/conversations/7", "text/html").await, StatusCode::OK);
    }
}
