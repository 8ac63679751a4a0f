//! The store that keeps everything in memory and loses it when the process ends: for tests, demos and trying things out.
//!
//! It keeps the whole contract of [`Store`] but durability, and is the plainest example of how to implement it: one lock
//! around one [`View`](super::judge::View), by which [`judge`](super::judge::judge) decides what becomes of a commit,
//! and the values beside it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use super::{
    ChangeCursor, Changed, ChangedAfter, Changes, Commit, Fence, Leased, Outcome, Page, QueueCursor, QueueQuery, QueueRow, Settled,
    Snapshot, Store, StoreError, TicketRef, TimelineRange, ViewCounts, Want,
};
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::id::{AuditId, CommitId, ContactId, ConversationId, IdGen, OperatorId, RandomIds, WorkspaceId};
use crate::model::{Audience, Audit, Contact, Conversation, Entry, Record, RecordKey, RecordKind, Ticket};

mod changelog;
mod lanes;
mod queue;
mod reads;
mod state;
mod tenant;
#[cfg(test)]
mod tests;

use state::State;

/// A [`Store`] in memory. What it holds is lost when the last handle is dropped.
///
/// # Clone
///
/// Clones are handles of the same store.
#[derive(Clone)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    clock: Arc<dyn Clock>,
    incarnation: Uuid,
}

impl MemoryStore {
    /// An empty store that judges leases and due times by the machine's clock.
    #[must_use]
    pub fn new() -> Self {
        Self::with_clock(Arc::new(SystemClock))
    }

    /// An empty store that judges leases and due times by this clock.
    #[must_use]
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        Self::with_clock_and_ids(clock, &RandomIds)
    }

    /// An empty store by this clock, whose incarnation is drawn from `ids`. Two stores must not draw the same one:
    /// clients would take the changes of one for those of the other.
    #[must_use]
    pub fn with_clock_and_ids(clock: Arc<dyn Clock>, ids: &dyn IdGen) -> Self {
        Self { state: Arc::default(), clock, incarnation: ids.next() }
    }

    /// The state as it is at one moment, which the closure is told.
    ///
    /// Nothing is awaited under the lock, so a dropped future has either done its work or not begun it.
    fn at_one_moment<T>(&self, work: impl FnOnce(&mut State) -> T) -> Result<T, StoreError> {
        let mut state: MutexGuard<'_, State> = self.state.lock().map_err(|_| {
            StoreError::Inconsistent("a panic interrupted a change of the memory store; nothing in it can be trusted".to_owned())
        })?;
        state.pass_time(self.clock.now());
        Ok(work(&mut state))
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    /// Contents are private, and asking for them would take the lock.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("incarnation", &self.incarnation).field("clock", &self.clock).finish_non_exhaustive()
    }
}

/// The moment `delay` after `now`; the end of time where that is later.
fn after(now: Timestamp, delay: Duration) -> Timestamp {
    chrono::TimeDelta::from_std(delay).ok().and_then(|delay| now.checked_add_signed(delay)).unwrap_or(Timestamp::MAX_UTC)
}

