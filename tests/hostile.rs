//! Input that means no good, through the router and down to each kind of store: never a fault of the server's, the same
//! answer whichever store it is, and what is kept comes back as it was said.
#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod support;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use helpdesk::http::{Limits, NoOperators, RouterBuilder};
use serde_json::{Value, json};
use support::{Story, stores};
use tower::ServiceExt as _;

/// A client of a desk, and a log of what it was answered.
struct Client {
    router: Router,
    owner: String,
    visitor: String,
    /// The conversation of the visitor.
    conversation: String,
    log: Vec<String>,
}

impl Client {
    async fn of(story: &Story) -> Self {
        let mut limits = Limits::default();
        limits.messages_at_once = 10_000.try_into().unwrap();
        let router = RouterBuilder::new(story.desk.clone(), NoOperators).limits(limits).build();
        let owner = story.owner.create_token("tests").await.unwrap().value.secret;
        let mut client = Self { router, owner, visitor: String::new(), conversation: String::new(), log: Vec::new() };
        let session = client.ask("POST", "/api/v1/widget/session", Some(json!({"language": "en"}))).await.1;
        client.visitor = session["token"].as_str().unwrap().to_owned();
        let started = client.ask("POST", "/api/v1/widget/conversations", Some(json!({"text": "Hello?"}))).await.1;
        client.conversation = started["conversation"]["id"].as_str().unwrap().to_owned();
        client
    }

    /// A request by whom the route is for. It must not be answered by a fault of the server's; what it was answered is logged.
    async fn ask(&mut self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let token = if path.contains("/widget/") { &self.visitor } else { &self.owner };
        let path = path.replace("{id}", &self.conversation);
        let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(&path);
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = match &body {
            Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        let response = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        assert!(status < 500, "{method} {path:.200} {body:.200?}: {status} {answer}");
        self.log.push(format!("{method} {:.200} {}: {status} {}", path.replace(&self.conversation, "{id}"), shown(&body), answer["code"]));
        (status, answer)
    }
}

/// A body in short. Ids and tokens of the story are in paths only, so that logs of two stores can be compared.
fn shown(body: &Option<Value>) -> String {
    let text = body.as_ref().map(Value::to_string).unwrap_or_default();
    text.chars().take(120).collect()
}

/// Texts that are allowed, and that something on the way to the disk and back might not like.
fn odd_texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "'; DROP TABLE entries; --",
        "$1 $2 %s {0} ${HOME} `id` \\x00 \\u0000 \\",
        "\"}]}{\"type\":\"note\"",
        "<script>alert(1)</script><!--",
        "\u{202e}backwards\u{202c} \u{200d}\u{200b}\u{feff}",
        "\u{fffd}\u{ffff}\u{fdd0}\u{10ffff}",
        "e\u{301}\u{301}\u{301} é ß ﬁ İ ı \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
        "a\tb\nc",
        "NULL",
        "1e999",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push("\u{10ffff}".repeat(10_000));
    texts.push("'".repeat(10_000));
    texts
}

/// Numbers at and beyond the ends of what columns hold.
const NUMBERS: [&str; 10] = [
    "0",
    "1",
    "-1",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e3",
    "NaN",
];

/// Places in lists that no server gave out.
fn made_up_cursors() -> Vec<String> {
    let at = |micros: i64| [&b"q"[..], &micros.to_be_bytes(), &[0xff; 16]].concat();
    let change = |number: u64| [&b"c"[..], &[0; 16], &number.to_be_bytes()].concat();
    let places = [
        at(0),
        at(i64::MAX),
        at(i64::MIN),
        at(253_402_300_799_999_999),
        change(0),
        change(i64::MAX as u64),
        change(u64::MAX),
        [&b"i"[..], &[0xff; 16]].concat(),
        [&b"i"[..], &[0; 16]].concat(),
        vec![0; 100],
    ];
    places.iter().map(|place| URL_SAFE_NO_PAD.encode(place)).collect()
}

