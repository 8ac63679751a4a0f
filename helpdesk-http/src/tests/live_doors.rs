//! Who gets a live connection, and how it ends.

use std::sync::Arc;
use std::time::Duration;

use axum::http::header;
use axum::http::request::Parts;
use futures_util::SinkExt as _;
use helpdesk_core::async_trait;
use helpdesk_core::model::Role;
use helpdesk_core::store::Store;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_util::sync::CancellationToken;

use super::desk::{Cookie, Desk};
use super::line::Server;
use crate::live::Timing;
use crate::{AuthError, Limits, OperatorAuth, OperatorIdentity, RouterBuilder};

fn quick() -> Timing {
    Timing { authorise: Duration::from_millis(50), ..Timing::default() }
}

async fn a_socket_without_a_good_hello_is_closed(store: Arc<dyn Store>) {
    let desk = Desk::open(store.clone()).await;
    let server = Server::of(&desk).await;
    for (hello, code) in [
        (json!({"type": "hello", "protocol": 1}), 4401),
        (json!({"type": "hello", "protocol": 1, "token": "x"}), 4401),
        (json!({"type": "hello", "protocol": 1, "token": "hdv_a.b"}), 4401),
        (json!({"type": "hello", "protocol": 1, "token": "a\u{0}b"}), 4401),
        (json!({"type": "hello", "protocol": 0, "token": desk.token}), 4410),
        (json!({"type": "ping"}), 4401),
        (json!({"type": "hello", "protocol": 1, "colour": "red"}), 4403),
    ] {
        let mut line = server.open(&[]).await;
        line.say(hello.clone()).await;
        assert_eq!(line.closed().await, code, "{hello}");
    }
    // What the client wrote wrong is said before the socket is closed for good.
    let mut line = server.open(&[]).await;
    line.say(json!({"type": "hello", "protocol": 1, "colour": "red"})).await;
    assert_eq!(line.next().await["code"], "unknown_field");
    assert_eq!(line.closed().await, 4403);
    let mut silent = Desk::with(store, |builder| builder.timing(Timing { hello: Duration::from_millis(50), ..Timing::default() })).await;
    silent.token.clear();
    let server = Server::of(&silent).await;
    assert_eq!(server.open(&[]).await.closed().await, 4401);
}

async fn a_cookie_opens_a_socket_only_from_our_own_pages(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let server = Server::of(&desk).await;
    let own = format!("http://{}", server.address);
    let mut line = server.open(&[("cookie", "who=bea"), ("origin", &own)]).await;
    line.say(json!({"type": "hello", "protocol": 1})).await;
    assert_eq!(line.next().await["actor"]["type"], "operator");
    for headers in [&[("cookie", "who=bea"), ("origin", "https://evil.example")][..], &[("cookie", "who=bea")]] {
        let mut line = server.open(headers).await;
        line.say(json!({"type": "hello", "protocol": 1})).await;
        assert_eq!(line.closed().await, 4403);
    }
    let visitor = desk.visitor().await;
    let mut widget = server.open(&[("origin", "https://any.example")]).await;
    widget.say(json!({"type": "hello", "protocol": 1, "token": visitor})).await;
    assert_eq!(widget.next().await["actor"]["type"], "contact");
}

/// A host with a session and with tokens of its own.
struct TokenOrCookie;

#[async_trait]
impl OperatorAuth for TokenOrCookie {
    async fn authenticate(&self, request: &Parts) -> Result<Option<OperatorIdentity>, AuthError> {
        let token = request.headers.get(header::AUTHORIZATION).is_some_and(|value| value == "Bearer the-hosts-own");
        if token { Ok(Some(OperatorIdentity::new("cli", "Cli", Role::Operator))) } else { Cookie.authenticate(request).await }
    }
}

