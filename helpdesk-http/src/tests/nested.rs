//! The router below a path of the host's, with the host's own state and parameters.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use helpdesk_core::store::MemoryStore;
use serde_json::json;
use tower::ServiceExt as _;

use super::desk::{Cookie, Desk, request};

#[derive(Clone)]
struct HostState;

#[tokio::test]
async fn the_router_works_below_any_path() {
    let desk = Desk::open(MemoryStore::new()).await;
    let nested: Router<HostState> = Router::new()
        .route("/", get(|| async { "the host" }))
        .nest("/tenants/{tenant}/helpdesk", crate::router(desk.desk.clone(), Cookie))
        .fallback(|| async { "the host's own 404" });
    let nested = Desk { router: nested.with_state(HostState), ..desk };
    let base = "/tenants/7/helpdesk";
    let document = nested.send(request("GET", &format!("{base}/api/v1/openapi.json"), "", None)).await.ok();
    assert_eq!(document["servers"][0]["url"], base);
    let session = nested.send(request("POST", &format!("{base}/api/v1/widget/session"), "", Some(json!({})))).await.ok();
    let token = session["token"].as_str().unwrap();
    let started = nested.call("POST", &format!("{base}/api/v1/widget/conversations"), token, Some(json!({"text": "hi"}))).await.ok();
    let id = started["conversation"]["id"].as_str().unwrap();
    let one = nested.call("GET", &format!("{base}/api/v1/widget/conversations/{id}"), token, None).await.ok();
    assert_eq!(one["id"], id);
    assert_eq!(nested.call("GET", &format!("{base}/api/v1/none"), "", None).await.problem().0, 404);
    assert_eq!(nested.send(Request::get("/elsewhere").body(Body::empty()).unwrap()).await.text(), "the host's own 404");
    let docs = nested.send(Request::get(format!("{base}/docs")).body(Body::empty()).unwrap()).await;
    assert_eq!((docs.status.as_u16(), docs.headers["location"].to_str().unwrap()), (307, "docs/"));
    let page = nested.send(Request::get(format!("{base}/docs/")).body(Body::empty()).unwrap()).await;
    assert!(page.text().contains("swagger-ui"));
    let script = nested.send(Request::get(format!("{base}/docs/swagger-initializer.js")).body(Body::empty()).unwrap()).await;
    assert!(script.text().contains("../api/v1/openapi.json"), "{}", script.text());
}

#[tokio::test]
async fn the_router_can_be_merged_into_a_host_that_has_its_own_fallback() {
    let desk = Desk::open(MemoryStore::new()).await;
    let merged: Router = Router::new().merge(crate::router::<()>(desk.desk.clone(), Cookie)).fallback(|| async { "the host's own 404" });
    let answer = merged.clone().oneshot(Request::get("/elsewhere").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(axum::body::to_bytes(answer.into_body(), 100).await.unwrap(), "the host's own 404");
    let answer = merged.oneshot(Request::get("/healthz").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn pages_of_other_origins_may_not_ask_what_the_host_has_elsewhere() {
    let desk = Desk::open(MemoryStore::new()).await;
    let merged: Router = Router::new().merge(crate::router::<()>(desk.desk.clone(), Cookie));
    for method in ["GET", "OPTIONS"] {
        let request = Request::builder().method(method).uri("/elsewhere").header("origin", "https://elsewhere.example");
        let answer = merged.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers().get("access-control-allow-origin")), (404, None), "{method}");
    }
}
