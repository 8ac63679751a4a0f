//! What happens in a conversation is told to sockets that wait without waking them; nobody may notice.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use helpdesk_core::store::MemoryStore;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

use super::desk::Desk;
use super::line::{Line, Server};
use crate::live::Timing;

async fn note(desk: &Desk, conversation: &str, text: &str) {
    desk.team("POST", &format!("/api/v1/conversations/{conversation}/notes"), json!({"text": text})).await.ok();
}

/// Somebody of the team who looks on, and the version from which on.
async fn onlooker(server: &Server, desk: &Desk, conversation: &str) -> (Line, Value) {
    let mut line = server.hello(&desk.token).await;
    let begun = line.subscribe(&format!("conversation:{conversation}"), Value::Null).await;
    (line, begun["version"].clone())
}

/// Takes in changes until this version; each begins where the one before ended. The entries that they told of.
async fn follow(line: &mut Line, mut at: Value, until: &Value) -> Vec<u64> {
    let mut entries = Vec::new();
    while at != *until {
        let frame = line.next_of("changed").await;
        assert_eq!(frame["prev"], at);
        entries.extend(frame["entries"].as_array().unwrap().iter().map(|entry| entry["seq"].as_u64().unwrap()));
        at = frame["version"].clone();
    }
    entries
}

#[tokio::test]
async fn who_does_not_read_is_told_all_of_it_later_and_the_others_at_once() {
    // More than the buffers of a connection hold.
    const ENTRIES: usize = 1_500;
    const LENGTH: usize = 10_000;
    let timing = Timing { send: Duration::from_secs(60), ..Timing::default() };
    let desk = Desk::with(MemoryStore::new(), |builder| builder.timing(timing)).await;
    let server = Server::of(&desk).await;
    let id = desk.conversation(&desk.visitor().await, "hello").await;
    let (mut slow, begun_slow) = onlooker(&server, &desk, &id).await;
    let (mut quick, mut at) = onlooker(&server, &desk, &id).await;
    let text = "x".repeat(LENGTH);
    for number in 0..ENTRIES {
        note(&desk, &id, &text).await;
        let frame = quick.next_of("changed").await;
        assert_eq!(frame["prev"], at, "{number}");
        at = frame["version"].clone();
    }
    let entries = follow(&mut slow, begun_slow, &at).await;
    assert_eq!(entries.len(), ENTRIES);
    assert!(entries.is_sorted_by(|one, next| one < next), "{entries:?}");
    // And then it is one of those who are told at once.
    note(&desk, &id, "for both").await;
    for line in [&mut slow, &mut quick] {
        assert_eq!(line.next_of("changed").await["prev"], at);
    }
}

#[tokio::test]
async fn a_socket_that_is_closed_while_much_is_told_ends_with_the_farewell() {
    let draining = CancellationToken::new();
    let desk = Desk::with(MemoryStore::new(), |builder| builder.draining(draining.clone())).await;
    let server = Server::of(&desk).await;
    let id = desk.conversation(&desk.visitor().await, "hello").await;
    let (mut line, mut at) = onlooker(&server, &desk, &id).await;
    let telling = Box::pin(async {
        loop {
            note(&desk, &id, "on and on").await;
        }
    });
    let listening = Box::pin(async {
        let mut told = 0;
        loop {
            match line.socket.next().await.unwrap().unwrap() {
                Message::Text(text) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    assert_eq!(frame["prev"], at);
                    at = frame["version"].clone();
                    told += 1;
                    if told == 50 {
                        draining.cancel();
                    }
                }
                Message::Close(Some(farewell)) => break assert_eq!(u16::from(farewell.code), 1012),
                other => panic!("not a frame: {other:?}"),
            }
        }
        // The answer to the farewell is written, and then the connection ends.
        assert!(line.socket.next().await.is_none(), "nothing is told behind the farewell");
    });
    match tokio::time::timeout(Duration::from_secs(20), select(listening, telling)).await.expect("it is closed within twenty seconds") {
        Either::Left(((), _)) => {}
        Either::Right((never, _)) => never,
    }
}

#[tokio::test]
async fn who_left_a_conversation_or_listens_anew_is_told_nothing_twice() {
    let desk = Desk::open(MemoryStore::new()).await;
    let server = Server::of(&desk).await;
    let id = desk.conversation(&desk.visitor().await, "hello").await;
    let (mut line, begun) = onlooker(&server, &desk, &id).await;
    let (mut witness, at) = onlooker(&server, &desk, &id).await;
    note(&desk, &id, "one").await;
    let one = line.next_of("changed").await;
    assert_eq!((&one["prev"], &witness.next_of("changed").await["prev"]), (&begun, &at));
    let topic = format!("conversation:{id}");
    line.say(json!({"type": "unsubscribe", "topic": topic})).await;
    line.say(json!({"type": "ping"})).await;
    line.next_of("pong").await;
    note(&desk, &id, "two").await;
    let two = witness.next_of("changed").await;
    let replay = line.subscribe(&topic, one["version"].clone()).await;
    assert_eq!((&replay["prev"], &replay["version"]), (&one["version"], &two["version"]));
    note(&desk, &id, "three").await;
    let three = line.next().await;
    assert_eq!((&three["prev"], three["entries"].as_array().map(Vec::len)), (&replay["version"], Some(1)));
}