async fn a_token_in_the_first_frame_does_not_excuse_a_foreign_page(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let server = Server::of(&desk).await;
    let own = format!("http://{}", server.address);
    let hello = json!({"type": "hello", "protocol": 1, "token": "x"});
    // The host knows the cookie and never looks at the token.
    for headers in [&[("cookie", "who=bea"), ("origin", "https://evil.example")][..], &[("cookie", "who=bea")]] {
        let mut line = server.open(headers).await;
        line.say(hello.clone()).await;
        assert_eq!(line.next().await["code"], "forbidden");
        assert_eq!(line.closed().await, 4403);
    }
    let mut line = server.open(&[("cookie", "who=bea"), ("origin", &own)]).await;
    line.say(hello).await;
    assert_eq!(line.next().await["actor"]["type"], "operator");
}

async fn a_token_of_the_hosts_opens_a_socket_for_programs_and_our_own_pages(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let router = RouterBuilder::new(desk.desk.clone(), TokenOrCookie).timing(quick()).build();
    let desk = Desk { router, ..desk };
    let server = Server::of(&desk).await;
    let own = format!("http://{}", server.address);
    let hello = json!({"type": "hello", "protocol": 1, "token": "the-hosts-own"});
    for headers in [&[][..], &[("origin", &*own)], &[("origin", &*own), ("cookie", "who=bea")]] {
        let mut line = server.open(headers).await;
        line.say(hello.clone()).await;
        assert_eq!(line.next().await["actor"]["type"], "operator", "{headers:?}");
    }
    for headers in [&[("origin", "https://evil.example")][..], &[("cookie", "theme=dark")], &[("origin", "null")]] {
        let mut line = server.open(headers).await;
        line.say(hello.clone()).await;
        assert_eq!(line.closed().await, 4403, "{headers:?}");
    }
    // No page can put a header on its socket: whoever did is a program, whatever origin it claims.
    let mut line = server.open(&[("authorization", "Bearer the-hosts-own"), ("origin", "https://any.example")]).await;
    line.say(json!({"type": "hello", "protocol": 1})).await;
    assert_eq!(line.next().await["actor"]["type"], "operator");
    // An API token proves itself; the page that says it had to know it.
    let mut line = server.open(&[("cookie", "who=bea"), ("origin", "https://any.example")]).await;
    line.say(json!({"type": "hello", "protocol": 1, "token": desk.token})).await;
    assert_eq!(line.next().await["actor"]["id"], desk.owner.id().to_string());
}

async fn the_team_is_shown_only_pages_that_are_safe_to_open(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let server = Server::of(&desk).await;
    let mut team = server.hello(&desk.token).await;
    team.subscribe("queue", Value::Null).await;
    let (long, title) = (format!("https://shop.example/{}", "x".repeat(3000)), "t".repeat(1000));
    for (page, url, titled) in [
        (json!({"url": "https://shop.example/cart", "title": "Your\ncart"}), json!("https://shop.example/cart"), json!("Your cart")),
        (json!({"url": "https://shop.example/", "title": title}), json!("https://shop.example/"), json!(title[..200])),
        (json!({"url": "javascript:alert(1)", "title": "Free"}), Value::Null, Value::Null),
        (json!({"url": "/cart"}), Value::Null, Value::Null),
        (json!({"url": long}), Value::Null, Value::Null),
        (json!({"url": "https://shop.example/\u{7}"}), Value::Null, Value::Null),
    ] {
        let mut line = server.open(&[]).await;
        line.say(json!({"type": "hello", "protocol": 1, "token": desk.visitor().await, "page": page})).await;
        let actor = line.next().await["actor"].clone();
        let seen = loop {
            let presence = team.next_of("presence").await;
            if presence["actor"] == actor {
                break presence;
            }
        };
        assert_eq!((&seen["page"]["url"], &seen["page"]["title"]), (&url, &titled), "{page}");
    }
}

