//! Who is let in, and who is not.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, header};
use helpdesk_core::store::Store;
use serde_json::{Value, json};

use super::desk::{Desk, builder, request};
use crate::Limits;

/// Every route of the document with ids filled in: method, path, and whether it is a visitor's.
pub(super) fn every_route(conversation: &str) -> Vec<(String, String)> {
    let document: Value = serde_json::from_str(&crate::openapi_json()).unwrap();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let path = path.replace("{id}", conversation).replace("{number}", "1");
            let path = if path.ends_with("/events") { format!("{path}?topic=conversation:{conversation}") } else { path };
            routes.push((method.to_uppercase(), path));
        }
    }
    assert!(routes.len() > 40, "{routes:?}");
    routes
}

fn is_open(path: &str) -> bool {
    !path.starts_with("/api/v1/") || ["/widget/session", "/ws", "/openapi.json"].iter().any(|end| path.ends_with(end))
}

fn body_of(method: &str) -> Option<Value> {
    (method != "GET" && method != "DELETE").then(|| json!({}))
}

async fn no_route_but_the_beginning_works_without_a_good_token(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let id = desk.conversation(&desk.visitor().await, "hello").await;
    let good = desk.token.clone();
    let forged = format!("{}x", &good[..good.len() - 1]);
    for (method, path) in every_route(&id).into_iter().filter(|(_, path)| !is_open(path)) {
        for token in ["", "x", "hdv_x.y", "hdt_x_y_z", &forged] {
            let (status, code) = desk.call(&method, &path, token, body_of(&method)).await.problem();
            assert_eq!((status, code.as_str()), (401, "unauthorized"), "{method} {path} with {token:?}");
        }
    }
}

async fn one_sides_token_is_worth_nothing_on_the_others_routes(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let visitor = desk.visitor().await;
    let id = desk.conversation(&visitor, "hello").await;
    let shared = |path: &str| path.ends_with("/frames") || path.contains("/events");
    for (method, path) in every_route(&id).into_iter().filter(|(_, path)| !is_open(path) && !shared(path)) {
        let token = if path.contains("/widget/") { &desk.token } else { &visitor };
        assert_eq!(desk.call(&method, &path, token, body_of(&method)).await.problem().0, 401, "{method} {path}");
    }
}

async fn nothing_crosses_between_workspaces(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let visitor = desk.visitor().await;
    let id = desk.conversation(&visitor, "a secret of the first workspace").await;
    desk.call("POST", &format!("/api/v1/widget/conversations/{id}/human"), &visitor, Some(json!({}))).await.ok();
    let (_, owner, stranger) = desk.neighbour().await;
    let compatriot = desk.visitor().await;
    let bodies = |path: &str| match path.rsplit('/').next().unwrap_or_default() {
        "messages" | "notes" => json!({"text": "intrusion"}),
        "read" => json!({"seq": 1}),
        "flag" => json!({"flagged": true}),
        "status" => json!({"status": "resolved"}),
        "assign" => json!({"assignee": {"type": "nobody"}}),
        _ => json!({}),
    };
    let before = desk.team("GET", &format!("/api/v1/conversations/{id}"), Value::Null).await.ok();
    let routes = every_route(&id).into_iter().filter(|(_, path)| path.contains(&id) || path.contains("/tickets/"));
    for (method, path) in routes {
        let tokens: &[&String] = if path.contains("/widget/") { &[&stranger, &compatriot] } else { &[&owner] };
        for token in tokens {
            let body = (method != "GET" && method != "DELETE").then(|| bodies(&path));
            let answer = desk.call(&method, &path, token, body).await;
            assert_eq!(answer.problem(), (404, "not_found".to_owned()), "{method} {path}");
        }
    }
    for token in [&stranger, &compatriot, &owner] {
        for frame in ["send", "typing", "read"] {
            let frame = match frame {
                "send" => json!({"type": frame, "client_id": "c", "conversation": id, "text": "intrusion"}),
                "read" => json!({"type": frame, "conversation": id, "seq": 1}),
                _ => json!({"type": frame, "conversation": id}),
            };
            let answer = desk.call("POST", "/api/v1/frames", token, Some(frame)).await.ok();
            assert_eq!(answer["frames"][0]["code"], "not_found");
        }
    }
    let lists = ["conversations", "counts", "operators", "articles", "audit", "assistants", "tokens"];
    for list in lists {
        let seen = desk.call("GET", &format!("/api/v1/{list}"), &owner, None).await.ok().to_string();
        assert!(!seen.contains(&id) && !seen.contains("Ana") && !seen.contains("secret of the first"), "{list}: {seen}");
    }
    assert_eq!(desk.team("GET", &format!("/api/v1/conversations/{id}"), Value::Null).await.ok(), before);
}

