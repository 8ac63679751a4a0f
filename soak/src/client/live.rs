//! A client's socket: kept open over all that happens to servers, resumed from where it was, everything written down.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde::Deserialize as _;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, interval, sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use uuid::Uuid;

use super::attempt::Lost;
use super::{Account, Shared, Tally};
use crate::history::{Changed, Record, Subscribed};
use crate::wire::{Audience, Entry, Summary};

/// How long a server may take to let somebody in, and to acknowledge a message.
const PATIENCE: Duration = Duration::from_secs(4);
/// How often a client shows that it lives.
const PING: Duration = Duration::from_secs(3);
/// After this long without a word the server is given up.
const SILENCE: Duration = Duration::from_secs(9);

/// Numbers all sockets of the program.
static SOCKETS: AtomicU64 = AtomicU64::new(0);

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Told = oneshot::Sender<Result<Value, Lost>>;

/// What a socket is to do.
#[derive(Debug)]
enum Command {
    Follow(Uuid),
    Forget(Uuid),
    Send { client_id: String, frame: Value, told: Told },
}

/// What a client knows of the conversations that it follows.
type Cursors = Arc<Mutex<BTreeMap<Uuid, u64>>>;

/// A client's socket. It ends with this.
#[derive(Debug)]
pub(crate) struct Live {
    commands: mpsc::UnboundedSender<Command>,
    cursors: Cursors,
}

/// The part that runs.
struct Socket {
    process: u32,
    account: Account,
    shared: Arc<Shared>,
    cursors: Cursors,
    /// What was forgotten on this connection, and how far it was known then: of that subscription something may still be under
    /// way, also when there is a new one.
    left: HashMap<Uuid, u64>,
    commands: mpsc::UnboundedReceiver<Command>,
    pending: HashMap<String, Told>,
    /// Whether it shows the queue.
    queue: bool,
}

impl Live {
    /// Connects, and goes on doing so.
    pub(super) fn start(process: u32, account: Account, node: usize, shared: Arc<Shared>) -> Self {
        let (sender, commands) = mpsc::unbounded_channel();
        let cursors = Cursors::default();
        // Two show the queue: what one of them is told, all others are.
        let queue = account.audience == Audience::Team && process < 2;
        let socket = Socket {
            process,
            account,
            shared,
            cursors: Arc::clone(&cursors),
            left: HashMap::new(),
            commands,
            pending: HashMap::new(),
            queue,
        };
        tokio::spawn(socket.run(node));
        Self { commands: sender, cursors }
    }

    /// Follows a conversation from its beginning.
    pub(super) fn follow(&self, conversation: Uuid) {
        let _gone = self.commands.send(Command::Follow(conversation));
    }

    /// Follows it no more.
    pub(super) fn forget(&self, conversation: Uuid) {
        let _gone = self.commands.send(Command::Forget(conversation));
    }

    /// What is followed, and how far it is known.
    pub(crate) fn known(&self) -> BTreeMap<Uuid, u64> {
        self.cursors.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends a message and waits for word of it. None: there is no socket now.
    pub(super) async fn send(&self, client_id: &str, conversation: Uuid, text: &str) -> Option<Result<Value, Lost>> {
        let (told, word) = oneshot::channel();
        let frame = json!({"type": "send", "client_id": client_id, "conversation": conversation, "text": text});
        self.commands.send(Command::Send { client_id: client_id.to_owned(), frame, told }).ok()?;
        match timeout(PATIENCE, word).await {
            Ok(Ok(Err(Lost::Unsent))) => None,
            Ok(Ok(word)) => Some(word),
            Ok(Err(_)) | Err(_) => Some(Err(Lost::Unanswered)),
        }
    }
}

impl Socket {
    async fn run(mut self, mut node: usize) {
        loop {
            if let Some(stream) = self.open(node).await {
                if self.serve(stream).await.is_none() {
                    return;
                }
                Tally::count(&self.shared.tally.reconnects);
            }
            // Whoever waits is told that nobody will say.
            self.pending.clear();
            node = (node + 1) % self.shared.urls.len();
            let pause = sleep(Duration::from_millis(100 + u64::from(self.process) * 7 % 300));
            tokio::pin!(pause);
            loop {
                tokio::select! {
                    () = &mut pause => break,
                    command = self.commands.recv() => match command {
                        None => return,
                        Some(command) => self.without_socket(command),
                    },
                }
            }
        }
    }

    fn without_socket(&mut self, command: Command) {
        match command {
            Command::Follow(conversation) => _ = self.cursors().insert(conversation, 0),
            Command::Forget(conversation) => _ = self.cursors().remove(&conversation),
            Command::Send { told, .. } => _ = told.send(Err(Lost::Unsent)),
        }
    }

    fn cursors(&self) -> std::sync::MutexGuard<'_, BTreeMap<Uuid, u64>> {
        self.cursors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn open(&self, node: usize) -> Option<Stream> {
        let url = format!("{}/helpdesk/api/v1/ws", self.shared.urls[node].replacen("http", "ws", 1));
        let (mut stream, _) = timeout(PATIENCE, connect_async(url)).await.ok()?.ok()?;
        let hello = json!({"type": "hello", "protocol": 1, "token": self.account.token});
        stream.send(Message::text(hello.to_string())).await.ok()?;
        let first = timeout(PATIENCE, stream.next()).await.ok()??.ok()?;
        let welcome: Value = serde_json::from_str(first.to_text().ok()?).ok()?;
        (welcome["type"] == "welcome").then_some(stream)
    }

