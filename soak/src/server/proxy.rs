//! The wire between servers and database, which can be cut, and held up with all that is under way.

use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;

use crate::Failure;

/// What becomes of what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Conduct {
    /// It is kept back.
    stalled: bool,
    /// Raised at every cut: connections of an earlier number end.
    cuts: u64,
}

/// The wire.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    conduct: watch::Sender<Conduct>,
}

impl Proxy {
    /// A wire to the server behind this socket.
    pub(super) async fn start(server: PathBuf) -> Result<Self, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (conduct, told) = watch::channel(Conduct { stalled: false, cuts: 0 });
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(connect(client, server.clone(), told.clone()));
            }
        });
        Ok(Self { address, conduct })
    }

    /// Where to connect to.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts all connections. New ones are let through.
    pub(crate) fn cut(&self) {
        self.conduct.send_modify(|conduct| conduct.cuts += 1);
    }

    /// Keeps back what comes, until it is told otherwise.
    pub(crate) fn stall(&self, stalled: bool) {
        self.conduct.send_modify(|conduct| conduct.stalled = stalled);
    }
}

async fn connect(client: TcpStream, server: PathBuf, mut conduct: watch::Receiver<Conduct>) {
    let born = conduct.borrow_and_update().cuts;
    let Ok(server) = UnixStream::connect(server).await else { return };
    let _set = client.set_nodelay(true);
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let pass = (conduct.clone(), conduct.clone());
    tokio::select! {
        () = forward(from_client, to_server, pass.0) => {}
        () = forward(from_server, to_client, pass.1) => {}
        _ = conduct.wait_for(|conduct| conduct.cuts != born) => {}
    }
}

/// One direction; when it ends the connection does.
async fn forward(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, mut conduct: watch::Receiver<Conduct>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if conduct.wait_for(|conduct| !conduct.stalled).await.is_err() || to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
