//! The event bus over Postgres, by LISTEN and NOTIFY.
//!
//! For a helpdesk of a few nodes that has a Postgres anyway. Every node is notified of everything and drops what nobody there
//! listens to; with many nodes, NATS is the better bus.
//!
//! Notifications hold ids. What is longer, or what people wrote (drafts, typing, presence, notifications to the team), goes
//! into a small unlogged table that is written at most every 200 milliseconds, and notifications say which row. Rows are
//! removed after a minute.

mod hear;
mod outbox;
mod send;
mod table;

use std::fmt;
use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use helpdesk_core::bus::{BusItem, EventBus, Signal, Topic};
use helpdesk_core::id::{NodeId, RandomIds};
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::BusError;
use super::fan_out::FanOut;
use table::Table;

/// Signals that wait to be sent before the next ones are dropped.
const OUTBOX: usize = 4_096;
/// How long to wait for a connection of the bus's own pool.
const PATIENCE: Duration = Duration::from_secs(5);
/// Connections of its own: one that listens, one that sends, one that reads.
const CONNECTIONS: u32 = 3;

/// The settings of a [`PostgresBus`].
#[derive(Clone, Debug)]
#[must_use]
pub struct PostgresBusBuilder {
    schema: String,
}

impl PostgresBusBuilder {
    /// The schema that holds the table, and after which the channel is named. Default: `helpdesk`. It should be that of the
    /// store: several helpdesks may share a database, each in its own.
    pub fn with_schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    /// Connects to a database; see [`PostgresBus::connect`].
    ///
    /// # Errors
    /// Those of [`PostgresBus::connect`].
    pub async fn connect(self, url: &str) -> Result<PostgresBus, BusError> {
        let invalid = |error: sqlx::Error| BusError::Configuration(format!("this is no URL of a Postgres database: {error}"));
        let options = PgConnectOptions::from_str(url).map_err(invalid)?.application_name("helpdesk bus").disable_statement_logging();
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE).connect_with(options);
        let pool = pool.await.map_err(|error| BusError::Connect(Box::new(error)))?;
        self.migrate(&pool).await?;
        self.from_pool(pool).await
    }

    /// Uses a host's pool; see [`PostgresBus::from_pool`].
    ///
    /// # Errors
    /// Those of [`PostgresBus::from_pool`].
    pub async fn from_pool(self, pool: PgPool) -> Result<PostgresBus, BusError> {
        let connect = |error: sqlx::Error| BusError::Connect(Box::new(error));
        let table = Table::in_schema(&self.schema)?;
        if !table.exists(&pool).await.map_err(connect)? {
            let detail = format!("the schema {:?} has no table of the bus: call PostgresBusBuilder::migrate first", self.schema);
            return Err(BusError::Configuration(detail));
        }
        let (outbox, published) = mpsc::channel(OUTBOX);
        let node = NodeId::generate(&RandomIds);
        let shared = Arc::new(Shared { pool, table, node, fan_out: Arc::default(), outbox, lost: AtomicBool::new(false) });
        let listener = hear::listen(&shared).await.map_err(connect)?;
        let mut tasks = JoinSet::new();
        tasks.spawn(hear::hear(Arc::clone(&shared), listener));
        tasks.spawn(send::send(Arc::clone(&shared), published));
        Ok(PostgresBus { shared, _tasks: Arc::new(tasks) })
    }

    /// Makes the table if there is none, in a schema that is made if there is none.
    ///
    /// # Errors
    /// [`BusError::Connect`] if the database cannot be reached, or refuses.
    pub async fn migrate(&self, pool: &PgPool) -> Result<(), BusError> {
        Table::in_schema(&self.schema)?.make(pool).await.map_err(|error| BusError::Connect(Box::new(error)))
    }
}

/// An [`EventBus`] over Postgres.
///
/// # Clone
///
/// Clones are handles of the same bus. With the last one its tasks end; listeners hear nothing more.
#[derive(Clone)]
pub struct PostgresBus {
    shared: Arc<Shared>,
    /// Ended when the last handle is dropped.
    _tasks: Arc<JoinSet<()>>,
}

impl PostgresBus {
    /// Connects with three connections of its own, and makes its table if there is none. From then on it reconnects by itself.
    ///
    /// A pooler between must keep sessions apart: LISTEN does not work where transactions share a connection.
    ///
    /// # Errors
    /// [`BusError::Connect`] if the database cannot be reached now, or refuses; [`BusError::Configuration`] for a URL that is
    /// none.
    pub async fn connect(url: &str) -> Result<Self, BusError> {
        Self::builder().connect(url).await
    }

    /// Uses a host's pool, of which it keeps one connection. The table must be there: [`PostgresBusBuilder::migrate`] makes it.
    ///
    /// # Errors
    /// [`BusError::Connect`] if the database cannot be reached now; [`BusError::Configuration`] if there is no table.
    pub async fn from_pool(pool: PgPool) -> Result<Self, BusError> {
        Self::builder().from_pool(pool).await
    }

    /// Settings, to connect with.
    pub fn builder() -> PostgresBusBuilder {
        PostgresBusBuilder { schema: "helpdesk".to_owned() }
    }

    /// How many topics this node listens to now.
    #[must_use]
    pub fn topics_heard(&self) -> usize {
        self.shared.fan_out.topics()
    }
}

impl fmt::Debug for PostgresBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresBus").field("table", &self.shared.table).field("node", &self.shared.node).finish_non_exhaustive()
    }
}

struct Shared {
    pool: PgPool,
    table: Table,
    node: NodeId,
    fan_out: Arc<FanOut>,
    outbox: mpsc::Sender<(Topic, Arc<Signal>)>,
    /// Something of ours was dropped.
    lost: AtomicBool,
}

#[async_trait]
impl EventBus for PostgresBus {
    async fn publish(&self, topic: Topic, signal: Arc<Signal>) {
        self.shared.fan_out.tell(topic, Arc::clone(&signal));
        if self.shared.outbox.try_send((topic, signal)).is_err() {
            self.shared.lost.store(true, Ordering::Release);
        }
    }

    async fn subscribe(&self, topic: Topic) -> BoxStream<'static, BusItem> {
        // The node hears everything already, or will be told that it did not.
        self.shared.fan_out.join(topic, || (watch::channel(true).1, None)).0.boxed()
    }
}
