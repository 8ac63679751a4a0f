//! The store on SQLite: one file, one process, durable by group commit.
//!
//! Reads are answered by a few threads with a connection each; what they parsed before serves again while the writer's
//! ledger says that nobody wrote it since. Every write goes to one writer on a thread of its own, which takes what waits,
//! judges it in memory, and writes it in one transaction; a commit is answered after that transaction's `COMMIT`, with
//! `synchronous=FULL`. So many callers share one flush of the disk, and none waits for a timer.
//!
//! Beside the file lie SQLite's own `-wal` and `-shm`, and `.helpdesk-lock`, which is empty and may stay.
//!
//! A host may keep its own tables in the same file: everything here is called `helpdesk_*`. It should write with
//! `BEGIN IMMEDIATE` and a busy timeout of some seconds, keep its transactions short, and leave the file in WAL mode.

mod builder;
mod connection;
mod damage;
pub(crate) mod fault;
mod health;
mod hexadecimal;
mod ledger;
mod lock;
mod read;
mod readers;
mod schema;
mod writer;

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use helpdesk_core::clock::Clock;
use helpdesk_core::id::{AuditId, CommitId, ContactId, ConversationId, OperatorId, WorkspaceId};
use helpdesk_core::model::{Audience, Audit, Contact, Conversation, Entry, Record, RecordKey, RecordKind, Ticket};
use helpdesk_core::store::commit::{Commit, Outcome};
use helpdesk_core::store::job::{Fence, Leased};
use helpdesk_core::store::{
    ChangeCursor, Changed, ChangedAfter, Changes, Page, QueueCursor, QueueQuery, QueueRow, Settled, Snapshot, Store, StoreError, TicketRef,
    TimelineRange, ViewCounts, Want,
};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection, SqlitePool};
use uuid::Uuid;

pub use builder::SqliteStoreBuilder;
use health::Health;
use readers::Readers;
use writer::Writer;

use crate::sql::fault::Fault;

/// The helpdesk's store in an SQLite file.
///
/// # Clone
///
/// Clones share the readers and the writer. The file is free again once the last one is dropped and the writer has
/// finished what waited, or after [`close`](Self::close).
///
/// # Examples
///
/// ```no_run
/// # async fn example() -> Result<(), helpdesk_core::store::StoreError> {
/// use helpdesk_store::SqliteStore;
///
/// let store = SqliteStore::connect("sqlite://helpdesk.db").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SqliteStore {
    inner: Arc<Inner>,
}

struct Inner {
    readers: Readers,
    writer: Writer,
    /// How the file is opened to make its tables.
    migrating: SqliteConnectOptions,
    clock: Arc<dyn Clock>,
    file: PathBuf,
    health: Arc<Health>,
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("file", &self.inner.file).finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// A store with other settings than the usual.
    pub fn builder() -> SqliteStoreBuilder {
        SqliteStoreBuilder::default()
    }

