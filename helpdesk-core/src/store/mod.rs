//! The store: a few reads and one write.
//!
//! A [`Store`] keeps what [`crate::decide`] decided. It knows no rule of the helpdesk but three, each of which is
//! given as code that it may call: [`judge`](judge::judge) says what becomes of a commit, [`QueueQuery::holds`]
//! what a view shows, [`Entry::is_visible_to`](crate::model::Entry::is_visible_to) what a contact may read.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

pub mod commit;
mod error;
pub mod job;
pub mod judge;
pub mod memory;
pub mod query;
mod shared;

pub use commit::{Claim, Commit, Committed, Guard, JobOp, Key, Outcome, Owner, UniqueKey, Write};
pub use error::{StorageFault, StoreError};
pub use job::{Fence, Lane, Leased, NewJob, Work};
pub use judge::{View, judge};
pub use memory::MemoryStore;
pub use query::{
    AssigneeFilter, Change, ChangeCursor, Changed, ChangedAfter, Changes, Page, QueueCursor, QueueQuery, QueueRow, QueueView, Snapshot,
    Sort, TicketRef, TimelineRange, ViewCounts, Want,
};

use crate::id::{ChangeNumber, CommitId, ContactId, ConversationId, OperatorId, WorkspaceId};
use crate::model::{Audience, Audit, Contact, Conversation, Entry, Record, RecordKey, RecordKind, Ticket};
use uuid::Uuid;

/// What became of a commit whose outcome was unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It was committed; this is the result it kept.
    Committed(Bytes),
    /// It was not, and never will be: the id now counts as refused.
    Refused,
}

/// Where the helpdesk keeps everything.
///
/// # Contract
///
/// - [`commit`](Self::commit) applies everything or nothing, and answers `Committed` only when it is durable. Its
///   outcome is that of [`judge()`] on the state at one moment; commits are serialisable, guards that are only read included.
/// - Reads of one call see one moment. A read that begins after a commit was answered sees it.
/// - Everything is scoped by the workspace that is given; ids of other workspaces are absent.
/// - Change numbers of a workspace become visible in their order.
/// - Leases and due times are judged by the store's own clock.
/// - Limits are respected: never more rows than asked for.
///
/// [`crate::testing`] has the conformance kit that runs this contract against an implementation.
///
/// # Cancel safety
///
/// Every method may be dropped at any time. A dropped [`commit`](Self::commit) is applied whole or not at all.
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync + 'static {
    /// Applies a commit, or says why not.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] and [`StoreError::Storage`] also where the outcome is unknown; the engine then calls [`settle`](Self::settle).
    async fn commit(&self, commit: Commit) -> Result<Outcome, StoreError>;

    /// Finds out what became of a commit: waits for an attempt in flight, then answers its result, or makes it impossible
    /// by keeping the id as refused. Ids are kept for a day.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot tell.
    async fn settle(&self, workspace: WorkspaceId, commit: CommitId) -> Result<Settled, StoreError>;

    /// Reads all that a command needs, at one moment.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    async fn snapshot(&self, workspace: WorkspaceId, want: &Want) -> Result<Snapshot, StoreError>;

    /// The conversation as it is now and its entries with a `rev` above `after` that `audience` may see, ordered by
    /// (`rev`, `seq`), at most `limit` entries, all of one moment. None if the conversation does not exist.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    async fn changed(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        after: ChangedAfter,
        audience: Audience,
        limit: u32,
    ) -> Result<Option<Changed>, StoreError>;

    /// At most `limit` entries that `audience` may see, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    async fn timeline(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        range: TimelineRange,
        audience: Audience,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError>;

    /// A page of the queue: rows with their contacts and tickets, all of one moment.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    async fn queue(&self, workspace: WorkspaceId, query: &QueueQuery) -> Result<Page<QueueRow, QueueCursor>, StoreError>;

    /// How many conversations each view holds for this operator.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    async fn counts(&self, workspace: WorkspaceId, operator: OperatorId) -> Result<ViewCounts, StoreError>;

    /// A contact's conversations, latest activity first, as rows of the [`queue`](Self::queue) are.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    async fn conversations_of(
        &self,
        workspace: WorkspaceId,
        contact: ContactId,
        cursor: Option<QueueCursor>,
        limit: u32,
    ) -> Result<Page<QueueRow, QueueCursor>, StoreError>;

    /// These conversations, in any order; absent ones are left out.
    ///
    /// # Errors
    /// [`StoreError`] if they cannot be read.
    async fn conversations(&self, workspace: WorkspaceId, ids: &[ConversationId]) -> Result<Vec<Conversation>, StoreError>;

    /// These contacts, in any order; absent ones are left out.
    ///
    /// # Errors
    /// [`StoreError`] if they cannot be read.
    async fn contacts(&self, workspace: WorkspaceId, ids: &[ContactId]) -> Result<Vec<Contact>, StoreError>;

    /// These tickets, in any order; absent ones are left out.
    ///
    /// # Errors
    /// [`StoreError`] if they cannot be read.
    async fn tickets(&self, workspace: WorkspaceId, refs: &[TicketRef]) -> Result<Vec<Ticket>, StoreError>;

    /// A record.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    async fn record(&self, workspace: WorkspaceId, key: RecordKey) -> Result<Option<Record>, StoreError>;

    /// Records of a kind by rising id, behind `after`, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] if they cannot be read.
    async fn records(&self, workspace: WorkspaceId, kind: RecordKind, after: Option<Uuid>, limit: u32) -> Result<Vec<Record>, StoreError>;

    /// Lines of the audit log, newest first, below `before`, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] if they cannot be read.
    async fn audit(&self, workspace: WorkspaceId, before: Option<crate::id::AuditId>, limit: u32) -> Result<Vec<Audit>, StoreError>;

    /// What changed behind the cursor, at most `limit` changes; without a cursor only where the changes stand now.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    async fn changes(&self, workspace: WorkspaceId, cursor: Option<ChangeCursor>, limit: u32) -> Result<Changes, StoreError>;

    /// Leases up to `limit` due jobs for `keep`: the oldest of each lane that has none leased, or whose lease is over.
    /// Spans workspaces.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be done.
    async fn lease(&self, limit: u32, keep: Duration) -> Result<Vec<Leased>, StoreError>;

    /// Lengthens a lease to `keep` from now. False: it is lost.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be done.
    async fn extend(&self, workspace: WorkspaceId, fence: &Fence, keep: Duration) -> Result<bool, StoreError>;

    /// Gives a job back: it keeps its place and is due again after `delay`. False: the lease is lost.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be done.
    async fn retry(&self, workspace: WorkspaceId, fence: &Fence, delay: Duration) -> Result<bool, StoreError>;

    /// How long until the next job is due, for workers to sleep; none: there is no job.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    async fn next_due(&self) -> Result<Option<Duration>, StoreError>;

    /// Whether the store can be used: it can be reached, and its schema is the one of this version.
    ///
    /// # Errors
    /// [`StoreError::SchemaOutdated`] with what to do, or why it cannot be reached.
    async fn ready(&self) -> Result<(), StoreError>;
}

/// The cursor of a store's changes before the first one.
impl ChangeCursor {
    /// The place before the first change of this incarnation.
    #[must_use]
    pub const fn start(incarnation: Uuid) -> Self {
        Self { incarnation, number: ChangeNumber::ZERO }
    }
}
