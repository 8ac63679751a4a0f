//! A WebSocket client that does no more than it must: it counts frames and looks for the moment that one comes.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::Failure;

/// A socket.
pub(crate) struct Socket {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// How much of the buffer is consumed.
    at: usize,
}

impl Socket {
    /// Opens a socket (RFC 6455; the key's echo is not verified).
    pub(crate) async fn open(address: &str, path: &str) -> Result<Self, Failure> {
        Self::over(TcpStream::connect(address).await?, path).await
    }

    /// Opens a socket that has room for next to nothing: who does not read from it is felt at once.
    pub(crate) async fn open_narrow(address: &str, path: &str) -> Result<Self, Failure> {
        let socket = TcpSocket::new_v4()?;
        socket.set_recv_buffer_size(4 * 1024)?;
        Self::over(socket.connect(address.parse()?).await?, path).await
    }

    async fn over(mut stream: TcpStream, path: &str) -> Result<Self, Failure> {
        stream.set_nodelay(true)?;
        let upgrade = format!(
            "GET {path} HTTP/1.1\r\nhost: bench\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(upgrade.as_bytes()).await?;
        let mut socket = Self { stream, buffer: Vec::new(), at: 0 };
        loop {
            if let Some(end) = socket.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                if !socket.buffer.starts_with(b"HTTP/1.1 101") {
                    return Err(String::from_utf8_lossy(&socket.buffer).into_owned().into());
                }
                socket.at = end + 4;
                return Ok(socket);
            }
            socket.more().await?;
        }
    }

    async fn more(&mut self) -> Result<(), Failure> {
        if self.at == self.buffer.len() {
            self.buffer.clear();
            self.at = 0;
        }
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err("the socket was closed".into()),
            _ => Ok(()),
        }
    }

    /// Sends a text, masked with zeros.
    pub(crate) async fn send(&mut self, text: &str) -> Result<(), Failure> {
        let mut frame = vec![0x81];
        match u16::try_from(text.len())? {
            short @ 0..=125 => frame.push(0x80 | short as u8),
            long => {
                frame.push(0x80 | 126);
                frame.extend(long.to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(text.as_bytes());
        Ok(self.stream.write_all(&frame).await?)
    }

    /// The next frame's payload.
    pub(crate) async fn next(&mut self) -> Result<&[u8], Failure> {
        loop {
            let rest = &self.buffer[self.at..];
            let (header, length) = match rest.get(1) {
                Some(126) => (4, rest.get(2..4).map(|it| usize::from(u16::from_be_bytes([it[0], it[1]])))),
                Some(127) => (10, rest.get(2..10).and_then(|it| it.try_into().ok()).map(|it| u64::from_be_bytes(it) as usize)),
                Some(short) => (2, Some(usize::from(short & 0x7f))),
                None => (2, None),
            };
            if let Some(length) = length.filter(|length| rest.len() >= header + length) {
                let begin = self.at + header;
                self.at = begin + length;
                return Ok(&self.buffer[begin..begin + length]);
            }
            self.more().await?;
        }
    }

    /// The next frame that holds `part`.
    pub(crate) async fn next_with(&mut self, part: &str) -> Result<(), Failure> {
        loop {
            let frame = self.next().await?;
            if frame.windows(part.len()).any(|window| window == part.as_bytes()) {
                return Ok(());
            }
        }
    }
}
