//! A host with its own users, pool and migrations has live support, and needs little code for it.
#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[path = "support/server.rs"]
mod server;
#[path = "support/socket.rs"]
mod socket;

use std::path::Path;
use std::process::Command;
use std::str::FromStr as _;

use reqwest::header::{COOKIE, ORIGIN, SET_COOKIE};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use server::{Server, call, client, example, timeline};
use socket::Socket;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

#[test]
fn all_of_the_hosts_helpdesk_code_is_in_one_short_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/embed_axum");
    let source = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let lines = source("helpdesk.rs").lines().filter(|line| !line.trim().is_empty()).count();
    assert!(lines <= 40, "{lines} lines");
    for file in std::fs::read_dir(&folder).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".rs") && name != "helpdesk.rs" {
            assert!(!source(&name).contains("::helpdesk"), "{name} names the library");
        }
    }
}

fn shop(folder: &Path) -> Command {
    let mut command = example("embed_axum", folder);
    command.env("SHOP_LISTEN", "127.0.0.1:0").env("SHOP_DATABASE_URL", "sqlite://shop.db");
    command
}

/// Somebody who is logged in to the shop.
struct Member<'a> {
    http: &'a Client,
    server: &'a Server,
    cookie: String,
}

impl<'a> Member<'a> {
    async fn log_in(http: &'a Client, server: &'a Server, email: &str) -> Self {
        let form = format!("email={email}&password=lamps+for+long+evenings");
        let form = http.post(format!("{}/login", server.url)).header("content-type", "application/x-www-form-urlencoded").body(form);
        let answer = form.send().await.unwrap();
        let cookie = answer.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        Self { http, server, cookie }
    }

    async fn asks(&self, method: Method, url: &str, body: Value) -> (u16, Value) {
        let request = self.http.request(method, url).header(COOKIE, &self.cookie).header(ORIGIN, &self.server.url);
        let request = if body.is_null() { request } else { request.json(&body) };
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }
}

#[tokio::test]
async fn a_shop_chats_with_its_own_users() {
    let folder = tempfile::tempdir().unwrap();
    let _ = client();
    let http = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let mut server = Server::run(shop, folder.path());

    // The shop's word counts: who works there is an operator, a customer is not.
    let mia = Member::log_in(&http, &server, "mia@shop.example").await;
    let tom = Member::log_in(&http, &server, "tom@shop.example").await;
    let (status, me) = mia.asks(Method::GET, &server.api("me"), Value::Null).await;
    assert_eq!((status, &me["operator"]["name"]), (200, &json!("Mia")));
    assert_eq!(tom.asks(Method::GET, &server.api("me"), Value::Null).await.0, 401);
    assert_eq!(call(&http, "GET", &server.api("me"), "", None).await.unwrap().0, 401);
    let article = json!({"title": "Opening hours", "body": "The shop is open from nine to six."});
    assert_eq!(mia.asks(Method::POST, &server.api("articles"), article).await.0, 201);

    // The shop proves to the widget who the customer is.
    let (_, identity) = tom.asks(Method::GET, &format!("{}/identity", server.url), Value::Null).await;
    let proof = json!({"identity": identity["token"]});
    let (status, session) = call(&http, "POST", &server.api("widget/session"), "", Some(proof)).await.unwrap();
    assert_eq!((status, &session["contact"]["name"], &session["contact"]["identified"]), (200, &json!("Tom"), &json!(true)));
    let forged = json!({"identity": format!("{}x", identity["token"].as_str().unwrap())});
    let (status, refused) = call(&http, "POST", &server.api("widget/session"), "", Some(forged)).await.unwrap();
    assert_eq!((status, &refused["code"]), (401, &json!("invalid_identity")));

    // They chat; the assistant answers, Mia takes over.
    let token = session["token"].as_str().unwrap();
    let question = json!({"text": "When is the shop open?"});
    let (status, started) = call(&http, "POST", &server.api("widget/conversations"), token, Some(question)).await.unwrap();
    assert_eq!(status, 201, "{started}");
    let id = started["conversation"]["id"].as_str().unwrap().to_owned();
    let mut page = Socket::open(&server.socket(), token).await;
    page.subscribe(&format!("conversation:{id}"), 0).await;
    page.entry(|entry| entry["author"]["type"] == "assistant" && entry["body"]["text"].as_str().unwrap().contains("nine to six")).await;
    let reply = json!({"text": "Hello Tom, we are open today."});
    assert_eq!(mia.asks(Method::POST, &server.api(&format!("conversations/{id}/messages")), reply).await.0, 201);
    let said = page.entry(|entry| entry["author"]["type"] == "operator" && entry["body"]["type"] == "message").await;
    assert_eq!(said["author"]["name"], "Mia");
    let (_, conversation) = mia.asks(Method::GET, &server.api(&format!("conversations/{id}")), Value::Null).await;
    assert_eq!((&conversation["assignee"]["name"], &conversation["contact"]["name"]), (&json!("Mia"), &json!("Tom")));

    // Both live in one file, each with migrations of its own, and survive a kill: also the visitor's token.
    let thread = timeline(&http, &server, "widget/", &id, token).await;
    server.restart();
    assert_eq!(timeline(&http, &server, "widget/", &id, token).await, thread);
    server.kill();
    let options = SqliteConnectOptions::from_str(&format!("sqlite://{}", folder.path().join("shop.db").display())).unwrap();
    let pool = SqlitePool::connect_with(options).await.unwrap();
    for table in ["_sqlx_migrations", "helpdesk_migrations", "users", "helpdesk_conversations"] {
        let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?";
        let count: i64 = sqlx::query_scalar(sql).bind(table).fetch_one(&pool).await.unwrap();
        assert_eq!(count, 1, "{table}");
    }
}
