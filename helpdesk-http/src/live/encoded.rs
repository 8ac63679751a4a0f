//! Frames of the server as bytes.

use std::io;
use std::sync::Arc;

use helpdesk_core::engine::ConversationChange;
use serde::Serialize;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

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

    /// The bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Own(bytes) => bytes,
            Self::Shared(change) => change.encoded(),
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
