//! The store on Postgres (15 or later): shared by as many nodes as there are.
//!
//! Commits that wait together share a transaction: a batch is loaded, judged in memory by
//! [`judge`](helpdesk_core::store::judge()), and written with a few statements of many rows. What it changes is locked
//! while it is loaded, in one order; then comes the counter of the workspace, whose lock is held to the commit, so that
//! change numbers become visible in their order; under it, what the batch only read is read once more. Whoever lost a
//! race begins anew.
//!
//! All tables are in a schema of their own, beside which a host may keep whatever it likes. Nodes share nothing else:
//! leases, numbers and the time are those of the database.

mod builder;
pub(crate) mod fault;
mod jobs;
mod name;
mod read;
mod schema;
mod sessions;
mod standing;
mod time;
mod writer;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use helpdesk_core::id::{AuditId, CommitId, ContactId, ConversationId, OperatorId, WorkspaceId};
use helpdesk_core::model::{Audience, Audit, Contact, Conversation, Entry, Record, RecordKey, RecordKind, Ticket};
use helpdesk_core::store::commit::{Commit, Outcome};
use helpdesk_core::store::job::{Fence, Leased};
use helpdesk_core::store::{
    ChangeCursor, Changed, ChangedAfter, Changes, Page, QueueCursor, QueueQuery, QueueRow, Settled, Snapshot, Store, StoreError, TicketRef,
    TimelineRange, ViewCounts, Want,
};
use sqlx::PgPool;
use uuid::Uuid;

pub use builder::PostgresStoreBuilder;
use read::Reader;
use sessions::Sessions;
use writer::Writer;

/// The helpdesk's store in a Postgres database.
///
/// # Clone
///
/// Clones share the connections and the writers.
///
/// # Examples
///
/// ```no_run
/// # async fn example() -> Result<(), helpdesk_core::store::StoreError> {
/// use helpdesk_store::PostgresStore;
///
/// let store = PostgresStore::connect("postgres://helpdesk@localhost/helpdesk").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresStore {
    inner: Arc<Inner>,
}

struct Inner {
    reader: Reader,
    writer: Writer,
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").field("schema", &self.inner.reader.schema).finish_non_exhaustive()
    }
}

impl PostgresStore {
    /// A store with other settings than the usual.
    pub fn builder() -> PostgresStoreBuilder {
        PostgresStoreBuilder::default()
    }