    /// Opens the file of this URL (`sqlite://path/to/file.db`), makes it where there is none, and brings its tables to
    /// this version.
    ///
    /// # Errors
    /// [`StoreError::StoreInUse`] if another process owns the file; [`StoreError::Failed`] for a database in memory;
    /// [`StoreError::Storage`] for a file that cannot be written, is damaged or is no database, or whose write-ahead log
    /// lost what was committed; [`StoreError::SchemaOutdated`] for a file of a newer version.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::builder().connect(url).await
    }

    /// A store in the host's database: it learns from the pool which file that is, and opens readers and a writer of its
    /// own on it, so that neither waits for the other's connections. Makes no tables: see [`migrate`](Self::migrate).
    ///
    /// # Errors
    /// [`StoreError::StoreInUse`] if another process owns the file; [`StoreError::Failed`] if the database is in memory,
    /// where a second connection would see another database.
    pub async fn from_pool(pool: SqlitePool) -> Result<Self, StoreError> {
        Self::builder().from_pool(pool).await
    }

    /// Brings the helpdesk's tables to this version. They are counted apart from the host's own migrations.
    ///
    /// # Errors
    /// [`StoreError::SchemaOutdated`] if the tables are of a newer version than this program.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let migrated = async {
            let mut connection = SqliteConnection::connect_with(&self.inner.migrating).await?;
            let migrated = schema::migrate(&mut connection).await;
            let _unclean = connection.close().await;
            migrated
        };
        migrated.await.map_err(|fault| self.inner.health.cannot_write(fault.into()))?;
        self.inner.writer.migrated().await
    }

    /// Makes every cursor of [`Store::changes`] that was given out so far worthless, so that clients read afresh. To be
    /// called once after a file was restored from a backup: numbers drawn since that backup will be drawn again.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be written.
    pub async fn renew_incarnation(&self) -> Result<(), StoreError> {
        self.inner.writer.renew_incarnation().await
    }

    /// The database file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.inner.file
    }

    /// How many transactions the writer has committed: the more commits share one, the busier it is.
    #[must_use]
    pub fn transactions(&self) -> u64 {
        self.inner.writer.transactions()
    }

    /// Finishes what waits to be written and gives the file back. Later calls answer [`StoreError::Unavailable`]. A
    /// host's pool stays open.
    pub async fn close(&self) {
        self.inner.readers.close().await;
        self.inner.writer.close().await;
    }

    async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut read::Source) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.inner.readers.ask(question).await.map_err(|error| self.inner.health.cannot_read(error))
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn commit(&self, commit: Commit) -> Result<Outcome, StoreError> {
        self.inner.writer.commit(commit).await
    }

    async fn settle(&self, workspace: WorkspaceId, commit: CommitId) -> Result<Settled, StoreError> {
        self.inner.writer.settle(workspace, commit).await
    }

    async fn snapshot(&self, workspace: WorkspaceId, want: &Want) -> Result<Snapshot, StoreError> {
        let want = want.clone();
        let now = self.inner.clock.now();
        self.read(move |source| read::snapshot(&source.connection, workspace, &want, now)).await
    }

    async fn changed(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        after: ChangedAfter,
        audience: Audience,
        limit: u32,
    ) -> Result<Option<Changed>, StoreError> {
        self.read(move |source| read::changed(&mut source.connection, workspace, conversation, after, audience, limit)).await
    }

    async fn timeline(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        range: TimelineRange,
        audience: Audience,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        self.read(move |source| read::timeline(&source.connection, workspace, conversation, range, audience, limit)).await
    }

    async fn queue(&self, workspace: WorkspaceId, query: &QueueQuery) -> Result<Page<QueueRow, QueueCursor>, StoreError> {
        let query = query.clone();
        self.read(move |source| read::queue(source, workspace, &query)).await
    }

    async fn counts(&self, workspace: WorkspaceId, operator: OperatorId) -> Result<ViewCounts, StoreError> {
        self.read(move |source| read::counts(&source.connection, workspace, operator)).await
    }

    async fn conversations_of(
        &self,
        workspace: WorkspaceId,
        contact: ContactId,
        cursor: Option<QueueCursor>,
        limit: u32,
    ) -> Result<Page<QueueRow, QueueCursor>, StoreError> {
        self.read(move |source| read::conversations_of(source, workspace, contact, cursor, limit)).await
    }

    async fn conversations(&self, workspace: WorkspaceId, ids: &[ConversationId]) -> Result<Vec<Conversation>, StoreError> {
        let ids = ids.to_vec();
        self.read(move |source| read::conversations(source, workspace, &ids)).await
    }

    async fn contacts(&self, workspace: WorkspaceId, ids: &[ContactId]) -> Result<Vec<Contact>, StoreError> {
        let ids = ids.to_vec();
        self.read(move |source| read::contacts(source, workspace, &ids)).await
    }

    async fn tickets(&self, workspace: WorkspaceId, refs: &[TicketRef]) -> Result<Vec<Ticket>, StoreError> {
        let refs = refs.to_vec();
        self.read(move |source| read::tickets(&source.connection, workspace, &refs)).await
    }

    async fn record(&self, workspace: WorkspaceId, key: RecordKey) -> Result<Option<Record>, StoreError> {
        self.read(move |source| read::record(&source.connection, workspace, key)).await
    }

    async fn records(&self, workspace: WorkspaceId, kind: RecordKind, after: Option<Uuid>, limit: u32) -> Result<Vec<Record>, StoreError> {
        self.read(move |source| read::records(&source.connection, workspace, kind, after, limit)).await
    }

    async fn audit(&self, workspace: WorkspaceId, before: Option<AuditId>, limit: u32) -> Result<Vec<Audit>, StoreError> {
        self.read(move |source| read::audit(&source.connection, workspace, before, limit)).await
    }

    async fn changes(&self, workspace: WorkspaceId, cursor: Option<ChangeCursor>, limit: u32) -> Result<Changes, StoreError> {
        self.read(move |source| read::changes(&mut source.connection, workspace, cursor, limit)).await
    }

    async fn lease(&self, limit: u32, keep: Duration) -> Result<Vec<Leased>, StoreError> {
        self.inner.writer.lease(limit, keep).await
    }

    async fn extend(&self, workspace: WorkspaceId, fence: &Fence, keep: Duration) -> Result<bool, StoreError> {
        self.inner.writer.extend(workspace, fence.clone(), keep).await
    }

    async fn retry(&self, workspace: WorkspaceId, fence: &Fence, delay: Duration) -> Result<bool, StoreError> {
        self.inner.writer.retry(workspace, fence.clone(), delay).await
    }

    async fn next_due(&self) -> Result<Option<Duration>, StoreError> {
        let now = self.inner.clock.now();
        self.read(move |source| read::next_due(&source.connection, now)).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.read(|source| schema::check(&source.connection)).await?;
        self.inner.writer.ready().await
    }
}
