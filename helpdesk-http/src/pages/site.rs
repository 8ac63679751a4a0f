//! The built files, and how they are sent: in the best encoding that there is, and only if they changed.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::problem::Problem;

/// For what keeps its name: soon looked for again, and shown meanwhile.
const STABLE: &str = "public, max-age=300, stale-while-revalidate=86400";
/// For what has its content's hash in its name.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// The encodings that a file may have beside it, best first.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// The list of files that the build writes.
#[derive(Debug, Default, Deserialize)]
struct Manifest {
    files: Vec<Listed>,
}

#[derive(Debug, Deserialize)]
struct Listed {
    path: String,
    #[serde(default)]
    content_type: Option<String>,
    #[serde(default)]
    immutable: bool,
}

/// A file.
#[derive(Debug)]
struct File {
    content_type: HeaderValue,
    immutable: bool,
    tag: String,
    bytes: Bytes,
    /// By encoding.
    encoded: Vec<(&'static str, Bytes)>,
}

/// All files by path.
#[derive(Debug)]
pub(super) struct Site {
    files: HashMap<String, File>,
}

impl Site {
    /// The site of these files, the manifest among them.
    pub(super) fn of(files: impl IntoIterator<Item = (String, Cow<'static, [u8]>)>) -> Self {
        let mut all: HashMap<String, Bytes> = files.into_iter().map(|(path, bytes)| (path, bytes_of(bytes))).collect();
        let manifest = all.remove("manifest.json").map(|bytes| serde_json::from_slice::<Manifest>(&bytes));
        let manifest = manifest.unwrap_or_else(|| Ok(Manifest::default())).unwrap_or_else(|error| {
            tracing::error!(%error, "the manifest of the built pages cannot be read");
            Manifest::default()
        });
        let siblings: HashSet<String> = all
            .keys()
            .filter(|path| ENCODINGS.iter().any(|(_, end)| path.strip_suffix(end).is_some_and(|plain| all.contains_key(plain))))
            .cloned()
            .collect();
        let files = all.iter().filter(|(path, _)| !siblings.contains(*path)).map(|(path, bytes)| {
            let listed = manifest.files.iter().find(|listed| listed.path == *path);
            let content_type = listed.and_then(|listed| HeaderValue::from_str(listed.content_type.as_deref()?).ok());
            let encoded = ENCODINGS.iter().filter_map(|(name, end)| Some((*name, all.get(&format!("{path}{end}"))?.clone())));
            let file = File {
                content_type: content_type.unwrap_or_else(|| HeaderValue::from_static(content_type_of(path))),
                immutable: listed.is_some_and(|listed| listed.immutable),
                tag: URL_SAFE_NO_PAD.encode(&Sha256::digest(bytes)[..15]),
                bytes: bytes.clone(),
                encoded: encoded.collect(),
            };
            (path.clone(), file)
        });
        Self { files: files.collect() }
    }

    /// The text of a file.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        std::str::from_utf8(&self.files.get(path)?.bytes).ok()
    }

    /// A file, as the client likes it best. None: there is no such file.
    pub(super) fn send(&self, path: &str, headers: &HeaderMap) -> Option<Response> {
        let file = self.files.get(path)?;
        let (encoding, bytes) = chosen(file, headers);
        let tag = format!("\"{}{}\"", file.tag, encoding.map_or_else(String::new, |name| format!("-{name}")));
        let known = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
        let unchanged = known.is_some_and(|tags| tags.split(',').any(|known| known.trim().trim_start_matches("W/") == tag));
        let mut response = if unchanged { StatusCode::NOT_MODIFIED.into_response() } else { Response::new(Body::from(bytes)) };
        let answer = response.headers_mut();
        answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(if file.immutable { IMMUTABLE } else { STABLE }));
        answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            answer.insert(header::ETAG, tag);
        }
        if !unchanged {
            answer.insert(header::CONTENT_TYPE, file.content_type.clone());
            if let Some(name) = encoding {
                answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
            }
        }
        Some(response)
    }
}

/// A file of the widget, for pages of any origin.
pub(super) fn widget(site: &Site, path: &str, headers: &HeaderMap) -> Response {
    let name = path.strip_prefix("/widget/v1/").unwrap_or_default();
    let Some(mut response) = site.send(&format!("widget/{name}"), headers) else { return missing(site) };
    let answer = response.headers_mut();
    answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    answer.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

/// There is no such file.
pub(super) fn missing(site: &Site) -> Response {
    if site.files.is_empty() {
        let detail = "this program was built without the pages; build them with `cargo xtask ui`";
        return Problem::new(StatusCode::NOT_FOUND, "not_found", detail).into_response();
    }
    Problem::not_found().into_response()
}

fn bytes_of(bytes: Cow<'static, [u8]>) -> Bytes {
    match bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    }
}

