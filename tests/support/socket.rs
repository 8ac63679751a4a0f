//! The live socket, as a client of the protocol page sees it.
#![allow(dead_code, reason = "each story uses its own part")]

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// How long a frame may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// An open socket that said hello and was welcomed.
pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Entries that came and were not looked at: one frame may bring several.
    entries: VecDeque<Value>,
    /// How far the conversation was told: where to go on after a reconnect.
    pub(crate) cursor: u64,
}

impl Socket {
    /// Connects with this token.
    pub(crate) async fn open(url: &str, token: &str) -> Self {
        Self::open_on(url, token, Value::Null).await
    }

    /// Connects with this token, from a page that says what it is.
    pub(crate) async fn open_on(url: &str, token: &str, page: Value) -> Self {
        let mut socket = Self { stream: connect_async(url).await.unwrap().0, entries: VecDeque::new(), cursor: 0 };
        socket.say(json!({"type": "hello", "protocol": 1, "token": token, "page": page})).await;
        socket.until(|frame| frame["type"] == "welcome").await;
        socket
    }

    /// Sends a frame.
    pub(crate) async fn say(&mut self, frame: Value) {
        self.stream.send(Message::text(frame.to_string())).await.unwrap();
    }

    /// Subscribes to a topic.
    pub(crate) async fn subscribe(&mut self, topic: &str, after: u64) {
        self.say(json!({"type": "subscribe", "topic": topic, "after": after})).await;
    }

    /// The next frame; or the code with which the server closed.
    pub(crate) async fn next(&mut self) -> Result<Value, u16> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.stream.next()).await.expect("a frame in time");
            match message.expect("a frame or a close frame").unwrap() {
                Message::Text(text) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    if frame["type"] == "changed" {
                        self.cursor = frame["version"].as_u64().unwrap();
                    }
                    self.entries.extend(frame["entries"].as_array().into_iter().flatten().cloned());
                    return Ok(frame);
                }
                Message::Close(frame) => return Err(frame.map_or(1005, |frame| frame.code.into())),
                _ => {}
            }
        }
    }

    /// The first frame that is wanted; others are passed over.
    pub(crate) async fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut seen = Vec::new();
        loop {
            match self.next().await {
                Ok(frame) if wanted(&frame) => return frame,
                Ok(frame) => seen.push(frame),
                Err(code) => panic!("closed with {code} after {seen:#?}"),
            }
        }
    }

    /// The first entry that is wanted, of those not looked at yet.
    pub(crate) async fn entry(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            while let Some(entry) = self.entries.pop_front() {
                if wanted(&entry) {
                    return entry;
                }
            }
            self.until(|frame| frame["type"] == "changed").await;
        }
    }
}
