//! Opening a store.

use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use helpdesk_core::clock::Clock;
use helpdesk_core::store::StoreError;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _};

use super::read::Reader;
use super::schema::Schema;
use super::sessions::{FORGET_PLANS, SETTINGS, Sessions};
use super::time::Time;
use super::writer::Writer;
use super::{Inner, PostgresStore};
use crate::sql::fault::{Fault, failed};

/// How long a connection may rest before it is asked whether it still works.
const REST: Duration = Duration::from_secs(1);

/// How many times connections are taken before one of them plans its statements anew.
const REPLANNED: u32 = 512;

/// The settings of a [`PostgresStore`].
#[derive(Clone, Debug)]
#[must_use]
pub struct PostgresStoreBuilder {
    schema: String,
    time: Time,
    connections: u32,
    writers: usize,
    patience: Duration,
}

impl Default for PostgresStoreBuilder {
    fn default() -> Self {
        Self { schema: "helpdesk".to_owned(), time: Time::default(), connections: 10, writers: 2, patience: Duration::from_secs(5) }
    }
}

impl PostgresStoreBuilder {
    /// The schema that holds the tables. Default: `helpdesk`. Several helpdesks may share a database, each in its own.
    pub fn with_schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    /// The clock that judges leases, due times and the life of names. Default: that of the database, which is the same
    /// for all nodes; a clock of this machine's must agree with those of the others.
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.time = Time::by(clock);
        self
    }

    /// How many connections are open at most, at least one. Default: 10. A host's pool has its own size.
    pub fn with_connections(mut self, connections: u32) -> Self {
        self.connections = connections.max(1);
        self
    }

    /// How many transactions write at a time, at least one. Default: 2, so that one is judged and written while the other
    /// is made durable; more of them wait for each other. Never more than there are connections.
    pub fn with_writers(mut self, writers: usize) -> Self {
        self.writers = writers.max(1);
        self
    }

    /// How long a call waits for a connection. Default: 5 seconds. A host's pool has its own patience.
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Connects to a database; see [`PostgresStore::connect`].
    ///
    /// # Errors
    /// Those of [`PostgresStore::connect`].
    pub async fn connect(self, url: &str) -> Result<PostgresStore, StoreError> {
        if !url.starts_with("postgres:") && !url.starts_with("postgresql:") {
            return Err(failed("the URL of a Postgres database begins with postgres:, as in postgres://user@host/database"));
        }
        let options = PgConnectOptions::from_str(url).map_err(|error| failed(format!("this is no URL of a Postgres database: {error}")))?;
        let options = options.application_name("helpdesk").statement_cache_capacity(256).disable_statement_logging();
        let acquired = AtomicU32::new(1);
        let pool = PgPoolOptions::new()
            .max_connections(self.connections)
            .acquire_timeout(self.patience)
            .test_before_acquire(false)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    sqlx::raw_sql(SETTINGS).execute(connection).await?;
                    Ok(())
                })
            })
            .before_acquire(move |connection, usage| {
                let turn = acquired.fetch_add(1, Ordering::Relaxed).is_multiple_of(REPLANNED);
                Box::pin(async move {
                    // One that was in use just now need not be asked whether it still works.
                    if turn {
                        sqlx::raw_sql(FORGET_PLANS).execute(connection).await?;
                    } else if usage.idle_for > REST {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options)
            .await
            .map_err(Fault::Sql)?;
        let store = self.store(pool, Sessions::Ours)?;
        store.migrate().await?;
        Ok(store)
    }

    /// Joins a host's database; see [`PostgresStore::from_pool`].
    ///
    /// # Errors
    /// Those of [`PostgresStore::from_pool`].
    pub async fn from_pool(self, pool: PgPool) -> Result<PostgresStore, StoreError> {
        self.store(pool, Sessions::TheHosts)
    }

    fn store(self, pool: PgPool, sessions: Sessions) -> Result<PostgresStore, StoreError> {
        let reader = Reader { pool, schema: Schema::named(&self.schema)?, time: self.time, sessions, standing: Arc::default() };
        // One that waits for the connection of another would hold it up.
        let most = usize::try_from(reader.pool.options().get_max_connections()).unwrap_or(usize::MAX);
        let writer = Writer::start(reader.clone(), self.writers.min(most));
        Ok(PostgresStore { inner: Arc::new(Inner { reader, writer }) })
    }
}
