//! Nothing is missed over a reconnect: up to ten thousand events, fifty sockets cut at random, the server restarted twice.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a story that cannot go on fails, and says what it measured")]

#[path = "support/place.rs"]
mod place;
#[path = "support/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use place::Place;
use rand::RngExt as _;
use serde_json::{Value, json};
use server::{OWNER, call, client, timeline, visitor};
use tokio::sync::watch;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

const CONVERSATIONS: usize = 10;

/// How much is done.
#[derive(Clone, Copy)]
struct Size {
    events: usize,
    sockets: usize,
}

impl Size {
    /// On Postgres an unoptimised server does less in two minutes, most of all on a small machine that runs the database too.
    fn on(place: &Place) -> Self {
        if place.is_file() { Self { events: 10_000, sockets: 50 } } else { Self { events: 2_000, sockets: 20 } }
    }
}

/// A client's log, and what proves it.
#[derive(Default)]
struct Log {
    cursor: u64,
    entries: BTreeMap<u64, Value>,
    reconnects: usize,
}

impl Log {
    /// Applies a frame by the rules of the protocol page; false: there is a gap, subscribe again.
    fn apply(&mut self, frame: &Value) -> bool {
        let (prev, version) = (frame["prev"].as_u64().unwrap(), frame["version"].as_u64().unwrap());
        if prev != self.cursor {
            return false;
        }
        for entry in frame["entries"].as_array().unwrap() {
            let seq = entry["seq"].as_u64().unwrap();
            let before = self.entries.insert(seq, entry.clone());
            assert!(before.is_none_or(|before| before["rev"].as_u64() < entry["rev"].as_u64()), "entry {seq} came twice");
        }
        self.cursor = version;
        true
    }
}

place::on_both_databases!(sockets_cut_at_random_see_all_of_many_events_once_and_in_order);

async fn sockets_cut_at_random_see_all_of_many_events_once_and_in_order(place: Place) {
    let Size { events, sockets } = Size::on(&place);
    let http = client();
    let mut server = place.server();
    let mut conversations = Vec::new();
    for _ in 0..CONVERSATIONS {
        let token = visitor(&http, &server).await;
        let started = call(&http, "POST", &server.api("widget/conversations"), &token, Some(json!({"text": "Hello?"}))).await.unwrap();
        assert_eq!(started.0, 201, "{}", started.1);
        conversations.push((started.1["conversation"]["id"].as_str().unwrap().to_owned(), token));
    }
    let (address, _) = watch::channel(server.socket());
    let done = Arc::new(AtomicBool::new(false));
    let listeners: Vec<_> = (0..sockets)
        .map(|n| {
            let (conversation, visitor) = conversations[n % CONVERSATIONS].clone();
            // Half of them are the team's, half the contacts' own.
            let token = if (n / CONVERSATIONS).is_multiple_of(2) { OWNER.to_owned() } else { visitor };
            let task = tokio::spawn(follow(address.subscribe(), conversation.clone(), token.clone(), done.clone()));
            (conversation, token, task)
        })
        .collect();

    let written = Arc::new(AtomicUsize::new(0));
    let (api, _) = watch::channel(server.api("conversations"));
    let writers: Vec<_> = (0..CONVERSATIONS)
        .map(|n| {
            tokio::spawn(write(http.clone(), api.subscribe(), conversations[n].0.clone(), (n, events / CONVERSATIONS), written.clone()))
        })
        .collect();
    for part in [events / 3, 2 * events / 3] {
        while written.load(Ordering::Relaxed) < part {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        server.restart();
        address.send_replace(server.socket());
        api.send_replace(server.api("conversations"));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    done.store(true, Ordering::Relaxed);
    let mut reconnects = 0;
    for (conversation, token, task) in listeners {
        let log = task.await.unwrap();
        let side = if token == OWNER { "" } else { "widget/" };
        let stored = timeline(&http, &server, side, &conversation, &token).await;
        let seen: Vec<Value> = log.entries.into_values().collect();
        assert_eq!(seen.len(), stored.len(), "{side}{conversation}");
        assert_eq!(seen, stored, "{side}{conversation}");
        reconnects += log.reconnects;
    }
    println!("{events} events, {sockets} sockets, {reconnects} reconnects");
    assert!(reconnects > sockets, "the sockets were hardly cut: {reconnects}");
}

/// Writes a conversation's share of the events: replies and notes, again with the same id until acknowledged.
async fn write(
    http: reqwest::Client,
    api: watch::Receiver<String>,
    conversation: String,
    (writer, events): (usize, usize),
    written: Arc<AtomicUsize>,
) {
    for n in 0..events {
        let kind = if n % 4 == 0 { "notes" } else { "messages" };
        let body = json!({"client_id": format!("w{writer}-{n}"), "text": format!("event {n} of writer {writer}")});
        loop {
            let url = format!("{}/{conversation}/{kind}", api.borrow().clone());
            match call(&http, "POST", &url, OWNER, Some(body.clone())).await {
                Ok((200 | 201, _)) => break,
                Ok((429 | 503, _)) | Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                Ok((status, problem)) => panic!("{status}: {problem}"),
            }
        }
        written.fetch_add(1, Ordering::Relaxed);
    }
}

/// Follows a conversation over many sockets, each cut after a random time, until nothing more comes.
async fn follow(address: watch::Receiver<String>, conversation: String, token: String, done: Arc<AtomicBool>) -> Log {
    let mut log = Log::default();
    loop {
        let finished = done.load(Ordering::Relaxed);
        let life = Duration::from_millis(rand::rng().random_range(20..1500));
        let life = if finished { Duration::from_secs(60) } else { life };
        let url = address.borrow().clone();
        let _ = tokio::time::timeout(life, listen(&url, &conversation, &token, &mut log, finished)).await;
        if finished {
            return log;
        }
        log.reconnects += 1;
    }
}

/// One socket. With `to_the_end` it returns when the last version is applied.
async fn listen(url: &str, conversation: &str, token: &str, log: &mut Log, to_the_end: bool) -> Option<()> {
    let (mut socket, _) = connect_async(url).await.ok()?;
    let topic = format!("conversation:{conversation}");
    let hello = json!({"type": "hello", "protocol": 1, "token": token});
    socket.send(Message::text(hello.to_string())).await.ok()?;
    let subscribe = |after: u64| Message::text(json!({"type": "subscribe", "topic": topic, "after": after}).to_string());
    socket.send(subscribe(log.cursor)).await.ok()?;
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        let frame: Value = serde_json::from_str(&text).unwrap();
        match frame["type"].as_str().unwrap() {
            "changed" if !log.apply(&frame) => socket.send(subscribe(log.cursor)).await.ok()?,
            "changed" if to_the_end && frame["summary"]["seq"].as_u64() == log.entries.keys().last().copied() => return Some(()),
            "changed" => {}
            "resync" => panic!("a cursor was lost"),
            "error" => panic!("{frame}"),
            _ => {}
        }
    }
    None
}
