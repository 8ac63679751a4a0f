//! Opening a store.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use helpdesk_core::clock::{Clock, SystemClock};
use helpdesk_core::store::{Store as _, StoreError};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection, SqlitePool};

use super::damage;
use super::health::Health;
use super::ledger::Ledger;
use super::lock::FileLock;
use super::read::Parsed;
use super::readers::Readers;
use super::writer::{Courtesy, Writer};
use super::{Inner, SqliteStore};
use crate::sql::fault::{Fault, failed};

/// The settings of a [`SqliteStore`].
#[derive(Clone, Debug)]
#[must_use]
pub struct SqliteStoreBuilder {
    clock: Arc<dyn Clock>,
    readers: u32,
    busy_timeout: Duration,
    patience: Duration,
}

impl Default for SqliteStoreBuilder {
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), readers: 4, busy_timeout: Duration::from_secs(5), patience: Duration::from_secs(1) }
    }
}

impl SqliteStoreBuilder {
    /// The clock that judges leases, due times and the life of names. Default: the machine's.
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// How many connections read at a time, at least one. Each has a thread. Default: 4.
    pub fn with_readers(mut self, readers: u32) -> Self {
        self.readers = readers.max(1);
        self
    }

    /// How long a write waits while somebody else writes to the file. Default: 5 seconds.
    pub fn with_busy_timeout(mut self, busy_timeout: Duration) -> Self {
        self.busy_timeout = busy_timeout;
        self
    }

    /// How long opening waits for another store to give the file back. Default: 1 second.
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Opens a file; see [`SqliteStore::connect`].
    ///
    /// # Errors
    /// Those of [`SqliteStore::connect`].
    pub async fn connect(self, url: &str) -> Result<SqliteStore, StoreError> {
        if !url.starts_with("sqlite:") {
            return Err(failed("the URL of an SQLite file begins with sqlite:, as in sqlite://helpdesk.db"));
        }
        if url.split_once('?').is_some_and(|(_, query)| query.split('&').any(|pair| pair == "mode=ro")) {
            return Err(failed("the helpdesk writes to its file: leave mode=ro out of the URL"));
        }
        let given = SqliteConnectOptions::from_str(url).map_err(|error| failed(format!("this is no URL of an SQLite file: {error}")))?;
        let given = given.create_if_missing(true).busy_timeout(self.busy_timeout).disable_statement_logging();
        // Before anybody opens the file, because that would mend the log by leaving out what cannot be read.
        let early = match std::fs::canonicalize(given.get_filename()) {
            Ok(file) => {
                let lock = FileLock::take(&file, self.patience).await?;
                damage::look(&file)?;
                Some((file, lock))
            }
            Err(_) => None,
        };
        let health = Health::new(given.get_filename());
        let probe = async {
            let mut probe = SqliteConnection::connect_with(&given).await?;
            let file = file_of(&mut probe).await?;
            probe.close().await?;
            Ok(file)
        };
        let file = probe.await.map_err(|fault: Fault| health.cannot_read(fault.into()))?;
        let lock = early.filter(|(known, _)| *known == file).map(|(_, lock)| lock);
        let store = self.open(file, lock, given, Courtesy::Alone).await?;
        store.migrate().await?;
        // A file that may only be read is told now, and not at the first message.
        store.ready().await?;
        Ok(store)
    }

    /// Joins a host's database; see [`SqliteStore::from_pool`].
    ///
    /// # Errors
    /// Those of [`SqliteStore::from_pool`].
    pub async fn from_pool(self, pool: SqlitePool) -> Result<SqliteStore, StoreError> {
        let mut probe = pool.acquire().await.map_err(Fault::Sql)?;
        let file = file_of(&mut probe).await?;
        drop(probe);
        let options = (*pool.connect_options()).clone().read_only(false).busy_timeout(self.busy_timeout);
        self.open(file, None, options.disable_statement_logging(), Courtesy::Shared).await
    }

    async fn open(
        self,
        file: PathBuf,
        lock: Option<FileLock>,
        options: SqliteConnectOptions,
        courtesy: Courtesy,
    ) -> Result<SqliteStore, StoreError> {
        let Self { clock, readers, busy_timeout, patience } = self;
        let lock = match lock {
            Some(lock) => lock,
            None => FileLock::take(&file, patience).await?,
        };
        let health = Arc::new(Health::new(&file));
        let migrating = options.filename(&file).journal_mode(SqliteJournalMode::Wal);
        let ledger = Arc::new(Ledger::default());
        let parsed = Arc::new(Parsed::new(Arc::clone(&ledger)));
        let writer = Writer::start(file.clone(), busy_timeout, lock, clock.clone(), courtesy, Arc::clone(&health), ledger)?;
        let readers = Readers::start(readers, &file, busy_timeout, &parsed)?;
        Ok(SqliteStore { inner: Arc::new(Inner { readers, writer, migrating, clock, file, health }) })
    }
}

/// The absolute path of the database behind a connection.
async fn file_of(connection: &mut SqliteConnection) -> Result<PathBuf, Fault> {
    let sql = "SELECT coalesce(file, '') FROM pragma_database_list WHERE name = 'main'";
    let file: String = sqlx::query_scalar(sql).fetch_one(connection).await?;
    if file.is_empty() {
        let why =
            "a database in memory belongs to one connection: the helpdesk's writer would see another database than its readers; use a file";
        return Err(failed(why).into());
    }
    Ok(Path::new(&file).to_path_buf())
}
