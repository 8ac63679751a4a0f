//! The floor of telling many: one text, encoded once, to every socket.

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message as Frame, Utf8Bytes, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use tokio::sync::broadcast;

type Told = broadcast::Sender<Utf8Bytes>;

/// `POST /publish` sends its body to every socket of `/ws`.
pub(super) fn router() -> Router {
    let told: Told = broadcast::channel(256).0;
    Router::new().route("/publish", post(publish)).route("/ws", get(open)).with_state(told)
}

async fn publish(State(told): State<Told>, text: String) -> StatusCode {
    let _ = told.send(text.into());
    StatusCode::CREATED
}

async fn open(State(told): State<Told>, socket: WebSocketUpgrade) -> Response {
    socket.read_buffer_size(4096).write_buffer_size(4096).on_upgrade(async move |mut socket| {
        let mut texts = told.subscribe();
        loop {
            tokio::select! {
                text = texts.recv() => {
                    let Ok(text) = text else { return };
                    if socket.send(Frame::Text(text)).await.is_err() {
                        return;
                    }
                }
                frame = socket.recv() => if !matches!(frame, Some(Ok(_))) {
                    return;
                }
            }
        }
    })
}
