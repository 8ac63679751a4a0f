//! An OpenAI-compatible API whose every word the story says itself, so that it can act between two of them.
#![allow(dead_code, reason = "each story uses its own part")]

use std::net::SocketAddr;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// A provider on loopback.
pub(crate) struct Provider {
    /// Its base URL.
    pub(crate) url: String,
    calls: Receiver<Call>,
}

/// A request that waits to be answered. Dropping it cuts the answer off.
pub(crate) struct Call {
    /// What was asked.
    pub(crate) body: Value,
    answer: Sender<Bytes>,
}

impl Provider {
    pub(crate) async fn start() -> Self {
        let (sender, calls) = channel(8);
        let router = Router::new().route("/v1/chat/completions", post(complete)).with_state(sender);
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, calls }
    }

    /// The next request. It may be the second attempt of a job whose server died, and so wait for the end of its lease.
    pub(crate) async fn called(&mut self) -> Call {
        tokio::time::timeout(std::time::Duration::from_secs(60), self.calls.recv()).await.expect("a request in time").unwrap()
    }
}

impl Call {
    /// Streams a piece of the answer.
    pub(crate) async fn say(&self, text: &str) {
        self.send(json!({"content": text}), Value::Null).await;
    }

    /// Ends the answer.
    pub(crate) async fn end(self) {
        self.send(json!({}), json!("stop")).await;
        let _ = self.answer.send(Bytes::from_static(b"data: [DONE]\n\n")).await;
    }

    /// Waits until the server no longer listens: it gave the answer up.
    pub(crate) async fn abandoned(&self) {
        tokio::time::timeout(std::time::Duration::from_secs(20), self.answer.closed()).await.expect("the request is given up in time");
    }

    async fn send(&self, delta: Value, finish_reason: Value) {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish_reason});
        let chunk = json!({"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "test", "choices": [choice]});
        let _ = self.answer.send(Bytes::from(format!("data: {chunk}\n\n"))).await;
    }
}

async fn complete(State(calls): State<Sender<Call>>, Json(body): Json<Value>) -> Response {
    let (answer, words) = channel(8);
    let _ = calls.send(Call { body, answer }).await;
    let words = stream::unfold(words, |mut words| async move { words.recv().await.map(|word| (Ok::<_, std::io::Error>(word), words)) });
    ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(words)).into_response()
}