fn chosen(file: &File, headers: &HeaderMap) -> (Option<&'static str>, Bytes) {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let best = file.encoded.iter().find(|(name, _)| accepts(accepted, name));
    best.map_or_else(|| (None, file.bytes.clone()), |(name, bytes)| (Some(*name), bytes.clone()))
}

/// Whether an `accept-encoding` names this encoding and does not weigh it zero.
fn accepts(accepted: &str, name: &str) -> bool {
    accepted.split(',').any(|part| {
        let mut parts = part.split(';').map(str::trim);
        let named = parts.next().is_some_and(|encoding| encoding.eq_ignore_ascii_case(name) || encoding == "*");
        let weight = parts.find_map(|parameter| parameter.strip_prefix("q=")?.parse::<f32>().ok());
        named && weight.is_none_or(|weight| weight > 0.0)
    })
}

fn content_type_of(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn site() -> Site {
        let manifest = r#"{"files": [
            {"path": "widget/widget.js", "content_type": "text/javascript; charset=utf-8", "size": 7, "sri": "sha384-x", "immutable": false},
            {"path": "widget/widget-abc123.js", "size": 7, "immutable": true},
            {"path": "inbox/assets/app-abc123.js", "size": 3, "immutable": true}
        ]}"#;
        let page = r#"<!doctype html><head><base href="/" /><meta name="csp-nonce" content="" /></head>"#;
        let files: [(&str, &'static str); 7] = [
            ("manifest.json", manifest),
            ("widget/widget.js", "widget;"),
            ("widget/widget.js.br", "<brotli>"),
            ("widget/widget.js.gz", "<gzip>"),
            ("widget/widget-abc123.js", "widget;"),
            ("inbox/index.html", page),
            ("inbox/assets/app-abc123.js", "app"),
        ];
        Site::of(files.map(|(path, text)| (path.to_owned(), Cow::Borrowed(text.as_bytes()))))
    }

    pub(in super::super) fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
    }

    async fn body(response: Response) -> String {
        String::from_utf8(axum::body::to_bytes(response.into_body(), 1000).await.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn the_best_accepted_encoding_is_sent_with_a_tag_of_its_own() {
        let site = site();
        let get = |accepted: &str| site.send("widget/widget.js", &headers(&[(header::ACCEPT_ENCODING, accepted)])).unwrap();
        assert_eq!(body(get("gzip, deflate, br")).await, "<brotli>");
        assert_eq!(body(get("gzip;q=0.5, br;q=0")).await, "<gzip>");
        assert_eq!(body(get("identity")).await, "widget;");
        let (plain, brotli) = (get(""), get("br"));
        assert_eq!(brotli.headers()[header::CONTENT_ENCODING], "br");
        assert_eq!(brotli.headers()[header::VARY], "accept-encoding");
        assert_ne!(plain.headers()[header::ETAG], brotli.headers()[header::ETAG]);
        let tag = brotli.headers()[header::ETAG].to_str().unwrap().to_owned();
        let again = site
            .send("widget/widget.js", &headers(&[(header::ACCEPT_ENCODING, "br"), (header::IF_NONE_MATCH, &format!("W/{tag}, \"x\""))]));
        assert_eq!(again.unwrap().status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn names_with_a_hash_are_kept_for_ever_and_the_others_are_not() {
        let site = site();
        let cache = |path: &str| widget(&site, path, &HeaderMap::new()).headers()[header::CACHE_CONTROL].to_str().unwrap().to_owned();
        assert_eq!(cache("/widget/v1/widget.js"), STABLE);
        assert_eq!(cache("/widget/v1/widget-abc123.js"), IMMUTABLE);
        let script = widget(&site, "/widget/v1/widget.js", &HeaderMap::new());
        assert_eq!(script.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        assert_eq!(script.headers()["cross-origin-resource-policy"], "cross-origin");
        for absent in ["/widget/v1/none.js", "/widget/v1/../inbox/index.html", "/widget/v1/widget.js.br"] {
            assert_eq!(widget(&site, absent, &HeaderMap::new()).status(), StatusCode::NOT_FOUND, "{absent}");
        }
    }

    #[tokio::test]
    async fn a_program_without_the_pages_says_so() {
        let empty = Site::of([]);
        assert!(body(widget(&empty, "/widget/v1/widget.js", &HeaderMap::new())).await.contains("cargo xtask ui"));
    }
}
