//! A store that counts what it is asked, so that a test can tell how much a request costs, and that stalls when told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use super::Gate;
use crate::id::{AuditId, CommitId, ContactId, ConversationId, OperatorId, WorkspaceId};
use crate::model::{Audience, Audit, Contact, Conversation, Entry, Record, RecordKey, RecordKind, Ticket};
use crate::store::{
    ChangeCursor, Changed, ChangedAfter, Changes, Commit, Fence, Leased, Outcome, Page, QueueCursor, QueueQuery, QueueRow, Settled,
    Snapshot, Store, StoreError, TicketRef, TimelineRange, ViewCounts, Want,
};

/// Wraps a store and counts the calls of each method.
///
/// # Clone
///
/// Clones share store and counts.
#[derive(Clone, Debug)]
pub struct CountingStore {
    inner: Arc<dyn Store>,
    calls: Arc<Mutex<BTreeMap<&'static str, usize>>>,
    stalled: Arc<Mutex<Option<Gate>>>,
}

impl CountingStore {
    /// Counts the calls of `store`.
    pub fn new(store: impl Store) -> Self {
        Self { inner: Arc::new(store), calls: Arc::default(), stalled: Arc::default() }
    }

    /// The calls since the last time this was asked, by method; the heartbeat's reads of `changes` are among them.
    #[must_use]
    pub fn take(&self) -> BTreeMap<&'static str, usize> {
        std::mem::take(&mut *self.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Stops at the gate whoever commits or settles from now on, as a disk does that hangs. What passes is done.
    #[must_use]
    pub fn stall(&self) -> Gate {
        let gate = Gate::new();
        *self.stalled.lock().unwrap_or_else(PoisonError::into_inner) = Some(gate.clone());
        gate
    }

    async fn pass(&self) {
        let gate = self.stalled.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(gate) = gate {
            gate.pass().await;
        }
    }

    fn count(&self, method: &'static str) {
        *self.calls.lock().unwrap_or_else(PoisonError::into_inner).entry(method).or_default() += 1;
    }
}

#[async_trait]
impl Store for CountingStore {
    async fn commit(&self, commit: Commit) -> Result<Outcome, StoreError> {
        self.count("commit");
        self.pass().await;
        self.inner.commit(commit).await
    }

    async fn settle(&self, workspace: WorkspaceId, commit: CommitId) -> Result<Settled, StoreError> {
        self.count("settle");
        self.pass().await;
        self.inner.settle(workspace, commit).await
    }

    async fn snapshot(&self, workspace: WorkspaceId, want: &Want) -> Result<Snapshot, StoreError> {
        self.count("snapshot");
        self.inner.snapshot(workspace, want).await
    }

    async fn changed(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        after: ChangedAfter,
        audience: Audience,
        limit: u32,
    ) -> Result<Option<Changed>, StoreError> {
        self.count("changed");
        self.inner.changed(workspace, conversation, after, audience, limit).await
    }

    async fn timeline(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        range: TimelineRange,
        audience: Audience,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        self.count("timeline");
        self.inner.timeline(workspace, conversation, range, audience, limit).await
    }

    async fn queue(&self, workspace: WorkspaceId, query: &QueueQuery) -> Result<Page<QueueRow, QueueCursor>, StoreError> {
        self.count("queue");
        self.inner.queue(workspace, query).await
    }

    async fn counts(&self, workspace: WorkspaceId, operator: OperatorId) -> Result<ViewCounts, StoreError> {
        self.count("counts");
        self.inner.counts(workspace, operator).await
    }

    async fn conversations_of(
        &self,
        workspace: WorkspaceId,
        contact: ContactId,
        cursor: Option<QueueCursor>,
        limit: u32,
    ) -> Result<Page<QueueRow, QueueCursor>, StoreError> {
        self.count("conversations_of");
        self.inner.conversations_of(workspace, contact, cursor, limit).await
    }

    async fn conversations(&self, workspace: WorkspaceId, ids: &[ConversationId]) -> Result<Vec<Conversation>, StoreError> {
        self.count("conversations");
        self.inner.conversations(workspace, ids).await
    }

    async fn contacts(&self, workspace: WorkspaceId, ids: &[ContactId]) -> Result<Vec<Contact>, StoreError> {
        self.count("contacts");
        self.inner.contacts(workspace, ids).await
    }

    async fn tickets(&self, workspace: WorkspaceId, refs: &[TicketRef]) -> Result<Vec<Ticket>, StoreError> {
        self.count("tickets");
        self.inner.tickets(workspace, refs).await
    }

    async fn record(&self, workspace: WorkspaceId, key: RecordKey) -> Result<Option<Record>, StoreError> {
        self.count("record");
        self.inner.record(workspace, key).await
    }

    async fn records(&self, workspace: WorkspaceId, kind: RecordKind, after: Option<Uuid>, limit: u32) -> Result<Vec<Record>, StoreError> {
        self.count("records");
        self.inner.records(workspace, kind, after, limit).await
    }

    async fn audit(&self, workspace: WorkspaceId, before: Option<AuditId>, limit: u32) -> Result<Vec<Audit>, StoreError> {
        self.count("audit");
        self.inner.audit(workspace, before, limit).await
    }

    async fn changes(&self, workspace: WorkspaceId, cursor: Option<ChangeCursor>, limit: u32) -> Result<Changes, StoreError> {
        self.count("changes");
        self.inner.changes(workspace, cursor, limit).await
    }

    async fn lease(&self, limit: u32, keep: Duration) -> Result<Vec<Leased>, StoreError> {
        self.count("lease");
        self.inner.lease(limit, keep).await
    }

    async fn extend(&self, workspace: WorkspaceId, fence: &Fence, keep: Duration) -> Result<bool, StoreError> {
        self.count("extend");
        self.inner.extend(workspace, fence, keep).await
    }

    async fn retry(&self, workspace: WorkspaceId, fence: &Fence, delay: Duration) -> Result<bool, StoreError> {
        self.count("retry");
        self.inner.retry(workspace, fence, delay).await
    }

    async fn next_due(&self) -> Result<Option<Duration>, StoreError> {
        self.count("next_due");
        self.inner.next_due().await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.count("ready");
        self.inner.ready().await
    }
}
