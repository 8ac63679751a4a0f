//! Who may hold a connection: so many at once, and whoever says nothing soon is shown out.
//!
//! Without it, clients that connect and stay silent, or send the head of a request a byte at a time, would hold as many
//! files as the process may open. What comes after the head is bounded by the helpdesk's own routes, and further heads by
//! whoever serves the connection.

use std::future::Future as _;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Sleep, sleep};

/// Connections at once; who comes later waits in the system's queue.
const CONNECTIONS: usize = 16_384;
/// How long the head of the first request may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// What ends a head.
const END: [u8; 4] = *b"\r\n\r\n";

/// Lets connections in.
#[derive(Debug)]
pub(crate) struct Doorkeeper {
    listener: TcpListener,
    places: Arc<Semaphore>,
}

impl Doorkeeper {
    pub(crate) fn new(listener: TcpListener) -> Self {
        Self { listener, places: Arc::new(Semaphore::new(CONNECTIONS)) }
    }

    /// Waits for a place, and for somebody to take it. Nobody is lost when this is cancelled.
    pub(crate) async fn accept(&mut self) -> (Guest, SocketAddr) {
        // The semaphore is never closed; if it were, there would be no bound.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        let (stream, address) = Listener::accept(&mut self.listener).await;
        // What is written is sent at once: frames are small, and nobody should wait for the next.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection cannot be hurried");
        }
        (Guest { stream, patience: Some(Box::pin(sleep(PATIENCE))), tail: [0; 4], _place: place }, address)
    }
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Guest {
    stream: TcpStream,
    /// Until the first head is there.
    patience: Option<Pin<Box<Sleep>>>,
    /// The last bytes that came.
    tail: [u8; 4],
    _place: Option<OwnedSemaphorePermit>,
}

impl AsyncRead for Guest {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if let Some(patience) = &mut self.patience
            && patience.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if self.patience.is_some() {
            for byte in &buffer.filled()[before..] {
                self.tail.rotate_left(1);
                self.tail[3] = *byte;
                if self.tail == END {
                    self.patience = None;
                    break;
                }
            }
        }
        read
    }
}

impl AsyncWrite for Guest {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, parts: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }
}