/// A limit as a number of items.
fn items(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

#[async_trait]
impl Store for MemoryStore {
    async fn commit(&self, commit: Commit) -> Result<Outcome, StoreError> {
        self.at_one_moment(|state| state.commit(commit))
    }

    async fn settle(&self, workspace: WorkspaceId, commit: CommitId) -> Result<Settled, StoreError> {
        self.at_one_moment(|state| state.settle(workspace, commit))
    }

    async fn snapshot(&self, workspace: WorkspaceId, want: &Want) -> Result<Snapshot, StoreError> {
        self.at_one_moment(|state| state.snapshot(workspace, want))
    }

    async fn changed(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        after: ChangedAfter,
        audience: Audience,
        limit: u32,
    ) -> Result<Option<Changed>, StoreError> {
        self.at_one_moment(|state| state.tenant(workspace)?.changed(conversation, after, audience, items(limit)))
    }

    async fn timeline(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        range: TimelineRange,
        audience: Audience,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        self.at_one_moment(|state| {
            state.tenant(workspace).map(|tenant| tenant.timeline(conversation, range, audience, items(limit))).unwrap_or_default()
        })
    }

    async fn queue(&self, workspace: WorkspaceId, query: &QueueQuery) -> Result<Page<QueueRow, QueueCursor>, StoreError> {
        self.at_one_moment(|state| state.tenant(workspace).map_or_else(queue::empty, |tenant| tenant.queue(query)))
    }

    async fn counts(&self, workspace: WorkspaceId, operator: OperatorId) -> Result<ViewCounts, StoreError> {
        self.at_one_moment(|state| state.tenant(workspace).map(|tenant| tenant.counts(operator)).unwrap_or_default())
    }

    async fn conversations_of(
        &self,
        workspace: WorkspaceId,
        contact: ContactId,
        cursor: Option<QueueCursor>,
        limit: u32,
    ) -> Result<Page<QueueRow, QueueCursor>, StoreError> {
        self.at_one_moment(|state| {
            state.tenant(workspace).map_or_else(queue::empty, |tenant| tenant.conversations_of(contact, cursor, items(limit)))
        })
    }

    async fn conversations(&self, workspace: WorkspaceId, ids: &[ConversationId]) -> Result<Vec<Conversation>, StoreError> {
        self.at_one_moment(|state| state.tenant(workspace).map(|tenant| tenant.conversations(ids)).unwrap_or_default())
    }

    async fn contacts(&self, workspace: WorkspaceId, ids: &[ContactId]) -> Result<Vec<Contact>, StoreError> {
        self.at_one_moment(|state| state.tenant(workspace).map(|tenant| tenant.contacts(ids)).unwrap_or_default())
    }

    async fn tickets(&self, workspace: WorkspaceId, refs: &[TicketRef]) -> Result<Vec<Ticket>, StoreError> {
        self.at_one_moment(|state| state.tenant(workspace).map(|tenant| tenant.tickets(refs)).unwrap_or_default())
    }

    async fn record(&self, workspace: WorkspaceId, key: RecordKey) -> Result<Option<Record>, StoreError> {
        self.at_one_moment(|state| state.tenant(workspace)?.record(key))
    }

    async fn records(&self, workspace: WorkspaceId, kind: RecordKind, after: Option<Uuid>, limit: u32) -> Result<Vec<Record>, StoreError> {
        self.at_one_moment(|state| state.tenant(workspace).map(|tenant| tenant.records(kind, after, items(limit))).unwrap_or_default())
    }

    async fn audit(&self, workspace: WorkspaceId, before: Option<AuditId>, limit: u32) -> Result<Vec<Audit>, StoreError> {
        self.at_one_moment(|state| state.tenant(workspace).map(|tenant| tenant.audit(before, items(limit))).unwrap_or_default())
    }

    async fn changes(&self, workspace: WorkspaceId, cursor: Option<ChangeCursor>, limit: u32) -> Result<Changes, StoreError> {
        self.at_one_moment(|state| state.changes(workspace, self.incarnation, cursor, items(limit)))
    }

    async fn lease(&self, limit: u32, keep: Duration) -> Result<Vec<Leased>, StoreError> {
        self.at_one_moment(|state| state.lease(items(limit), keep))
    }

    async fn extend(&self, workspace: WorkspaceId, fence: &Fence, keep: Duration) -> Result<bool, StoreError> {
        self.at_one_moment(|state| state.extend(workspace, fence, keep))
    }

    async fn retry(&self, workspace: WorkspaceId, fence: &Fence, delay: Duration) -> Result<bool, StoreError> {
        self.at_one_moment(|state| state.retry(workspace, fence, delay))
    }

    async fn next_due(&self) -> Result<Option<Duration>, StoreError> {
        self.at_one_moment(|state| state.next_due())
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.at_one_moment(|_| ())
    }
}
