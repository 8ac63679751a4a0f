//! The floor of writing: one bare route, one writer thread that commits what waits in one transaction.

use std::path::Path as FilePath;
use std::sync::mpsc;

use axum::Router;
use axum::extract::ws::{Message as Frame, Utf8Bytes, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use rusqlite::Connection;
use tokio::sync::{broadcast, oneshot};

use super::rows::{self, Message};
use crate::Failure;

/// As many as the product's writer takes at once.
const BATCH: usize = 256;

#[derive(Clone)]
struct Site {
    writer: mpsc::Sender<(Message, oneshot::Sender<()>)>,
    told: broadcast::Sender<Utf8Bytes>,
}

/// `POST /{conversation}/{number}` writes a message, `/ws` tells of every one.
pub(super) fn router(file: &FilePath, single: bool) -> Result<Router, Failure> {
    let connection = rows::open(file)?;
    let (writer, waiting) = mpsc::channel::<(Message, oneshot::Sender<()>)>();
    std::thread::Builder::new().name("floor-writer".to_owned()).spawn(move || {
        let mut written = 1;
        while let Ok(first) = waiting.recv() {
            let (messages, replies): (Vec<_>, Vec<_>) = std::iter::once(first).chain(waiting.try_iter()).take(BATCH).unzip();
            if let Err(failure) = transaction(&connection, single, &messages, &mut written) {
                eprintln!("the floor failed: {failure}");
                return;
            }
            for reply in replies {
                let _ = reply.send(());
            }
        }
    })?;
    let site = Site { writer, told: broadcast::channel(1024).0 };
    Ok(Router::new().route("/{conversation}/{number}", post(send)).route("/ws", get(open)).with_state(site))
}

fn transaction(connection: &Connection, single: bool, messages: &[Message], written: &mut i64) -> Result<(), Failure> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    if single {
        rows::write_single(connection, messages)?;
    } else {
        rows::write(connection, messages, written)?;
    }
    Ok(connection.execute_batch("COMMIT")?)
}

/// As long as the product's answer.
pub(super) static ANSWER: &str = r#"{"entry":{"seq":1,"rev":1,"at":"2026-01-01T00:00:00.000000Z","author":{"type":"contact","id":"00000000-0000-0000-0000-000000000000"},"channel":"widget","body":{"type":"message","text":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","attachments":[],"delivery":"sent"}}}"#;

async fn send(State(site): State<Site>, Path((conversation, number)): Path<(u64, u64)>, _: Bytes) -> Response {
    let (reply, written) = oneshot::channel();
    if site.writer.send((Message { conversation, number }, reply)).is_err() || written.await.is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let _ = site.told.send(Utf8Bytes::from_static(ANSWER));
    (StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], ANSWER).into_response()
}

async fn open(State(site): State<Site>, socket: WebSocketUpgrade) -> Response {
    socket.read_buffer_size(4096).write_buffer_size(4096).on_upgrade(async move |mut socket| {
        let mut told = site.told.subscribe();
        while let Ok(text) = told.recv().await {
            if socket.send(Frame::Text(text)).await.is_err() {
                return;
            }
        }
    })
}
