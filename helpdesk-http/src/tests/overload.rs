//! A store that stalls, bodies that trickle in, sockets that flood or drip: bounded, told so, and nobody else's trouble.

use std::time::{Duration, Instant};

use axum::http::header;
use futures_util::SinkExt as _;
use helpdesk_core::store::MemoryStore;
use helpdesk_core::testing::CountingStore;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::tungstenite::Message;

use super::desk::{Answer, Desk, request};
use super::line::Server;
use crate::Limits;
use crate::live::Timing;

/// Many more than a node works on at once.
const SENDS: usize = 4_000;
/// What a node works on at once.
const AT_ONCE: u64 = 1_024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_store_stalls_the_excess_is_sent_away_at_once_and_what_is_acknowledged_is_there() {
    let store = CountingStore::new(MemoryStore::new());
    let desk = Desk::with(store.clone(), |builder| builder).await;
    let mut visitors = Vec::new();
    for _ in 0..SENDS {
        visitors.push(desk.visitor().await);
    }
    let _before = store.take();
    let gate = store.stall();
    let mut sends = JoinSet::new();
    for (number, visitor) in visitors.iter().cloned().enumerate() {
        let router = desk.router.clone();
        sends.spawn(async move {
            let body = json!({"text": format!("message {number}"), "client_id": "first"});
            let sent = request("POST", "/api/v1/widget/conversations", &visitor, Some(body));
            let response = tower::ServiceExt::oneshot(router, sent).await.unwrap();
            let (head, body) = response.into_parts();
            let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
            (visitor, Answer { status: head.status, headers: head.headers, bytes })
        });
    }
    let (mut acknowledged, mut turned_away) = (Vec::new(), Vec::new());
    // Nothing passes the gate, so whoever is answered was sent away; those who hold a place are not.
    while sends.len() > AT_ONCE as usize {
        let (visitor, answer) = sends.join_next().await.unwrap().unwrap();
        assert_eq!(answer.problem(), (503, "busy".to_owned()));
        assert!(answer.headers.contains_key(header::RETRY_AFTER));
        turned_away.push(visitor);
    }
    let commits = store.take().get("commit").copied().unwrap_or_default() as u64;
    assert!(commits <= AT_ONCE, "{commits} commits wait in the store");
    // What asks nothing of the writer is answered meanwhile.
    desk.team("GET", "/api/v1/conversations", Value::Null).await.ok();
    assert_eq!(desk.call("GET", "/readyz", "", None).await.status, 200);

    gate.open();
    while let Some(done) = sends.join_next().await {
        let (visitor, answer) = done.unwrap();
        match answer.status.as_u16() {
            201 => acknowledged.push((visitor, answer.json()["entry"]["body"]["text"].clone())),
            // It waited for another of its stripe for too long.
            _ => assert_eq!(answer.problem(), (503, "busy".to_owned())),
        }
    }
    assert!(!acknowledged.is_empty());
    for (visitor, text) in &acknowledged {
        let own = desk.call("GET", "/api/v1/widget/conversations", visitor, None).await.ok();
        assert_eq!(own["items"][0]["last_message"]["text"], *text);
    }
    // Whoever comes again is served.
    for visitor in turned_away.iter().take(20) {
        let body = json!({"text": "once more", "client_id": "first"});
        desk.call("POST", "/api/v1/widget/conversations", visitor, Some(body)).await.ok();
    }
}

#[tokio::test]
async fn callers_who_go_away_while_the_store_stalls_keep_their_places_until_it_goes_on() {
    let store = CountingStore::new(MemoryStore::new());
    let desk = Desk::with(store.clone(), |builder| builder).await;
    let gate = store.stall();
    let mut sent_away = 0;
    // Impatient clients that come again and again: each attempt leaves a commit in the store.
    for round in 0..3_000 {
        let visitor = desk.visitor().await;
        let sent = desk.call("POST", "/api/v1/widget/conversations", &visitor, Some(json!({"text": format!("try {round}")})));
        let mut sent = std::pin::pin!(sent);
        for _ in 0..20 {
            if let Some(answer) = futures_util::FutureExt::now_or_never(&mut sent) {
                assert_eq!(answer.problem(), (503, "busy".to_owned()));
                sent_away += 1;
                break;
            }
            tokio::task::yield_now().await;
        }
    }
    let commits = store.take().get("commit").copied().unwrap_or_default() as u64;
    assert!(commits <= AT_ONCE + 10, "{commits} commits wait in the store");
    assert!(sent_away >= 3_000 - AT_ONCE as usize, "{sent_away} of 3000");
    gate.open();
}

