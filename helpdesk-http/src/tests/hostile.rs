//! Input that means no good: always a problem of the client's, never a fault of the server's, and nothing stored.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, header};
use helpdesk_core::store::Store;
use serde_json::{Value, json};

use super::desk::{Desk, builder};
use super::door::every_route;
use crate::Limits;

async fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let deep = format!("{}{}", "{\"text\":".repeat(50_000), "}".repeat(50_000));
    vec![
        ("one megabyte", vec![b'a'; 1_000_000]),
        ("one megabyte of JSON", json!({"text": "a".repeat(1_000_000)}).to_string().into_bytes()),
        ("deep", deep.into_bytes()),
        ("deep arrays", "[".repeat(100_000).into_bytes()),
        ("bad UTF-8", b"{\"text\":\"\xff\xfe\xc0\xaf\"}".to_vec()),
        ("lone surrogate", br#"{"text":"\ud800"}"#.to_vec()),
        ("cut", br#"{"text":"a"#.to_vec()),
        ("unknown field", br#"{"__proto__":{"admin":true}}"#.to_vec()),
        ("array", b"[]".to_vec()),
        ("null", b"null".to_vec()),
        ("number", b"1e999".to_vec()),
        ("empty", Vec::new()),
        ("nothing", b"\0\0\0\0".to_vec()),
    ]
}

async fn no_body_makes_a_route_fail(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let visitor = desk.visitor().await;
    let id = desk.conversation(&visitor, "hello").await;
    let before = desk.team("GET", &format!("/api/v1/conversations/{id}/timeline"), Value::Null).await.ok();
    // What takes nothing and does something is tried below: here it would do it.
    let harmless = ["/claim", "/human", "/end", "/identity-secret"];
    for (method, path) in every_route(&id) {
        let takes_nothing = harmless.iter().any(|end| path.ends_with(end));
        if method == "GET" || method == "DELETE" {
            continue;
        }
        let token = if path.contains("/widget/") { &visitor } else { &desk.token };
        for (what, body) in bodies().await {
            if takes_nothing && body.is_empty() {
                continue;
            }
            let request = builder(&method, &path, token).header(header::CONTENT_TYPE, "application/json");
            let answer = desk.send(request.body(Body::from(body)).unwrap()).await;
            assert!(answer.status.is_client_error(), "{what} to {method} {path}: {} {}", answer.status, answer.text());
            answer.problem();
        }
        let plain = builder(&method, &path, token).header(header::CONTENT_TYPE, "text/plain").body(Body::from("x")).unwrap();
        assert_eq!(desk.send(plain).await.problem().0, 415, "{method} {path}");
    }
    assert_eq!(desk.team("GET", &format!("/api/v1/conversations/{id}/timeline"), Value::Null).await.ok(), before);
}

async fn no_text_makes_a_route_fail(store: Arc<dyn Store>) {
    let limits = Limits { messages_at_once: 1000.try_into().unwrap(), ..Limits::default() };
    let desk = Desk::with(store, |builder| builder.limits(limits)).await;
    let (visitor, token) = (desk.visitor().await, desk.token.clone());
    let id = desk.conversation(&visitor, "hello").await;
    let before = desk.team("GET", &format!("/api/v1/conversations/{id}/timeline"), Value::Null).await.ok();
    let bad = ["a\u{0}b", "\u{1b}[31m", "\u{7f}", "\u{85}", "", " \n\t ", &"a".repeat(50_001)];
    let long_line = "a".repeat(201);
    for text in bad.into_iter().chain([long_line.as_str()]) {
        let message = text.len() == 201;
        for (method, path, token, body, field) in [
            ("POST", format!("/api/v1/widget/conversations/{id}/messages"), &visitor, json!({"text": text}), "text"),
            ("POST", "/api/v1/widget/conversations".to_owned(), &visitor, json!({"text": text}), "text"),
            ("POST", format!("/api/v1/conversations/{id}/messages"), &token, json!({"text": text}), "text"),
            ("POST", format!("/api/v1/conversations/{id}/notes"), &token, json!({"text": text}), "text"),
            ("POST", format!("/api/v1/conversations/{id}/notes"), &token, json!({"text": "x", "client_id": text}), "client_id"),
            ("PATCH", "/api/v1/widget/contact".to_owned(), &visitor, json!({"name": text}), "name"),
            ("PATCH", "/api/v1/widget/contact".to_owned(), &visitor, json!({"email": text}), "email"),
            ("PATCH", "/api/v1/me".to_owned(), &token, json!({"name": text}), "name"),
            ("POST", "/api/v1/articles".to_owned(), &token, json!({"title": text, "body": "b"}), "title"),
            ("POST", "/api/v1/tokens".to_owned(), &token, json!({"name": text}), "name"),
            ("POST", "/api/v1/widget/session".to_owned(), &visitor, json!({"language": text}), "language"),
            ("POST", "/api/v1/widget/session".to_owned(), &visitor, json!({"time_zone": text}), "time_zone"),
        ] {
            if message && field == "text" {
                continue;
            }
            let answer = desk.call(method, &path, token, Some(body)).await;
            assert_eq!(answer.problem(), (422, "invalid".to_owned()), "{method} {path} {text:.20?}");
            assert_eq!(answer.json()["field"], field, "{method} {path}");
        }
    }
    assert_eq!(desk.team("GET", &format!("/api/v1/conversations/{id}/timeline"), Value::Null).await.ok(), before);
}

async fn no_path_and_no_query_make_a_route_fail(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let visitor = desk.visitor().await;
    let absent = "01890000-0000-7000-8000-000000000000";
    for id in ["x", "..%2f..", "%00", "%ff", "0", "00000000000070008000000000000001", absent, &"9".repeat(5000)] {
        for (method, path) in every_route(id).into_iter().filter(|(_, path)| path.contains(&format!("/{id}"))) {
            let token = if path.contains("/widget/") { &visitor } else { &desk.token };
            let body = (method != "GET" && method != "DELETE").then(|| json!({}));
            let answer = desk.call(&method, &path, token, body).await;
            assert!(answer.status.is_client_error(), "{method} {path}: {}", answer.status);
            answer.problem();
        }
    }
    for query in ["limit=0", "limit=999999999999", "cursor=x", "cursor=%00", "view=x", "after=-1", "x=y", "%ff=%ff", "limit=1&limit=2"] {
        for (method, path) in
            every_route(absent).into_iter().filter(|(method, path)| method == "GET" && !path.contains('?') && !path.ends_with("/ws"))
        {
            let token = if path.contains("/widget/") { &visitor } else { &desk.token };
            let answer = desk.call(&method, &format!("{path}?{query}"), token, None).await;
            assert!(!answer.status.is_server_error(), "{path}?{query}: {}", answer.status);
        }
        assert_eq!(desk.team("GET", &format!("/api/v1/conversations?{query}"), Value::Null).await.problem().0, 422, "{query}");
    }
    assert_eq!(desk.team("GET", "/api/v1/tickets/18446744073709551615", Value::Null).await.problem().0, 404);
}

async fn unknown_routes_and_methods_are_problems_too(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    assert_eq!(desk.call("GET", "/api/v1/nothing/here", "", None).await.problem(), (404, "not_found".to_owned()));
    let wrong = desk.call("DELETE", "/api/v1/me", "", None).await;
    assert_eq!(wrong.problem(), (405, "method_not_allowed".to_owned()));
    assert!(wrong.headers.contains_key(header::ALLOW));
    let plain = desk.send(Request::get("/api/v1/ws").body(Body::empty()).unwrap()).await;
    assert_eq!(plain.problem(), (426, "upgrade_required".to_owned()));
}

async fn every_answer_has_an_id_and_protective_headers(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let answer = desk.send(Request::get("/api/v1/me").header("x-request-id", "host-7").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.headers["x-request-id"], "host-7");
    assert_eq!(answer.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    let odd = desk.send(Request::get("/healthz").header("x-request-id", "a b;c").body(Body::empty()).unwrap()).await;
    assert_eq!(odd.headers["x-request-id"].len(), 32);
    assert_eq!(desk.send(Request::get("/readyz").body(Body::empty()).unwrap()).await.status, 200);
}

crate::kinds::on_every_store!(
    no_body_makes_a_route_fail,
    no_text_makes_a_route_fail,
    no_path_and_no_query_make_a_route_fail,
    unknown_routes_and_methods_are_problems_too,
    every_answer_has_an_id_and_protective_headers,
);
