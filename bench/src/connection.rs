//! A connection as cheap as one can be: requests are written as they stand, of answers only the status and the body are
//! read. The client shares the processors with the server, so what it costs is taken from both.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::Failure;

/// An HTTP/1.1 connection that stays open.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: &str) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// Sends a request and reads the whole answer: its status and its body.
    pub(crate) async fn call(&mut self, request: &[u8]) -> Result<(u16, &[u8]), Failure> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let (mut head, mut length) = (None, 0);
        loop {
            if head.is_none()
                && let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n")
            {
                length = content_length(&self.buffer[..end]);
                head = Some(end + 4);
            }
            if let Some(end) = head.filter(|end| self.buffer.len() >= end + length) {
                let status = std::str::from_utf8(self.buffer.get(9..12).unwrap_or_default())?.parse()?;
                return Ok((status, &self.buffer[end..end + length]));
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the server closed the connection".into());
            }
        }
    }

    /// Sends JSON, and expects JSON and success.
    pub(crate) async fn json(
        &mut self,
        method: &str,
        path: &str,
        token: &str,
        body: &serde_json::Value,
    ) -> Result<serde_json::Value, Failure> {
        let (status, answer) = self.call(&request(method, path, token, &body.to_string())).await?;
        if !(200..300).contains(&status) {
            return Err(format!("{method} {path}: {status} {}", String::from_utf8_lossy(answer)).into());
        }
        Ok(serde_json::from_slice(answer)?)
    }
}

fn content_length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head);
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:").map(|it| it.trim().to_owned()));
    length.and_then(|length| length.parse().ok()).unwrap_or(0)
}

/// A request with a JSON body; an empty token is none, an empty body is none.
pub(crate) fn request(method: &str, path: &str, token: &str, body: &str) -> Vec<u8> {
    let bearer = if token.is_empty() { String::new() } else { format!("authorization: Bearer {token}\r\n") };
    let head = format!("{method} {path} HTTP/1.1\r\nhost: bench\r\n{bearer}content-type: application/json\r\ncontent-length: ");
    format!("{head}{}\r\n\r\n{body}", body.len()).into_bytes()
}
