//! The bytes of a socket.
//!
//! Frames of clients are read by tungstenite. Ours are encoded before they come here, many of them once for many sockets,
//! and written as they are: no socket keeps a copy, and none keeps a buffer as large as its largest frame.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use helpdesk_core::engine::{ConversationChange, Outlet};
use helpdesk_core::model::Audience;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::encode::encode_once;
use super::encoded::Encoded;
use super::line::Line;

/// The largest frame of a client, in bytes.
pub(super) const FRAME_LIMIT: usize = 64 * 1024;
/// What is read at once of a socket, in bytes. Many are open, most are silent, and what clients say is short.
const BUFFER: usize = 1024;

/// An open socket. Its task reads and writes, and between the task's frames an outlet writes what many are told.
#[derive(Debug)]
pub(super) struct Wire(Arc<Shared>);

#[derive(Debug)]
struct Shared(Mutex<Line<TokioIo<Upgraded>>>);

impl Shared {
    fn line(&self) -> MutexGuard<'_, Line<TokioIo<Upgraded>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outlet for Shared {
    fn take(&self, audience: Audience, change: &Arc<ConversationChange>) -> bool {
        encode_once(audience, change);
        match self.0.try_lock() {
            Ok(mut line) => line.take(change),
            Err(TryLockError::Poisoned(line)) => line.into_inner().take(change),
            // Its task is reading or writing just now.
            Err(TryLockError::WouldBlock) => false,
        }
    }
}

impl Wire {
    /// Takes over a connection that was upgraded.
    pub(super) async fn open(upgraded: Upgraded) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(0)
            .max_frame_size(Some(FRAME_LIMIT))
            .max_message_size(Some(FRAME_LIMIT));
        let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
        Self(Arc::new(Shared(Mutex::new(Line::new(socket)))))
    }

    fn line(&self) -> MutexGuard<'_, Line<TokioIo<Upgraded>>> {
        self.0.line()
    }

    /// What writes changes between the frames of the task, as long as that leaves room and takes no waiting.
    pub(super) fn outlet(&self) -> Arc<dyn Outlet> {
        Arc::clone(&self.0) as Arc<dyn Outlet>
    }

    /// The next message of the client.
    ///
    /// # Cancel safety
    /// No message is lost.
    pub(super) async fn next(&self) -> Option<Result<Message, Error>> {
        poll_fn(|context| self.line().poll_next(context)).await
    }

    /// Waits until an outlet wrote a part of a frame; the rest is to be written by [`send`](Self::send).
    ///
    /// # Cancel safety
    /// Nothing is changed.
    pub(super) async fn cut_short(&self) {
        poll_fn(|context| self.line().poll_cut_short(context)).await;
    }

    /// Writes the rest of what was begun, and then this frame, if there is one.
    ///
    /// # Cancel safety
    /// The rest of a frame that was begun is written before the next one.
    pub(super) async fn send(&self, mut frame: Option<Encoded>) -> Result<(), Error> {
        poll_fn(|context| self.line().poll_send(context, &mut frame)).await
    }

    /// Says farewell, and waits for the client's. Until then what it still sends is read over, or ours would be lost.
    pub(super) async fn close(&self, code: u16, reason: String) {
        if self.send(None).await.is_ok() {
            let mut words = Some(Message::Close(Some(CloseFrame { code: code.into(), reason: reason.into() })));
            // It fails where the client said farewell first; then that is answered by going on.
            let _ = poll_fn(|context| self.line().poll_say(context, &mut words)).await;
            while let Some(Ok(_)) = self.next().await {}
        }
    }
}
