//! The event bus over NATS.
//!
//! A node subscribes to what its own listeners want and to nothing else, once a topic however many listen. Subjects are
//! `helpdesk.{workspace}.queue`, `helpdesk.{workspace}.presence` and `helpdesk.{workspace}.c.{conversation}`; payloads are
//! JSON. Over an account whose rights are limited, grant `helpdesk.>` for both publishing and subscribing.
//!
//! Plain NATS keeps nothing. That is enough: what is lost while a node or the server is away is reported as lost, on every
//! node, and read from the store.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, ConnectOptions, Event};
use async_trait::async_trait;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use helpdesk_core::bus::{BusItem, EventBus, Signal, Topic};
use helpdesk_core::id::{NodeId, RandomIds};
use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::BusError;
use super::envelope::Envelope;
use super::fan_out::FanOut;

/// Signals that wait for the connection before the next ones are dropped.
const OUTBOX: usize = 4_096;
/// How often the connection is looked at.
const WATCH: Duration = Duration::from_millis(200);
/// How long a message to ourselves may take before it is sent again.
const ROUND_TRIP: Duration = Duration::from_secs(1);
/// How long subscribing waits for the server before it goes on without.
const SUBSCRIBING: Duration = Duration::from_secs(2);
/// How often the server is asked whether it lives.
const PING: Duration = Duration::from_secs(5);

/// The settings of a [`NatsBus`].
#[derive(Clone, Debug)]
#[must_use]
pub struct NatsBusBuilder {
    prefix: String,
}

impl NatsBusBuilder {
    /// What all subjects begin with. Default: `helpdesk`. Helpdesks that share a server need different ones.
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Connects, and from then on reconnects by itself.
    ///
    /// The URL is one as `nats://user:password@host:4222`, or several with commas between them; `tls://` asks for TLS.
    ///
    /// # Errors
    /// [`BusError::Connect`] if no server answers now; [`BusError::Configuration`] for a prefix that cannot be one.
    pub async fn connect(self, url: &str) -> Result<NatsBus, BusError> {
        let slow = Arc::new(AtomicBool::new(false));
        let noted = Arc::clone(&slow);
        let options = ConnectOptions::new().name("helpdesk").ping_interval(PING).event_callback(move |event| {
            if matches!(event, Event::SlowConsumer(_)) {
                noted.store(true, Ordering::Release);
            }
            async move { tracing::debug!(%event, "NATS") }
        });
        let addresses: Vec<&str> = url.split(',').map(str::trim).collect();
        let client = options.connect(addresses).await.map_err(|error| BusError::Connect(Box::new(error)))?;
        self.start(client, slow).await
    }

    /// Uses a client that the host made.
    ///
    /// # Errors
    /// [`BusError::Connect`] if the client was closed; [`BusError::Configuration`] for a prefix that cannot be one.
    pub async fn from_client(self, client: Client) -> Result<NatsBus, BusError> {
        self.start(client, Arc::default()).await
    }

    async fn start(self, client: Client, slow: Arc<AtomicBool>) -> Result<NatsBus, BusError> {
        let token = |token: &str| !token.is_empty() && token.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        if self.prefix.len() > 200 || !self.prefix.split('.').all(token) {
            let detail = format!("the prefix {:?} is not made of letters, digits, hyphens and underscores, with dots between", self.prefix);
            return Err(BusError::Configuration(detail));
        }
        let node = NodeId::generate(&RandomIds);
        let (outbox, outgoing) = mpsc::channel(OUTBOX);
        let shared = Arc::new(Shared {
            client,
            prefix: self.prefix,
            node,
            fan_out: Arc::default(),
            outbox,
            lost: AtomicBool::new(false),
            slow,
            echoes: watch::Sender::new(0),
            asked: AtomicU64::new(0),
        });
        let subscribe = |subject: String| shared.client.subscribe(subject);
        let closed = |error: async_nats::SubscribeError| BusError::Connect(Box::new(error));
        let echoes = subscribe(shared.own_subject()).await.map_err(closed)?;
        let losses = subscribe(shared.loss_subject()).await.map_err(closed)?;
        let mut tasks = JoinSet::new();
        tasks.spawn(echo(Arc::clone(&shared), echoes));
        tasks.spawn(hear_losses(Arc::clone(&shared), losses));
        tasks.spawn(send(Arc::clone(&shared), outgoing));
        tasks.spawn(watch_connection(Arc::clone(&shared)));
        if timeout(SUBSCRIBING, shared.round_trip()).await.is_err() {
            tracing::warn!("NATS does not answer: signals will come when it does");
        }
        Ok(NatsBus { shared, _tasks: Arc::new(tasks) })
    }
}

