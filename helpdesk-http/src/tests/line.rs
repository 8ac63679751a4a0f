//! A live connection, as a program holds one.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::HeaderValue;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::desk::Desk;

/// Longer than anything takes here; what does not come within it does not come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server on the loopback.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    pub(super) async fn of(desk: &Desk) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = desk.router.clone();
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, task }
    }

    /// Opens a socket and says nothing.
    pub(super) async fn open(&self, headers: &[(&'static str, &str)]) -> Line {
        let mut request = format!("ws://{}/api/v1/ws", self.address).into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_str(value).unwrap());
        }
        Line { socket: connect_async(request).await.unwrap().0 }
    }

    /// Opens a socket and is welcomed.
    pub(super) async fn hello(&self, token: &str) -> Line {
        let mut line = self.open(&[]).await;
        line.say(json!({"type": "hello", "protocol": 1, "token": token})).await;
        assert_eq!(line.next().await["type"], "welcome");
        line
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A socket.
pub(super) struct Line {
    pub(super) socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Line {
    pub(super) async fn say(&mut self, frame: Value) {
        self.socket.send(Message::text(frame.to_string())).await.unwrap();
    }

    async fn message(&mut self) -> Option<Result<Message, Error>> {
        timeout(PATIENCE, self.socket.next()).await.expect("nothing came")
    }

    /// The next frame.
    pub(super) async fn next(&mut self) -> Value {
        loop {
            match self.message().await.expect("the socket ended").expect("the socket broke") {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("not a frame: {other:?}"),
            }
        }
    }

    /// The next frame of a type; what comes before is passed over.
    pub(super) async fn next_of(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await;
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    /// Subscribes and waits for the first frame that tells that it is live.
    pub(super) async fn subscribe(&mut self, topic: &str, after: Value) -> Value {
        self.say(json!({"type": "subscribe", "topic": topic, "after": after})).await;
        self.next().await
    }

    /// The code with which the server closes; frames before are passed over.
    pub(super) async fn closed(&mut self) -> u16 {
        loop {
            match self.message().await {
                Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
                Some(Ok(_)) => {}
                other => panic!("ended without a code: {other:?}"),
            }
        }
    }
}
