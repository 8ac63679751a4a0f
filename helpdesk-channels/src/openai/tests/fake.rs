//! A provider on loopback that answers as it is told.

use std::sync::{Arc, Mutex};

use async_stream::stream;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use axum::routing::post;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// A step of the fake's answer.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Sends these bytes.
    Send(String),
    /// Says nothing more, and keeps the connection.
    Hang,
    /// Cuts the connection.
    Cut,
}

/// A piece of a stream with this delta.
pub(super) fn delta(delta: Value) -> Step {
    Step::Send(format!("data: {}\n\n", json!({"id": "c", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta}]})))
}

pub(super) fn text(content: &str) -> Step {
    delta(json!({"content": content}))
}

pub(super) fn finish(reason: &str) -> Step {
    Step::Send(format!("data: {}\n\n", json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})))
}

pub(super) fn done() -> Step {
    Step::Send("data: [DONE]\n\n".to_owned())
}

/// What was asked.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

#[derive(Clone)]
struct Script {
    status: u16,
    headers: Vec<(&'static str, String)>,
    steps: Vec<Step>,
    /// Whether not even the head of the answer is sent.
    mute: bool,
    requests: Arc<Mutex<Vec<Request>>>,
    closed: Arc<Notify>,
}

/// A running fake.
pub(super) struct Fake {
    pub(super) base_url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    closed: Arc<Notify>,
    server: tokio::task::JoinHandle<()>,
}

impl Fake {
    /// Answers every request with this stream.
    pub(super) async fn streaming(steps: impl Into<Vec<Step>>) -> Self {
        Self::start(200, vec![("content-type", "text/event-stream".to_owned())], steps.into(), false).await
    }

    /// Answers every request with this status, headers and body.
    pub(super) async fn refusing(status: u16, headers: Vec<(&'static str, String)>, body: &str) -> Self {
        Self::start(status, headers, vec![Step::Send(body.to_owned())], false).await
    }

    /// Never answers.
    pub(super) async fn mute() -> Self {
        Self::start(200, Vec::new(), Vec::new(), true).await
    }

    async fn start(status: u16, headers: Vec<(&'static str, String)>, steps: Vec<Step>, mute: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let (requests, closed) = (Arc::default(), Arc::default());
        let script = Script { status, headers, steps, mute, requests: Arc::clone(&requests), closed: Arc::clone(&closed) };
        let router = Router::new().route("/v1/chat/completions", post(answer)).with_state(script);
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { base_url, requests, closed, server }
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// Waits until the client closed a connection whose answer was not at its end.
    pub(super) async fn closed(&self) {
        self.closed.notified().await;
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Tells when the server gave up an answer, which it does when the client is gone.
struct GivenUp {
    closed: Arc<Notify>,
    at_end: bool,
}

impl GivenUp {
    fn reach_end(mut self) {
        self.at_end = true;
    }
}

impl Drop for GivenUp {
    fn drop(&mut self) {
        if !self.at_end {
            self.closed.notify_one();
        }
    }
}

async fn answer(State(script): State<Script>, headers: HeaderMap, body: String) -> Response<Body> {
    script.requests.lock().unwrap().push(Request { headers, body: serde_json::from_str(&body).unwrap() });
    let guard = GivenUp { closed: script.closed, at_end: false };
    if script.mute {
        std::future::pending::<()>().await;
    }
    let mut response = Response::builder().status(script.status);
    for (name, value) in script.headers {
        response = response.header(name, value);
    }
    let body = stream! {
        for step in script.steps {
            match step {
                Step::Send(text) => {
                    yield Ok(Bytes::from(text));
                    // Each step is a piece of its own on the wire.
                    tokio::task::yield_now().await;
                }
                Step::Hang => std::future::pending::<()>().await,
                Step::Cut => yield Err(std::io::Error::other("cut")),
            }
        }
        guard.reach_end();
    };
    response.body(Body::from_stream(body)).unwrap()
}