    /// Connects to the database of this URL (`postgres://user:password@host:5432/database?sslmode=require`) and brings its
    /// tables to this version. Many nodes may do so at once.
    ///
    /// Its sessions are set up for the helpdesk's statements when they are opened. Behind a pooler that lends one session to
    /// many (PgBouncer in transaction mode) use [`from_pool`](Self::from_pool), which sets them up for each transaction.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] if it cannot be reached; [`StoreError::SchemaOutdated`] for tables that are too new for
    /// this program.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        Self::builder().connect(url).await
    }

    /// A store in the host's database, by the host's pool. Makes no tables: see [`migrate`](Self::migrate). A transaction of the
    /// helpdesk takes one connection of the pool, and never waits for a second; two of them may run at a time.
    ///
    /// # Errors
    /// [`StoreError::Failed`] for a schema whose name Postgres could not keep.
    pub async fn from_pool(pool: PgPool) -> Result<Self, StoreError> {
        Self::builder().from_pool(pool).await
    }

    /// Brings the helpdesk's tables to this version. They are counted in the helpdesk's schema, apart from the host's own
    /// migrations. Does nothing where they are, and waits where another node is at it.
    ///
    /// # Errors
    /// [`StoreError::SchemaOutdated`] if the tables are too new for this program.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        Ok(self.reader().schema.migrate(&self.reader().pool).await?)
    }

    /// Makes every cursor of [`Store::changes`] that was given out so far worthless, so that clients read afresh. To be
    /// called once after the database was restored from a backup: numbers drawn since that backup will be drawn again.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be written.
    pub async fn renew_incarnation(&self) -> Result<(), StoreError> {
        let sql = self.reader().schema.sql("UPDATE helpdesk.meta SET incarnation = gen_random_uuid()");
        sqlx::query(sql).execute(&self.reader().pool).await.map_err(crate::sql::fault::Fault::Sql)?;
        Ok(())
    }

    /// How many transactions this node's writers have committed: the more commits share one, the busier it is.
    #[must_use]
    pub fn transactions(&self) -> u64 {
        self.inner.writer.transactions()
    }

    /// Finishes what waits to be written. Later calls answer [`StoreError::Unavailable`]. A host's pool stays open.
    pub async fn close(&self) {
        self.inner.writer.close().await;
        if self.reader().sessions == Sessions::Ours {
            self.reader().pool.close().await;
        }
    }

    fn reader(&self) -> &Reader {
        &self.inner.reader
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn commit(&self, commit: Commit) -> Result<Outcome, StoreError> {
        self.inner.writer.commit(commit).await
    }

    async fn settle(&self, workspace: WorkspaceId, commit: CommitId) -> Result<Settled, StoreError> {
        Ok(self.reader().settle(workspace, commit).await?)
    }

    async fn snapshot(&self, workspace: WorkspaceId, want: &Want) -> Result<Snapshot, StoreError> {
        Ok(self.reader().snapshot(workspace, want).await?)
    }

    async fn changed(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        after: ChangedAfter,
        audience: Audience,
        limit: u32,
    ) -> Result<Option<Changed>, StoreError> {
        Ok(self.reader().changed(workspace, conversation, after, audience, limit).await?)
    }

    async fn timeline(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        range: TimelineRange,
        audience: Audience,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        Ok(self.reader().timeline(workspace, conversation, range, audience, limit).await?)
    }

    async fn queue(&self, workspace: WorkspaceId, query: &QueueQuery) -> Result<Page<QueueRow, QueueCursor>, StoreError> {
        Ok(self.reader().queue(workspace, query).await?)
    }

    async fn counts(&self, workspace: WorkspaceId, operator: OperatorId) -> Result<ViewCounts, StoreError> {
        Ok(self.reader().counts(workspace, operator).await?)
    }

    async fn conversations_of(
        &self,
        workspace: WorkspaceId,
        contact: ContactId,
        cursor: Option<QueueCursor>,
        limit: u32,
    ) -> Result<Page<QueueRow, QueueCursor>, StoreError> {
        Ok(self.reader().conversations_of(workspace, contact, cursor, limit).await?)
    }

    async fn conversations(&self, workspace: WorkspaceId, ids: &[ConversationId]) -> Result<Vec<Conversation>, StoreError> {
        Ok(self.reader().conversations(workspace, ids).await?)
    }

    async fn contacts(&self, workspace: WorkspaceId, ids: &[ContactId]) -> Result<Vec<Contact>, StoreError> {
        Ok(self.reader().contacts(workspace, ids).await?)
    }

    async fn tickets(&self, workspace: WorkspaceId, refs: &[TicketRef]) -> Result<Vec<Ticket>, StoreError> {
        Ok(self.reader().tickets(workspace, refs).await?)
    }

    async fn record(&self, workspace: WorkspaceId, key: RecordKey) -> Result<Option<Record>, StoreError> {
        Ok(self.reader().record(workspace, key).await?)
    }

    async fn records(&self, workspace: WorkspaceId, kind: RecordKind, after: Option<Uuid>, limit: u32) -> Result<Vec<Record>, StoreError> {
        Ok(self.reader().records(workspace, kind, after, limit).await?)
    }

    async fn audit(&self, workspace: WorkspaceId, before: Option<AuditId>, limit: u32) -> Result<Vec<Audit>, StoreError> {
        Ok(self.reader().audit(workspace, before, limit).await?)
    }

    async fn changes(&self, workspace: WorkspaceId, cursor: Option<ChangeCursor>, limit: u32) -> Result<Changes, StoreError> {
        Ok(self.reader().changes(workspace, cursor, limit).await?)
    }

    async fn lease(&self, limit: u32, keep: Duration) -> Result<Vec<Leased>, StoreError> {
        Ok(self.reader().lease(limit, keep).await?)
    }

    async fn extend(&self, workspace: WorkspaceId, fence: &Fence, keep: Duration) -> Result<bool, StoreError> {
        Ok(self.reader().extend(workspace, fence, keep).await?)
    }

    async fn retry(&self, workspace: WorkspaceId, fence: &Fence, delay: Duration) -> Result<bool, StoreError> {
        Ok(self.reader().retry(workspace, fence, delay).await?)
    }

    async fn next_due(&self) -> Result<Option<Duration>, StoreError> {
        Ok(self.reader().next_due().await?)
    }

    async fn ready(&self) -> Result<(), StoreError> {
        Ok(self.reader().schema.check(&self.reader().pool).await?)
    }
}
