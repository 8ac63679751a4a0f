//! The bytes of a socket.
//!
//! Frames of clients are read by tungstenite. Ours are encoded before they come here, many of them once for many sockets,
//! and written as they are: no socket keeps a copy, and none keeps a buffer as large as its largest frame.

use std::io;
use std::sync::Arc;

use futures_util::{SinkExt as _, StreamExt as _};
use helpdesk_core::engine::ConversationChange;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

/// The largest frame of a client, in bytes.
pub(super) const FRAME_LIMIT: usize = 64 * 1024;
/// What is read at once of a socket, in bytes. Many are open, most are silent, and what clients say is short.
const BUFFER: usize = 1024;
/// The longest head of a frame of ours, in bytes.
const HEAD: usize = 10;

/// A text frame of the server, head and all, as it goes over the wire (RFC 6455, section 5.2).
#[derive(Debug)]
pub(super) enum Encoded {
    /// For this socket.
    Own(Vec<u8>),
    /// For many: the change holds what was made of it.
    Shared(Arc<ConversationChange>),
}

impl Encoded {
    /// Writes a value as JSON.
    pub(super) fn of(value: &impl Serialize) -> io::Result<Self> {
        Self::bytes_of(value).map(Self::Own)
    }

    /// The same as bytes.
    pub(super) fn bytes_of(value: &impl Serialize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; HEAD];
        serde_json::to_writer(&mut bytes, value)?;
        let length = bytes.len() - HEAD;
        let head = FrameHeader { opcode: OpCode::Data(Data::Text), ..FrameHeader::default() };
        let begin = HEAD - head.len(length as u64);
        head.format(length as u64, &mut &mut bytes[begin..HEAD]).map_err(io::Error::other)?;
        bytes.drain(..begin);
        Ok(bytes)
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Own(bytes) => bytes,
            Self::Shared(change) => change.encoded(),
        }
    }
}

/// An open socket.
#[derive(Debug)]
pub(super) struct Wire {
    socket: WebSocketStream<TokioIo<Upgraded>>,
    /// The last frame and how much of it was written. Nothing else may be written before its end.
    last: Option<(Encoded, usize)>,
    /// A ping came, and perhaps its answer was not written yet.
    pinged: bool,
}

impl Wire {
    pub(super) async fn open(upgraded: Upgraded) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(0)
            .max_frame_size(Some(FRAME_LIMIT))
            .max_message_size(Some(FRAME_LIMIT));
        let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
        Self { socket, last: None, pinged: false }
    }

    /// The next message of the client. Not to be called before a frame of ours is written to its end.
    ///
    /// # Cancel safety
    /// No message is lost.
    pub(super) async fn next(&mut self) -> Option<Result<Message, Error>> {
        let message = self.socket.next().await;
        self.pinged |= matches!(message, Some(Ok(Message::Ping(_))));
        message
    }

    /// Writes a frame.
    ///
    /// # Cancel safety
    /// The rest of a frame that was begun is written before the next one.
    pub(super) async fn send(&mut self, frame: Encoded) -> Result<(), Error> {
        self.finish().await?;
        self.last = Some((frame, 0));
        self.finish().await
    }

    async fn finish(&mut self) -> Result<(), Error> {
        if self.pinged && self.last.is_none() {
            self.socket.flush().await?;
            self.pinged = false;
        }
        while let Some((frame, written)) = &mut self.last {
            let rest = &frame.bytes()[*written..];
            if rest.is_empty() {
                self.last = None;
                break;
            }
            // One slice is written at less cost than a list of one.
            match self.socket.get_mut().write(rest).await? {
                0 => return Err(Error::Io(io::ErrorKind::WriteZero.into())),
                more => *written += more,
            }
        }
        Ok(())
    }

    /// Says farewell, and waits for the client's. Until then what it still sends is read over, or ours would be lost.
    pub(super) async fn close(&mut self, code: u16, reason: String) {
        if self.finish().await.is_ok() {
            // It fails where the client said farewell first; then that is answered by going on.
            let _ = self.socket.send(Message::Close(Some(CloseFrame { code: code.into(), reason: reason.into() }))).await;
            while let Some(Ok(_)) = self.socket.next().await {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_has_the_head_that_its_length_asks_for() {
        for (length, head) in [
            (0, &[0x81, 2][..]),
            (123, &[0x81, 125]),
            (124, &[0x81, 126, 0, 126]),
            (65_533, &[0x81, 126, 0xff, 0xff]),
            (65_534, &[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let text = "x".repeat(length);
            let bytes = Encoded::bytes_of(&text).unwrap();
            assert_eq!(bytes[..head.len()], *head);
            assert_eq!(bytes[head.len()..], *format!("\"{text}\"").as_bytes());
        }
    }
}
