//! A wire between a store and its database that can be cut in the middle of a commit.

#![allow(dead_code, reason = "each test program uses a part")]

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Notify, oneshot};

/// Where the wire is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The commit does not arrive.
    Before,
    /// The commit arrives, its answer does not come back.
    After,
    /// The commit is held up until [`Proxy::go_on`].
    Never,
}

#[derive(Debug, Default)]
struct State {
    cut: Mutex<Option<(Cut, oneshot::Sender<()>)>>,
    go_on: Notify,
}

/// The wire.
#[derive(Debug)]
pub(crate) struct Proxy {
    directory: TempDir,
    state: Arc<State>,
}

impl Proxy {
    /// A wire to the server that listens there.
    pub(crate) async fn start(server: &Path) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(directory.path().join(".s.PGSQL.5432")).unwrap();
        let (server, state) = (server.to_owned(), Arc::new(State::default()));
        tokio::spawn(accept(listener, server, Arc::clone(&state)));
        Self { directory, state }
    }

    /// Where to connect to.
    pub(crate) fn url(&self) -> String {
        format!("postgres://helpdesk@localhost/postgres?host={}", self.directory.path().display())
    }

    /// Cuts the connection that sends the next commit. Answers when it is there.
    pub(crate) fn at_commit(&self, cut: Cut) -> oneshot::Receiver<()> {
        let (there, seen) = oneshot::channel();
        *self.state.cut.lock().unwrap() = Some((cut, there));
        seen
    }

    /// Lets go what is held up.
    pub(crate) fn go_on(&self) {
        self.state.go_on.notify_one();
    }
}

/// What a message says that is committed with its statement.
pub(crate) const LAST_WORDS: &str = "And these are my last words.";

async fn accept(listener: UnixListener, server: PathBuf, state: Arc<State>) {
    while let Ok((client, _)) = listener.accept().await {
        let Ok(server) = UnixStream::connect(&server).await else { return };
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let back = tokio::spawn(copy(from_server, to_client));
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            forward(from_client, to_server, &state).await;
            back.abort();
        });
    }
}

/// The way to the server; when it ends the connection does.
async fn forward(mut client: OwnedReadHalf, mut server: OwnedWriteHalf, state: &State) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = client.read(&mut buffer).await {
        let bytes = &buffer[..read];
        // One that commits itself is known by what it says.
        let commits =
            [&b"COMMIT\0"[..], LAST_WORDS.as_bytes()].iter().any(|words| bytes.windows(words.len()).any(|window| window == *words));
        let cut = commits.then(|| state.cut.lock().unwrap().take()).flatten();
        let cut = cut.map(|(cut, there)| {
            let _gone = there.send(());
            cut
        });
        match cut {
            Some(Cut::Before) => return,
            Some(Cut::Never) => state.go_on.notified().await,
            Some(Cut::After) | None => {}
        }
        if server.write_all(bytes).await.is_err() {
            return;
        }
        if cut == Some(Cut::After) {
            // The server does what it was told though nobody listens any more.
            return;
        }
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let _ended = tokio::io::copy(&mut from, &mut to).await;
}