    /// Serves a connection until it ends. None: nobody wants it any more.
    async fn serve(&mut self, mut stream: Stream) -> Option<()> {
        let socket = SOCKETS.fetch_add(1, Ordering::Relaxed);
        self.left.clear();
        let known = self.cursors().clone();
        for (conversation, after) in known {
            if self.subscribe(&mut stream, socket, conversation, after).await.is_err() {
                return Some(());
            }
        }
        if self.queue && stream.send(Message::text(r#"{"type":"subscribe","topic":"queue"}"#)).await.is_err() {
            return Some(());
        }
        let (mut ping, mut heard) = (interval(PING), Instant::now());
        loop {
            let alive = tokio::select! {
                frame = stream.next() => {
                    heard = Instant::now();
                    match frame {
                        Some(Ok(Message::Text(text))) => self.hear(socket, &text),
                        Some(Ok(Message::Close(_)) | Err(_)) | None => false,
                        Some(Ok(_)) => true,
                    }
                }
                command = self.commands.recv() => self.act(&mut stream, socket, command?).await.is_ok(),
                _ = ping.tick() => heard.elapsed() < SILENCE && stream.send(Message::text(r#"{"type":"ping"}"#)).await.is_ok(),
            };
            if !alive {
                return Some(());
            }
        }
    }

    async fn act(&mut self, stream: &mut Stream, socket: u64, command: Command) -> Result<(), tokio_tungstenite::tungstenite::Error> {
        match command {
            Command::Follow(conversation) => {
                if self.cursors().insert(conversation, 0).is_none() {
                    self.subscribe(stream, socket, conversation, 0).await?;
                }
                Ok(())
            }
            Command::Forget(conversation) => {
                let known = self.cursors().remove(&conversation);
                self.left.extend(known.map(|known| (conversation, known)));
                let frame = json!({"type": "unsubscribe", "topic": format!("conversation:{conversation}")});
                stream.send(Message::text(frame.to_string())).await
            }
            Command::Send { client_id, frame, told } => {
                self.pending.insert(client_id, told);
                stream.send(Message::text(frame.to_string())).await
            }
        }
    }

    async fn subscribe(
        &self,
        stream: &mut Stream,
        socket: u64,
        conversation: Uuid,
        after: u64,
    ) -> Result<(), tokio_tungstenite::tungstenite::Error> {
        let subscribed = Subscribed { process: self.process, socket, conversation, after };
        self.shared.recorder.add(&Record::Subscribed(subscribed));
        let frame = json!({"type": "subscribe", "topic": format!("conversation:{conversation}"), "after": after});
        stream.send(Message::text(frame.to_string())).await
    }

    /// Takes a frame in. False: the connection is of no use any more.
    fn hear(&mut self, socket: u64, text: &str) -> bool {
        Tally::count(&self.shared.tally.frames);
        let Ok(frame) = serde_json::from_str::<Value>(text) else { return false };
        match frame["type"].as_str() {
            Some("changed") => self.changed(socket, &frame),
            Some("queue") => {
                for change in frame["changes"].as_array().into_iter().flatten().filter(|change| change["kind"] == "conversation") {
                    if let Ok(summary) = Summary::read(Audience::Team, &change["conversation"]) {
                        self.shared.put(summary.conversation);
                        self.shared.recorder.add(&Record::Shown { at: self.shared.recorder.now(), summary });
                    }
                }
                true
            }
            Some("ack" | "error") if frame["client_id"].is_string() => {
                let told = frame["client_id"].as_str().and_then(|name| self.pending.remove(name));
                // Who sent it may have stopped waiting.
                _ = told.map(|told| told.send(Ok(frame)));
                true
            }
            // A subscription ended, or its cursor is too old: the next connection subscribes anew.
            Some("error" | "resync") => false,
            _ => true,
        }
    }

    fn changed(&mut self, socket: u64, frame: &Value) -> bool {
        let read = || -> Option<Changed> {
            let summary = Summary::read(self.account.audience, &frame["summary"]).ok()?;
            let entries = Vec::<Entry>::deserialize(&frame["entries"]).ok()?;
            let (prev, version) = (frame["prev"].as_u64()?, frame["version"].as_u64()?);
            Some(Changed { at: self.shared.recorder.now(), process: self.process, socket, prev, version, entries, summary })
        };
        let Some(changed) = read() else { return false };
        if self.is_of_the_one_before(&changed) {
            return true;
        }
        let fits = match self.cursors().get_mut(&changed.summary.conversation) {
            // What was under way when it was forgotten.
            None => return true,
            Some(cursor) if changed.version <= *cursor => true,
            Some(cursor) if changed.prev == *cursor => {
                *cursor = changed.version;
                true
            }
            Some(_) => false,
        };
        self.shared.recorder.add(&Record::Changed(Box::new(changed)));
        fits
    }

    /// Whether it was told to a subscription that was given up on this connection, while the one now was not answered yet.
    fn is_of_the_one_before(&mut self, changed: &Changed) -> bool {
        let conversation = changed.summary.conversation;
        let Some(left) = self.left.get(&conversation).copied() else { return false };
        let begins_anew = self.cursors().get(&conversation) == Some(&changed.prev);
        if begins_anew {
            self.left.remove(&conversation);
        }
        !begins_anew && changed.prev >= left
    }
}