/// An [`EventBus`] over NATS.
///
/// # Clone
///
/// Clones are handles of the same bus. With the last one its tasks end; listeners hear nothing more.
#[derive(Clone)]
pub struct NatsBus {
    shared: Arc<Shared>,
    /// Ended when the last handle is dropped.
    _tasks: Arc<JoinSet<()>>,
}

impl NatsBus {
    /// Connects with the default settings; see [`NatsBusBuilder::connect`].
    ///
    /// # Errors
    /// [`BusError::Connect`] if no server answers now.
    pub async fn connect(url: &str) -> Result<Self, BusError> {
        Self::builder().connect(url).await
    }

    /// Uses a client that the host made, with the default settings.
    ///
    /// # Errors
    /// [`BusError::Connect`] if the client was closed.
    pub async fn from_client(client: Client) -> Result<Self, BusError> {
        Self::builder().from_client(client).await
    }

    /// Settings, to connect with.
    pub fn builder() -> NatsBusBuilder {
        NatsBusBuilder { prefix: "helpdesk".to_owned() }
    }

    /// How many topics this node listens to now.
    #[must_use]
    pub fn topics_heard(&self) -> usize {
        self.shared.fan_out.topics()
    }
}

impl fmt::Debug for NatsBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsBus").field("prefix", &self.shared.prefix).field("node", &self.shared.node).finish_non_exhaustive()
    }
}

struct Shared {
    client: Client,
    prefix: String,
    node: NodeId,
    fan_out: Arc<FanOut>,
    outbox: mpsc::Sender<(Topic, Arc<Signal>)>,
    /// Something of ours was not sent.
    lost: AtomicBool,
    /// Something did not fit into a subscription's buffer.
    slow: Arc<AtomicBool>,
    /// The number of the last message to ourselves that came back.
    echoes: watch::Sender<u64>,
    /// The number of the last one sent.
    asked: AtomicU64,
}

impl Shared {
    fn subject(&self, topic: Topic) -> String {
        let prefix = &self.prefix;
        match topic {
            Topic::Conversation { workspace, conversation } => format!("{prefix}.{workspace}.c.{conversation}"),
            Topic::Queue { workspace } => format!("{prefix}.{workspace}.queue"),
            Topic::Presence { workspace } => format!("{prefix}.{workspace}.presence"),
        }
    }

    fn own_subject(&self) -> String {
        format!("{}.node.{}", self.prefix, self.node)
    }

    fn loss_subject(&self) -> String {
        format!("{}.loss", self.prefix)
    }

    /// Returns once the server has dealt with everything that was handed to the client before: a server takes what comes over
    /// one connection in order, so that a message to ourselves comes back behind it.
    async fn round_trip(&self) {
        let mut echoes = self.echoes.subscribe();
        loop {
            let number = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
            let there_and_back = async {
                if self.client.publish(self.own_subject(), number.to_string().into()).await.is_err() {
                    // The client was closed: there is no way back.
                    std::future::pending::<()>().await;
                }
                echoes.wait_for(|echo| *echo >= number).await.is_ok()
            };
            if timeout(ROUND_TRIP, there_and_back).await == Ok(true) {
                return;
            }
        }
    }
}

/// Hears messages to ourselves.
async fn echo(shared: Arc<Shared>, mut messages: async_nats::Subscriber) {
    while let Some(message) = messages.next().await {
        if let Some(number) = std::str::from_utf8(&message.payload).ok().and_then(|number| number.parse::<u64>().ok()) {
            shared.echoes.send_if_modified(|last| {
                let news = number > *last;
                *last = number.max(*last);
                news
            });
        }
    }
}

/// Hears that other nodes could not publish.
async fn hear_losses(shared: Arc<Shared>, mut messages: async_nats::Subscriber) {
    let own = shared.node.to_string();
    while let Some(message) = messages.next().await {
        if message.payload != own {
            shared.fan_out.tell_loss_to_all();
        }
    }
}

