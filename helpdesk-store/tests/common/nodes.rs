//! Several nodes as one store: every call goes to the next of them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use helpdesk_core::id::{AuditId, CommitId, ContactId, ConversationId, OperatorId, WorkspaceId};
use helpdesk_core::model::{Audience, Audit, Contact, Conversation, Entry, Record, RecordKey, RecordKind, Ticket};
use helpdesk_core::store::{
    ChangeCursor, Changed, ChangedAfter, Changes, Commit, Fence, Leased, Outcome, Page, QueueCursor, QueueQuery, QueueRow, Settled,
    Snapshot, Store, StoreError, TicketRef, TimelineRange, ViewCounts, Want,
};
use helpdesk_store::PostgresStore;
use uuid::Uuid;

/// Stores that share a database.
#[derive(Debug)]
pub(crate) struct Nodes {
    nodes: Vec<PostgresStore>,
    calls: AtomicUsize,
}

impl Nodes {
    pub(crate) fn new(nodes: Vec<PostgresStore>) -> Self {
        Self { nodes, calls: AtomicUsize::new(0) }
    }

    fn next(&self) -> &PostgresStore {
        &self.nodes[self.calls.fetch_add(1, Ordering::Relaxed) % self.nodes.len()]
    }
}

#[async_trait]
impl Store for Nodes {
    async fn commit(&self, commit: Commit) -> Result<Outcome, StoreError> {
        self.next().commit(commit).await
    }

    async fn settle(&self, workspace: WorkspaceId, commit: CommitId) -> Result<Settled, StoreError> {
        self.next().settle(workspace, commit).await
    }

    async fn snapshot(&self, workspace: WorkspaceId, want: &Want) -> Result<Snapshot, StoreError> {
        self.next().snapshot(workspace, want).await
    }

    async fn changed(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        after: ChangedAfter,
        audience: Audience,
        limit: u32,
    ) -> Result<Option<Changed>, StoreError> {
        self.next().changed(workspace, conversation, after, audience, limit).await
    }

    async fn timeline(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        range: TimelineRange,
        audience: Audience,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        self.next().timeline(workspace, conversation, range, audience, limit).await
    }

    async fn queue(&self, workspace: WorkspaceId, query: &QueueQuery) -> Result<Page<QueueRow, QueueCursor>, StoreError> {
        self.next().queue(workspace, query).await
    }

    async fn counts(&self, workspace: WorkspaceId, operator: OperatorId) -> Result<ViewCounts, StoreError> {
        self.next().counts(workspace, operator).await
    }

    async fn conversations_of(
        &self,
        workspace: WorkspaceId,
        contact: ContactId,
        cursor: Option<QueueCursor>,
        limit: u32,
    ) -> Result<Page<QueueRow, QueueCursor>, StoreError> {
        self.next().conversations_of(workspace, contact, cursor, limit).await
    }

    async fn conversations(&self, workspace: WorkspaceId, ids: &[ConversationId]) -> Result<Vec<Conversation>, StoreError> {
        self.next().conversations(workspace, ids).await
    }

    async fn contacts(&self, workspace: WorkspaceId, ids: &[ContactId]) -> Result<Vec<Contact>, StoreError> {
        self.next().contacts(workspace, ids).await
    }

    async fn tickets(&self, workspace: WorkspaceId, refs: &[TicketRef]) -> Result<Vec<Ticket>, StoreError> {
        self.next().tickets(workspace, refs).await
    }

    async fn record(&self, workspace: WorkspaceId, key: RecordKey) -> Result<Option<Record>, StoreError> {
        self.next().record(workspace, key).await
    }

    async fn records(&self, workspace: WorkspaceId, kind: RecordKind, after: Option<Uuid>, limit: u32) -> Result<Vec<Record>, StoreError> {
        self.next().records(workspace, kind, after, limit).await
    }

    async fn audit(&self, workspace: WorkspaceId, before: Option<AuditId>, limit: u32) -> Result<Vec<Audit>, StoreError> {
        self.next().audit(workspace, before, limit).await
    }

    async fn changes(&self, workspace: WorkspaceId, cursor: Option<ChangeCursor>, limit: u32) -> Result<Changes, StoreError> {
        self.next().changes(workspace, cursor, limit).await
    }

    async fn lease(&self, limit: u32, keep: Duration) -> Result<Vec<Leased>, StoreError> {
        self.next().lease(limit, keep).await
    }

    async fn extend(&self, workspace: WorkspaceId, fence: &Fence, keep: Duration) -> Result<bool, StoreError> {
        self.next().extend(workspace, fence, keep).await
    }

    async fn retry(&self, workspace: WorkspaceId, fence: &Fence, delay: Duration) -> Result<bool, StoreError> {
        self.next().retry(workspace, fence, delay).await
    }

    async fn next_due(&self) -> Result<Option<Duration>, StoreError> {
        self.next().next_due().await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.next().ready().await
    }
}
