//! The built files, and how they are sent: in the best encoding that there is, and only if they changed.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::compressed::{Compressed, Encoding};
use crate::problem::Problem;

/// For what keeps its name: soon looked for again, and shown meanwhile.
const STABLE: &str = "public, max-age=300, stale-while-revalidate=86400";
/// For what has its content's hash in its name.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

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
    /// The file whose bytes these are, for a second name.
    #[serde(default)]
    source: Option<String>,
}

/// A file.
#[derive(Clone, Debug)]
struct File {
    content_type: HeaderValue,
    immutable: bool,
    tag: String,
    bytes: Bytes,
    compressed: Arc<Compressed>,
}

impl File {
    fn of(path: &str, bytes: Bytes) -> Self {
        Self {
            content_type: HeaderValue::from_static(content_type_of(path)),
            immutable: false,
            tag: URL_SAFE_NO_PAD.encode(&Sha256::digest(&bytes)[..15]),
            bytes,
            compressed: Arc::default(),
        }
    }

    /// The form that the client likes best.
    async fn chosen(&self, headers: &HeaderMap) -> (Option<&'static str>, Bytes) {
        let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if is_text(&self.content_type) {
            for encoding in Encoding::ALL.into_iter().filter(|encoding| accepts(accepted, encoding.name())) {
                if let Some(bytes) = self.compressed.get(encoding, &self.bytes).await {
                    return (Some(encoding.name()), bytes);
                }
            }
        }
        (None, self.bytes.clone())
    }
}

/// Whether it is worth compressing: pictures and fonts are small already.
fn is_text(content_type: &HeaderValue) -> bool {
    let content_type = content_type.to_str().unwrap_or_default();
    ["text/", "application/json", "application/manifest+json", "image/svg"].iter().any(|kind| content_type.starts_with(kind))
}

/// All files by path.
#[derive(Debug)]
pub(super) struct Site {
    files: HashMap<String, File>,
}

impl Site {
    /// The site of these files, the manifest among them.
    pub(super) fn of(files: impl IntoIterator<Item = (String, Cow<'static, [u8]>)>) -> Self {
        let mut files: HashMap<String, File> =
            files.into_iter().map(|(path, bytes)| (path.clone(), File::of(&path, bytes_of(bytes)))).collect();
        let manifest = files.remove("manifest.json").map_or_else(Manifest::default, |manifest| {
            serde_json::from_slice(&manifest.bytes).unwrap_or_else(|error| {
                tracing::error!(%error, "the manifest of the built pages cannot be read");
                Manifest::default()
            })
        });
        for listed in manifest.files {
            let Some(file) = files.get(listed.source.as_ref().unwrap_or(&listed.path)) else { continue };
            let content_type = listed.content_type.and_then(|text| HeaderValue::from_str(&text).ok());
            let content_type = content_type.unwrap_or_else(|| file.content_type.clone());
            files.insert(listed.path, File { content_type, immutable: listed.immutable, ..file.clone() });
        }
        Self { files }
    }

    /// The text of a file.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        std::str::from_utf8(&self.files.get(path)?.bytes).ok()
    }

    /// A file, as the client likes it best. None: there is no such file.
    pub(super) async fn send(&self, path: &str, headers: &HeaderMap) -> Option<Response> {
        let file = self.files.get(path)?;
        let (encoding, bytes) = file.chosen(headers).await;
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
pub(super) async fn widget(site: &Site, path: &str, headers: &HeaderMap) -> Response {
    let name = path.strip_prefix("/widget/v1/").unwrap_or_default();
    let Some(mut response) = site.send(&format!("widget/{name}"), headers).await else { return missing(site) };
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
            {"path": "widget/widget-abc123.js", "source": "widget/widget.js", "size": 7, "immutable": true},
            {"path": "inbox/assets/app-abc123.js", "size": 3, "immutable": true}
        ]}"#;
        let page = r#"<!doctype html><head><base href="/" /><meta name="csp-nonce" content="" /></head>"#;
        let script = "widget;".repeat(1000);
        let files: [(&str, String); 4] = [
            ("manifest.json", manifest.to_owned()),
            ("widget/widget.js", script),
            ("inbox/index.html", page.to_owned()),
            ("inbox/assets/app-abc123.js", "app".to_owned()),
        ];
        Site::of(files.map(|(path, text)| (path.to_owned(), Cow::Owned(text.into_bytes()))))
    }

    pub(in super::super) fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
    }

    async fn body(response: Response) -> Vec<u8> {
        axum::body::to_bytes(response.into_body(), 100_000).await.unwrap().to_vec()
    }

    #[tokio::test]
    async fn the_best_accepted_encoding_is_sent_with_a_tag_of_its_own() {
        let site = site();
        let get = async |accepted: &str| site.send("widget/widget.js", &headers(&[(header::ACCEPT_ENCODING, accepted)])).await.unwrap();
        let encoding =
            |response: &Response| response.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(encoding(&get("gzip, deflate, br").await).as_deref(), Some("br"));
        assert_eq!(encoding(&get("gzip;q=0.5, br;q=0").await).as_deref(), Some("gzip"));
        assert_eq!(encoding(&get("identity").await), None);
        let (plain, brotli) = (get("").await, get("br").await);
        assert_eq!(brotli.headers()[header::VARY], "accept-encoding");
        assert_ne!(plain.headers()[header::ETAG], brotli.headers()[header::ETAG]);
        let tag = brotli.headers()[header::ETAG].to_str().unwrap().to_owned();
        let known = headers(&[(header::ACCEPT_ENCODING, "br"), (header::IF_NONE_MATCH, &format!("W/{tag}, \"x\""))]);
        assert_eq!(site.send("widget/widget.js", &known).await.unwrap().status(), StatusCode::NOT_MODIFIED);
        assert!(body(brotli).await.len() < body(plain).await.len() / 10);
    }

    #[tokio::test]
    async fn names_with_a_hash_are_kept_for_ever_and_the_others_are_not() {
        let site = site();
        let get = async |path: &str| widget(&site, path, &HeaderMap::new()).await;
        let script = get("/widget/v1/widget.js").await;
        assert_eq!(script.headers()[header::CACHE_CONTROL], STABLE);
        assert_eq!(script.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        assert_eq!(script.headers()["cross-origin-resource-policy"], "cross-origin");
        let pinned = get("/widget/v1/widget-abc123.js").await;
        assert_eq!(pinned.headers()[header::CACHE_CONTROL], IMMUTABLE);
        assert_eq!(pinned.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        assert_eq!(body(pinned).await, body(script).await);
        for absent in ["/widget/v1/none.js", "/widget/v1/../inbox/index.html", "/widget/v1/manifest.json"] {
            assert_eq!(get(absent).await.status(), StatusCode::NOT_FOUND, "{absent}");
        }
    }

    #[tokio::test]
    async fn a_program_without_the_pages_says_so() {
        let empty = Site::of([]);
        let answer = body(widget(&empty, "/widget/v1/widget.js", &HeaderMap::new()).await).await;
        assert!(String::from_utf8(answer).unwrap().contains("cargo xtask ui"));
    }
}