async fn keep_odd_texts(client: &mut Client) {
    for (number, text) in odd_texts().iter().enumerate() {
        for (path, side) in [("widget/conversations", "widget/"), ("conversations", ""), ("conversations", "")] {
            let kind = if side.is_empty() && number % 2 == 0 { "notes" } else { "messages" };
            let body = json!({"text": text, "client_id": format!("{}{number}-{}", side.len(), client.log.len())});
            let (status, answer) = client.ask("POST", &format!("/api/v1/{path}/{{id}}/{kind}"), Some(body)).await;
            assert_eq!((status, &answer["entry"]["body"]["text"]), (201, &json!(text)), "{text:.40}");
            let before = answer["entry"]["seq"].as_u64().unwrap() - 1;
            let (_, page) = client.ask("GET", &format!("/api/v1/{path}/{{id}}/timeline?after={before}"), None).await;
            assert_eq!(page["entries"][0], answer["entry"], "{text:.40}");
        }
        let line: String = text.chars().filter(|character| !character.is_control()).take(200).collect();
        let (_, article) = client.ask("POST", "/api/v1/articles", Some(json!({"title": line, "body": text}))).await;
        assert_eq!((article["title"].as_str(), article["body"].as_str()), (Some(line.as_str()), Some(text.as_str())), "{article:.200}");
        let (_, contact) = client.ask("PATCH", "/api/v1/widget/contact", Some(json!({"name": line}))).await;
        assert_eq!(contact["name"], line.as_str());
        client.ask("PATCH", "/api/v1/me", Some(json!({"name": line}))).await;
        client.ask("PATCH", "/api/v1/settings", Some(json!({"version": 1, "brand": {"name": line}}))).await;
    }
}

async fn ask_with_numbers_and_cursors(client: &mut Client) {
    for side in ["widget/", ""] {
        for number in NUMBERS {
            for field in ["after", "before", "changed_after", "limit"] {
                client.ask("GET", &format!("/api/v1/{side}conversations/{{id}}/timeline?{field}={number}"), None).await;
            }
            client.ask("GET", &format!("/api/v1/{side}conversations?limit={number}"), None).await;
            // Not every number that a query can hold is one that JSON can.
            if let Ok(seq) = serde_json::from_str::<Value>(number) {
                client.ask("POST", &format!("/api/v1/{side}conversations/{{id}}/read"), Some(json!({"seq": seq}))).await;
            }
        }
        for cursor in made_up_cursors() {
            client.ask("GET", &format!("/api/v1/{side}conversations?cursor={cursor}"), None).await;
        }
    }
    for number in NUMBERS {
        client.ask("GET", &format!("/api/v1/tickets/{number}"), None).await;
        if let Ok(version) = serde_json::from_str::<Value>(number) {
            client.ask("PATCH", "/api/v1/settings", Some(json!({"version": version, "default_language": "en"}))).await;
        }
    }
    for cursor in made_up_cursors() {
        for list in ["conversations?view=resolved&sort=oldest", "articles?limit=1", "operators?limit=1", "audit?limit=1"] {
            client.ask("GET", &format!("/api/v1/{list}&cursor={cursor}"), None).await;
        }
        client.ask("GET", &format!("/api/v1/events?topic=queue&after={cursor}x"), None).await;
    }
}

async fn name_what_is_not_there(client: &mut Client) {
    let document: Value = serde_json::from_str(&helpdesk::http::openapi_json()).unwrap();
    let ids = ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "01890000-0000-7000-8000-000000000000"];
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys().map(|method| method.to_uppercase()) {
            for id in ids.iter().filter(|_| path.contains("{id}")) {
                let body = (method != "GET" && method != "DELETE").then(|| match path.rsplit('/').next() {
                    Some("messages" | "notes") => json!({"text": "x"}),
                    Some("read") => json!({"seq": 1}),
                    Some("flag") => json!({"flagged": true}),
                    Some("status") => json!({"status": "resolved"}),
                    Some("assign") => json!({"assignee": {"type": "operator", "id": id}}),
                    _ => json!({}),
                });
                let (status, answer) = client.ask(&method, &path.replace("{id}", id), body).await;
                assert_eq!((status, &answer["code"]), (404, &json!("not_found")), "{method} {path}");
            }
        }
    }
    for id in ids {
        for body in [json!({"type": "operator", "id": id}), json!({"type": "assistant", "id": id})] {
            client.ask("POST", "/api/v1/conversations/{id}/assign", Some(json!({"assignee": body}))).await;
        }
        for query in [format!("assignee={id}"), format!("assistant={id}")] {
            client.ask("GET", &format!("/api/v1/conversations?{query}"), None).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_means_no_good_is_answered_alike_on_every_store_and_what_is_kept_comes_back() {
    let mut first: Option<(&str, Vec<String>)> = None;
    for (name, store, _folder) in stores().await {
        let story = Story::on(store).await;
        let mut client = Client::of(&story).await;
        keep_odd_texts(&mut client).await;
        ask_with_numbers_and_cursors(&mut client).await;
        name_what_is_not_there(&mut client).await;
        story.desk.ready().await.unwrap();
        let (first_name, expected) = first.get_or_insert_with(|| (name, client.log.clone()));
        for (asked, wanted) in client.log.iter().zip(expected.iter()) {
            assert_eq!(asked, wanted, "{name} and {first_name} differ");
        }
        assert_eq!(client.log.len(), expected.len());
        assert!(client.log.len() > 300, "{}", client.log.len());
    }
}