/// A request whose body never ends.
async fn trickle(server: &Server, token: &str, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: desk\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

async fn answered(stream: &mut TcpStream) -> String {
    let mut text = vec![0; 4096];
    let length = stream.read(&mut text).await.unwrap();
    String::from_utf8_lossy(&text[..length]).into_owned()
}

#[tokio::test]
async fn bodies_that_trickle_in_take_nobodys_place_and_end() {
    let limits = Limits { requests_at_once: 1, slow_bodies: 3, ..Limits::default() };
    let timing = Timing { body: Duration::from_millis(600), ..Timing::default() };
    let desk = Desk::with(MemoryStore::new(), |builder| builder.limits(limits).timing(timing)).await;
    let visitor = desk.visitor().await;
    let id = desk.conversation(&visitor, "hello").await;
    let path = format!("/api/v1/widget/conversations/{id}/messages");
    let server = Server::of(&desk).await;
    let mut slow = Vec::new();
    for _ in 0..3 {
        slow.push(trickle(&server, &visitor, &path).await);
    }
    // One too many waits: told at once.
    let begin = Instant::now();
    loop {
        let mut another = trickle(&server, &visitor, &path).await;
        let answer = tokio::time::timeout(Duration::from_millis(300), answered(&mut another)).await;
        // Those before it may not have been looked at yet; then this one waits in their place.
        match answer {
            Ok(answer) => {
                assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("retry-after: "), "{answer}");
                break;
            }
            Err(_) => assert!(begin.elapsed() < Duration::from_secs(5), "all wait"),
        }
    }
    // Only one request may be worked on at a time, and those that wait are not worked on.
    desk.call("POST", &path, &visitor, Some(json!({"text": "and another"}))).await.ok();
    for stream in &mut slow {
        let answer = answered(stream).await;
        assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("\"timeout\""), "{answer}");
    }
    desk.call("POST", &path, &visitor, Some(json!({"text": "and one more"}))).await.ok();
}

#[tokio::test]
async fn a_request_that_became_a_socket_or_a_stream_is_over() {
    let limits = Limits { requests_at_once: 1, ..Limits::default() };
    let desk = Desk::with(MemoryStore::new(), |builder| builder.limits(limits)).await;
    let visitor = desk.visitor().await;
    let id = desk.conversation(&visitor, "hello").await;
    let server = Server::of(&desk).await;
    let _first = server.hello(&visitor).await;
    let _second = server.hello(&desk.token).await;
    let stream = request("GET", &format!("/api/v1/events?topic=conversation:{id}"), &desk.token, None);
    let _stream = tower::ServiceExt::oneshot(desk.router.clone(), stream).await.unwrap();
    desk.team("GET", "/api/v1/me", Value::Null).await.ok();
}

#[tokio::test]
async fn a_socket_that_floods_is_closed_and_others_are_served() {
    let desk = Desk::open(MemoryStore::new()).await;
    let server = Server::of(&desk).await;
    let visitor = desk.visitor().await;
    let mut other = server.hello(&desk.visitor().await).await;
    for flood in [Message::text(r#"{"type":"ping"}"#), Message::text("x"), Message::binary(vec![0; 10]), Message::Ping(vec![0].into())] {
        let mut line = server.hello(&visitor).await;
        for _ in 0..2_000 {
            if line.socket.feed(flood.clone()).await.is_err() {
                break;
            }
        }
        let _broken = line.socket.flush().await;
        assert_eq!(line.closed().await, 1013, "{flood:?}");
        other.say(json!({"type": "ping"})).await;
        assert_eq!(other.next().await["type"], "pong");
    }
}

#[tokio::test]
async fn a_socket_that_drips_is_closed_as_a_silent_one() {
    let timing = Timing { idle: Duration::from_millis(400), ..Timing::default() };
    let desk = Desk::with(MemoryStore::new(), |builder| builder.timing(timing)).await;
    let server = Server::of(&desk).await;
    let mut line = server.hello(&desk.visitor().await).await;
    let MaybeTlsStream::Plain(stream) = line.socket.get_mut() else { panic!("no TLS here") };
    // A frame of sixty kilobytes, a byte at a time: it is not one until it is whole.
    stream.write_all(&[0x81, 0xfe, 0xea, 0x60, 0, 0, 0, 0]).await.unwrap();
    let begin = Instant::now();
    loop {
        let MaybeTlsStream::Plain(stream) = line.socket.get_mut() else { panic!("no TLS here") };
        let _closed = stream.write_all(b"x").await;
        if let Ok(code) = tokio::time::timeout(Duration::from_millis(50), line.closed()).await {
            assert_eq!(code, 1000);
            break;
        }
        assert!(begin.elapsed() < Duration::from_secs(5), "the socket is still open");
    }
}