async fn foreign_topics_are_not_found(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let server = Server::of(&desk).await;
    let id = desk.conversation(&desk.visitor().await, "hello").await;
    let (_, owner, stranger) = desk.neighbour().await;
    for token in [&owner, &stranger, &desk.visitor().await] {
        let mut line = server.hello(token).await;
        let topic = format!("conversation:{id}");
        let answer = line.subscribe(&topic, Value::Null).await;
        assert_eq!(
            (answer["type"].as_str(), answer["code"].as_str(), answer["topic"].as_str()),
            (Some("error"), Some("not_found"), Some(topic.as_str()))
        );
        line.say(json!({"type": "send", "client_id": "c", "conversation": id, "text": "intrusion"})).await;
        assert_eq!(line.next_of("error").await["code"], "not_found");
        line.say(json!({"type": "read", "conversation": id, "seq": 1})).await;
        assert_eq!(line.next_of("error").await["code"], "not_found");
        line.say(json!({"type": "typing", "conversation": id})).await;
        assert_eq!(line.next_of("error").await["code"], "not_found");
    }
    let mut contact = server.hello(&desk.visitor().await).await;
    assert_eq!(contact.subscribe("queue", Value::Null).await["code"], "not_found");
}

async fn frames_that_mean_no_good_are_refused_and_the_socket_lives(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let server = Server::of(&desk).await;
    let mut line = server.hello(&desk.visitor().await).await;
    for (text, code) in [
        ("", "malformed_json"),
        ("{", "malformed_json"),
        ("[]", "invalid"),
        ("null", "invalid"),
        (r#"{"type":"nothing"}"#, "invalid"),
        (r#"{"type":"ping","x":1}"#, "unknown_field"),
        (r#"{"type":"subscribe","topic":"all"}"#, "invalid"),
        (r#"{"type":"read","conversation":"x","seq":1}"#, "invalid"),
        (r#"{"type":"hello","protocol":1}"#, "invalid"),
        (r#"{"type":"subscribe","topic":"queue","after":{"a":[]}}"#, "invalid"),
    ] {
        line.socket.send(Message::text(text.to_owned())).await.unwrap();
        let answer = line.next().await;
        assert_eq!((answer["type"].as_str(), answer["code"].as_str()), (Some("error"), Some(code)), "{text}: {answer}");
    }
    line.socket.send(Message::binary(vec![0_u8; 10])).await.unwrap();
    assert_eq!(line.next().await["code"], "unsupported_media_type");
    line.say(json!({"type": "ping"})).await;
    assert_eq!(line.next().await["type"], "pong");
    // Who sent a message learns which one it was, as far as that can be read.
    for unreadable in
        [json!({"type": "send", "client_id": "c7", "text": "hi"}), json!({"type": "send", "client_id": "c7", "conversation": 1})]
    {
        line.say(unreadable).await;
        assert_eq!(line.next().await["client_id"], "c7");
    }
    for length in [65_537, 70_000, 2_000_000] {
        let mut line = server.hello(&desk.visitor().await).await;
        // The rest may not get through any more.
        let _ = line.socket.send(Message::text("x".repeat(length))).await;
        assert_eq!(line.closed().await, 1009, "{length}");
    }
}

async fn rights_that_are_withdrawn_end_the_socket(store: Arc<dyn Store>) {
    let desk = Desk::with(store, |builder| builder.timing(quick())).await;
    let server = Server::of(&desk).await;
    let made = desk.team("POST", "/api/v1/tokens", json!({"name": "short-lived"})).await.ok();
    let mut line = server.hello(made["secret"].as_str().unwrap()).await;
    line.subscribe("queue", Value::Null).await;
    desk.team("DELETE", &format!("/api/v1/tokens/{}", made["token"]["id"].as_str().unwrap()), Value::Null).await;
    assert_eq!(line.closed().await, 4401);
}

async fn a_server_that_goes_down_says_so(store: Arc<dyn Store>) {
    let draining = CancellationToken::new();
    let desk = Desk::with(store, |builder| builder.draining(draining.clone())).await;
    let server = Server::of(&desk).await;
    let mut line = server.hello(&desk.token).await;
    let mut unknown = server.open(&[]).await;
    draining.cancel();
    assert_eq!(line.closed().await, 1012);
    assert_eq!(unknown.closed().await, 1012);
    assert_eq!(desk.call("GET", "/readyz", "", None).await.problem(), (503, "draining".to_owned()));
}

async fn a_client_that_says_nothing_is_closed_and_one_has_a_bounded_number_of_sockets(store: Arc<dyn Store>) {
    let limits = Limits { sockets_per_visitor: 1, ..Limits::default() };
    let timing = Timing { idle: Duration::from_millis(200), ..Timing::default() };
    let desk = Desk::with(store, |builder| builder.timing(timing).limits(limits)).await;
    let server = Server::of(&desk).await;
    let visitor = desk.visitor().await;
    let mut first = server.hello(&visitor).await;
    let mut second = server.open(&[]).await;
    second.say(json!({"type": "hello", "protocol": 1, "token": visitor})).await;
    assert_eq!(second.closed().await, 1013);
    assert_eq!(first.closed().await, 1000);
}

async fn few_may_wait_at_the_door_and_who_is_let_in_waits_no_more(store: Arc<dyn Store>) {
    let limits = Limits { unproven_sockets: 1, ..Limits::default() };
    let desk = Desk::with(store, |builder| builder.limits(limits)).await;
    let server = Server::of(&desk).await;
    let mut first = server.open(&[]).await;
    let refused = tokio_tungstenite::connect_async(format!("ws://{}/api/v1/ws", server.address)).await.unwrap_err();
    let Error::Http(refused) = refused else { panic!("{refused:?}") };
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (503, "1"));
    first.say(json!({"type": "hello", "protocol": 1, "token": desk.token})).await;
    assert_eq!(first.next().await["type"], "welcome");
    server.hello(&desk.visitor().await).await;
}

async fn a_client_that_takes_nothing_in_is_dropped(store: Arc<dyn Store>) {
    let timing = Timing { send: Duration::from_millis(200), ..Timing::default() };
    let desk = Desk::with(store, |builder| builder.timing(timing)).await;
    let server = Server::of(&desk).await;
    let id = desk.conversation(&desk.visitor().await, "hello").await;
    let mut line = server.hello(&desk.token).await;
    let topic = format!("conversation:{id}");
    for _ in 0..200 {
        desk.team("POST", &format!("/api/v1/conversations/{id}/notes"), json!({"text": "x".repeat(10_000)})).await.ok();
    }
    // Each replay is two megabytes, and nobody reads.
    for _ in 0..20 {
        if line.socket.send(Message::text(json!({"type": "subscribe", "topic": topic, "after": 0}).to_string())).await.is_err() {
            break;
        }
    }
    tokio::time::timeout(Duration::from_secs(20), async {
        while desk.desk.workspace(desk.owner.workspace().id()).is_online(helpdesk_core::bus::LiveActor::Operator(desk.owner.id())) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("the socket is still held");
    assert_eq!(line.closed().await, 4408, "once it goes on reading it learns why");
}

crate::kinds::on_every_store!(
    a_socket_without_a_good_hello_is_closed,
    a_cookie_opens_a_socket_only_from_our_own_pages,
    a_token_in_the_first_frame_does_not_excuse_a_foreign_page,
    a_token_of_the_hosts_opens_a_socket_for_programs_and_our_own_pages,
    the_team_is_shown_only_pages_that_are_safe_to_open,
    foreign_topics_are_not_found,
    frames_that_mean_no_good_are_refused_and_the_socket_lives,
    rights_that_are_withdrawn_end_the_socket,
    a_server_that_goes_down_says_so,
    a_client_that_says_nothing_is_closed_and_one_has_a_bounded_number_of_sockets,
    few_may_wait_at_the_door_and_who_is_let_in_waits_no_more,
    a_client_that_takes_nothing_in_is_dropped,
);