/// Sends what is published. Publishers never wait for the connection: what cannot be sent is dropped, and the loss told later.
async fn send(shared: Arc<Shared>, mut outgoing: mpsc::Receiver<(Topic, Arc<Signal>)>) {
    while let Some((topic, signal)) = outgoing.recv().await {
        if shared.client.connection_state() != State::Connected {
            shared.lost.store(true, Ordering::Release);
            continue;
        }
        let payload = match serde_json::to_vec(&Envelope { node: shared.node, signal }) {
            Ok(payload) => payload,
            Err(error) => {
                tracing::error!(%error, "a signal cannot be written");
                continue;
            }
        };
        if let Err(error) = shared.client.publish(shared.subject(topic), payload.into()).await {
            tracing::warn!(%error, "a signal could not be sent");
            shared.lost.store(true, Ordering::Release);
        }
    }
}

/// Notices that the connection was another one, or that something was dropped, and has everybody told: here, and, because what
/// we published is lost to them, on the other nodes.
async fn watch_connection(shared: Arc<Shared>) {
    let statistics = shared.client.statistics();
    let mut connects = statistics.connects.load(Ordering::Acquire);
    let (mut lost, mut slow) = (false, false);
    let mut beat = interval(WATCH);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        let now = statistics.connects.load(Ordering::Acquire);
        lost |= shared.lost.swap(false, Ordering::AcqRel) | (now != connects);
        slow |= shared.slow.swap(false, Ordering::AcqRel);
        connects = now;
        if shared.client.connection_state() != State::Connected {
            continue;
        }
        if lost {
            // Not before the subscriptions are in force again: nothing may get lost between being told and hearing.
            if timeout(SUBSCRIBING, shared.round_trip()).await.is_err() {
                continue;
            }
            tracing::info!("signals were lost while NATS was out of reach");
            shared.fan_out.tell_loss_to_all();
            if shared.client.publish(shared.loss_subject(), shared.node.to_string().into()).await.is_ok() {
                (lost, slow) = (false, false);
            }
        } else if std::mem::take(&mut slow) {
            tracing::warn!("signals came faster than they could be taken");
            shared.fan_out.tell_loss_to_all();
        }
    }
}

/// Brings the signals of a topic to this node.
async fn feed(shared: Arc<Shared>, topic: Topic, ready: watch::Sender<bool>) {
    let Ok(mut messages) = shared.client.subscribe(shared.subject(topic)).await else {
        tracing::warn!("NATS takes no subscription: the client was closed");
        ready.send_replace(true);
        return;
    };
    if timeout(SUBSCRIBING, shared.round_trip()).await.is_err() {
        // Whoever waits goes on, and is told when it hears that it did not before.
        ready.send_replace(true);
        shared.round_trip().await;
        shared.fan_out.tell_loss(topic);
    }
    ready.send_replace(true);
    while let Some(message) = messages.next().await {
        match serde_json::from_slice::<Envelope>(&message.payload) {
            Ok(envelope) if envelope.node == shared.node => {}
            Ok(envelope) => shared.fan_out.tell(topic, envelope.signal),
            // A newer node speaks of what this one does not know.
            Err(error) => tracing::debug!(%error, "a signal cannot be read"),
        }
    }
}

fn begin(shared: &Arc<Shared>, topic: Topic) -> (watch::Receiver<bool>, Option<AbortHandle>) {
    let (ready, is_ready) = watch::channel(false);
    let task = tokio::spawn(feed(Arc::clone(shared), topic, ready));
    (is_ready, Some(task.abort_handle()))
}

#[async_trait]
impl EventBus for NatsBus {
    async fn publish(&self, topic: Topic, signal: Arc<Signal>) {
        self.shared.fan_out.tell(topic, Arc::clone(&signal));
        if self.shared.outbox.try_send((topic, signal)).is_err() {
            self.shared.lost.store(true, Ordering::Release);
        }
    }

    async fn subscribe(&self, topic: Topic) -> BoxStream<'static, BusItem> {
        let (listener, mut ready) = self.shared.fan_out.join(topic, || begin(&self.shared, topic));
        // The feed never gives up without having said so.
        let _ = ready.wait_for(|ready| *ready).await;
        listener.boxed()
    }
}