async fn a_cookie_counts_only_from_our_own_pages(store: Arc<dyn Store>) {
    let desk = Desk::with(store, |builder| builder.trusted_origins(["https://admin.example"])).await;
    let id = desk.conversation(&desk.visitor().await, "hello").await;
    let patch = |headers: &[(&str, &str)]| {
        let mut request = builder("POST", &format!("/api/v1/conversations/{id}/flag"), "").header(header::COOKIE, "who=bea");
        for (name, value) in [("host", "shop.example"), ("content-type", "application/json")].iter().chain(headers) {
            request = request.header(*name, *value);
        }
        request.body(Body::from(r#"{"flagged":true}"#)).unwrap()
    };
    for good in [[("origin", "https://shop.example")], [("origin", "https://admin.example")], [("sec-fetch-site", "same-origin")]] {
        desk.send(patch(&good)).await.ok();
    }
    for bad in [&[][..], &[("origin", "https://evil.example")], &[("origin", "null")], &[("sec-fetch-site", "cross-site")]] {
        assert_eq!(desk.send(patch(bad)).await.problem(), (403, "forbidden".to_owned()), "{bad:?}");
    }
    let read = builder("GET", "/api/v1/me", "").header(header::COOKIE, "who=bea").body(Body::empty()).unwrap();
    let me = desk.send(read).await.ok();
    assert_eq!((me["operator"]["name"].as_str(), me["logout_url"].as_str()), (Some("bea"), Some("/logout")));
    let nobody = desk.send(request("GET", "/api/v1/me", "", None)).await;
    assert_eq!(nobody.json()["login_url"], "/login");
    let broken = builder("GET", "/api/v1/me", "").header(header::COOKIE, "who=broken").body(Body::empty()).unwrap();
    assert_eq!(desk.send(broken).await.problem(), (503, "busy".to_owned()));
}

async fn operators_without_the_rights_are_told_so(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let as_bea = |method: &str, path: &str, body: Value| {
        let request = builder(method, path, "").header(header::COOKIE, "who=bea").header("sec-fetch-site", "same-origin");
        request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())).unwrap()
    };
    for (method, path, body) in [
        ("PATCH", "/api/v1/settings", json!({"version": 2, "helpdesk": false})),
        ("POST", "/api/v1/articles", json!({"title": "t", "body": "b"})),
        ("POST", "/api/v1/tokens", json!({"name": "n"})),
        ("POST", "/api/v1/settings/identity-secret", json!({})),
    ] {
        assert_eq!(desk.send(as_bea(method, path, body)).await.problem(), (403, "forbidden".to_owned()), "{method} {path}");
    }
    desk.send(as_bea("GET", "/api/v1/settings", Value::Null)).await.ok();
}

async fn widgets_work_only_on_the_pages_that_the_workspace_allows(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let visitor = desk.visitor().await;
    let version = desk.team("GET", "/api/v1/settings", Value::Null).await.ok()["version"].clone();
    desk.team("PATCH", "/api/v1/settings", json!({"version": version, "allowed_origins": ["https://shop.example"]})).await.ok();
    let from = |method: &str, path: &str, origin: &str| {
        let request = builder(method, path, &visitor).header(header::ORIGIN, origin).header(header::HOST, "desk.example");
        request.header(header::CONTENT_TYPE, "application/json").body(Body::from("{}")).unwrap()
    };
    for (method, path) in [("POST", "/api/v1/widget/session"), ("GET", "/api/v1/widget/conversations")] {
        let allowed = desk.send(from(method, path, "https://shop.example")).await;
        assert_eq!(allowed.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        allowed.ok();
        desk.send(from(method, path, "https://desk.example")).await.ok();
        let refused = desk.send(from(method, path, "https://evil.example")).await;
        assert_eq!(refused.problem(), (403, "forbidden".to_owned()));
        assert_eq!(refused.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*", "the page can read why");
    }
    let preflight = Request::options("/api/v1/widget/session").header(header::ORIGIN, "https://shop.example");
    let preflight = preflight.header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST").body(Body::empty()).unwrap();
    let preflight = desk.send(preflight).await;
    assert!(preflight.headers[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str().unwrap().contains("authorization"));
    let inbox = Request::get("/api/v1/me").header(header::ORIGIN, "https://evil.example").body(Body::empty()).unwrap();
    assert!(!desk.send(inbox).await.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
}

async fn a_visitor_who_floods_is_slowed_down_and_others_are_not(store: Arc<dyn Store>) {
    let limits = Limits { messages_at_once: 3.try_into().unwrap(), sessions_per_hour: 2.try_into().unwrap(), ..Limits::default() };
    let address = |parts: &axum::http::request::Parts| parts.headers.get("x-address")?.to_str().ok()?.parse().ok();
    let desk = Desk::with(store, |builder| builder.limits(limits).client_ip(address)).await;
    let (visitor, other) = (desk.visitor().await, desk.visitor().await);
    let id = desk.conversation(&visitor, "1").await;
    let send = async |token: &str| {
        desk.call("POST", &format!("/api/v1/widget/conversations/{id}/messages"), token, Some(json!({"text": "x"}))).await
    };
    assert_eq!((send(&visitor).await.status, send(&visitor).await.status), (201.try_into().unwrap(), 201.try_into().unwrap()));
    let refused = send(&visitor).await;
    assert_eq!(refused.problem(), (429, "rate_limited".to_owned()));
    assert!(refused.headers[header::RETRY_AFTER].to_str().unwrap().parse::<u64>().unwrap() >= 1);
    let contact = async |token: &str| desk.call("PATCH", "/api/v1/widget/contact", token, Some(json!({"name": "Ana"}))).await;
    assert_eq!(contact(&visitor).await.problem(), (429, "rate_limited".to_owned()));
    desk.conversation(&other, "not touched").await;
    contact(&other).await.ok();
    let session = async |address: &str| {
        let request = Request::post("/api/v1/widget/session").header("x-address", address).header(header::CONTENT_TYPE, "application/json");
        desk.send(request.body(Body::from("{}")).unwrap()).await
    };
    session("192.0.2.1").await.ok();
    session("192.0.2.1").await.ok();
    assert_eq!(session("192.0.2.1").await.problem().0, 429);
    session("192.0.2.2").await.ok();
}

crate::kinds::on_every_store!(
    no_route_but_the_beginning_works_without_a_good_token,
    one_sides_token_is_worth_nothing_on_the_others_routes,
    nothing_crosses_between_workspaces,
    a_cookie_counts_only_from_our_own_pages,
    operators_without_the_rights_are_told_so,
    widgets_work_only_on_the_pages_that_the_workspace_allows,
    a_visitor_who_floods_is_slowed_down_and_others_are_not,
);
