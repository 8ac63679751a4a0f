//! A wire to a server that can be cut and joined again.

#![allow(dead_code, reason = "each test program uses a part")]

use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::io::{AsyncRead, AsyncWrite, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;

/// Where the server listens.
#[derive(Clone, Debug)]
pub(crate) enum End {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// Passes connections on while it is whole. When it is cut, those that there are end, and new ones end at once.
#[derive(Debug)]
pub(crate) struct Wire {
    address: SocketAddr,
    whole: watch::Sender<bool>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Wire {
    /// A wire to this server, whole.
    pub(crate) async fn to(end: End) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let whole = watch::Sender::new(true);
        let accepting = tokio::spawn(accept(listener, end, whole.subscribe()));
        Self { address, whole, accepting }
    }

    /// Where to connect to.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends all connections and refuses new ones.
    pub(crate) fn cut(&self) {
        self.whole.send_replace(false);
    }

    /// Passes connections on again.
    pub(crate) fn join(&self) {
        self.whole.send_replace(true);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, end: End, whole: watch::Receiver<bool>) {
    while let Ok((client, _)) = listener.accept().await {
        let mut whole = whole.clone();
        if !*whole.borrow_and_update() {
            continue;
        }
        let end = end.clone();
        tokio::spawn(async move {
            let passing = async {
                match end {
                    End::Tcp(address) => pass(client, TcpStream::connect(address).await).await,
                    End::Unix(path) => pass(client, UnixStream::connect(path).await).await,
                }
            };
            tokio::select! {
                () = passing => {}
                _ = whole.changed() => {}
            }
        });
    }
}

async fn pass(mut client: TcpStream, server: std::io::Result<impl AsyncRead + AsyncWrite + Unpin>) {
    if let Ok(mut server) = server {
        // However it ends, it is over.
        let _ = copy_bidirectional(&mut client, &mut server).await;
    }
}
