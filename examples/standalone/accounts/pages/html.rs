//! What the pages have in common.

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// These pages need a style sheet, an icon and their own forms, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page; `body` is HTML.
pub(super) fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/standalone.css">
<main class="card">
<h1>{title}</h1>
{body}
</main>
"#
    );
    let headers =
        [(header::CONTENT_SECURITY_POLICY, POLICY), (header::CACHE_CONTROL, "no-store"), (header::REFERRER_POLICY, "no-referrer")];
    (status, headers, Html(html)).into_response()
}

/// A sentence that says what was wrong.
pub(super) fn complaint(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(r#"<p class="complaint" role="alert">{}</p>"#, escape(text)) }
}

/// Text as HTML.
pub(super) fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut html, character| {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
        html
    })
}
