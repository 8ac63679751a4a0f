//! A shared store is a store: `Arc<S>` forwards everything.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use super::{
    ChangeCursor, Changed, ChangedAfter, Changes, Commit, Fence, Leased, Outcome, Page, QueueCursor, QueueQuery, QueueRow, Settled,
    Snapshot, Store, StoreError, TicketRef, TimelineRange, ViewCounts, Want,
};
use crate::id::{AuditId, CommitId, ContactId, ConversationId, OperatorId, WorkspaceId};
use crate::model::{Audience, Audit, Contact, Conversation, Entry, Record, RecordKey, RecordKind, Ticket};

// The trait has no default bodies, so a method that is not forwarded does not compile.
#[async_trait]
impl<S: Store + ?Sized> Store for Arc<S> {
    async fn commit(&self, commit: Commit) -> Result<Outcome, StoreError> {
        (**self).commit(commit).await
    }

    async fn settle(&self, workspace: WorkspaceId, commit: CommitId) -> Result<Settled, StoreError> {
        (**self).settle(workspace, commit).await
    }

    async fn snapshot(&self, workspace: WorkspaceId, want: &Want) -> Result<Snapshot, StoreError> {
        (**self).snapshot(workspace, want).await
    }

    async fn changed(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        after: ChangedAfter,
        audience: Audience,
        limit: u32,
    ) -> Result<Option<Changed>, StoreError> {
        (**self).changed(workspace, conversation, after, audience, limit).await
    }

    async fn timeline(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        range: TimelineRange,
        audience: Audience,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        (**self).timeline(workspace, conversation, range, audience, limit).await
    }

    async fn queue(&self, workspace: WorkspaceId, query: &QueueQuery) -> Result<Page<QueueRow, QueueCursor>, StoreError> {
        (**self).queue(workspace, query).await
    }

    async fn counts(&self, workspace: WorkspaceId, operator: OperatorId) -> Result<ViewCounts, StoreError> {
        (**self).counts(workspace, operator).await
    }

    async fn conversations_of(
        &self,
        workspace: WorkspaceId,
        contact: ContactId,
        cursor: Option<QueueCursor>,
        limit: u32,
    ) -> Result<Page<QueueRow, QueueCursor>, StoreError> {
        (**self).conversations_of(workspace, contact, cursor, limit).await
    }

    async fn conversations(&self, workspace: WorkspaceId, ids: &[ConversationId]) -> Result<Vec<Conversation>, StoreError> {
        (**self).conversations(workspace, ids).await
    }

    async fn contacts(&self, workspace: WorkspaceId, ids: &[ContactId]) -> Result<Vec<Contact>, StoreError> {
        (**self).contacts(workspace, ids).await
    }

    async fn tickets(&self, workspace: WorkspaceId, refs: &[TicketRef]) -> Result<Vec<Ticket>, StoreError> {
        (**self).tickets(workspace, refs).await
    }

    async fn record(&self, workspace: WorkspaceId, key: RecordKey) -> Result<Option<Record>, StoreError> {
        (**self).record(workspace, key).await
    }

    async fn records(&self, workspace: WorkspaceId, kind: RecordKind, after: Option<Uuid>, limit: u32) -> Result<Vec<Record>, StoreError> {
        (**self).records(workspace, kind, after, limit).await
    }

    async fn audit(&self, workspace: WorkspaceId, before: Option<AuditId>, limit: u32) -> Result<Vec<Audit>, StoreError> {
        (**self).audit(workspace, before, limit).await
    }

    async fn changes(&self, workspace: WorkspaceId, cursor: Option<ChangeCursor>, limit: u32) -> Result<Changes, StoreError> {
        (**self).changes(workspace, cursor, limit).await
    }

    async fn lease(&self, limit: u32, keep: Duration) -> Result<Vec<Leased>, StoreError> {
        (**self).lease(limit, keep).await
    }

    async fn extend(&self, workspace: WorkspaceId, fence: &Fence, keep: Duration) -> Result<bool, StoreError> {
        (**self).extend(workspace, fence, keep).await
    }

    async fn retry(&self, workspace: WorkspaceId, fence: &Fence, delay: Duration) -> Result<bool, StoreError> {
        (**self).retry(workspace, fence, delay).await
    }

    async fn next_due(&self) -> Result<Option<Duration>, StoreError> {
        (**self).next_due().await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        (**self).ready().await
    }
}
