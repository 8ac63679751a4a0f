//! Reads that go wrong.

use super::{BrokenStore, Fault};
use crate::id::{AuditId, ConversationId, Seq, WorkspaceId};
use crate::model::{Audience, Audit, Body, Conversation, Entry};
use crate::store::{Changed, ChangedAfter, Snapshot, Store as _, StoreError, TimelineRange, Want};

impl BrokenStore {
    pub(super) async fn broken_conversations(
        &self,
        workspace: WorkspaceId,
        ids: &[ConversationId],
    ) -> Result<Vec<Conversation>, StoreError> {
        let mut found = self.inner.conversations(workspace, ids).await?;
        if self.is(Fault::ConversationsLeakAcrossWorkspaces) && found.is_empty() {
            let workspaces = self.journal().workspaces.clone();
            for other in workspaces {
                found.extend(self.inner.conversations(other, ids).await?);
            }
        }
        Ok(found)
    }

    pub(super) async fn broken_snapshot(&self, workspace: WorkspaceId, want: &Want) -> Result<Snapshot, StoreError> {
        let mut snapshot = self.inner.snapshot(workspace, want).await?;
        match self.fault {
            Fault::SnapshotsMixMoments => {
                if let Some(contact) = &mut snapshot.contact {
                    *contact = self.journal().contacts.entry((workspace, contact.id)).or_insert_with(|| contact.clone()).clone();
                }
            }
            Fault::NotesCountAsMessages => {
                if let (Some(id), Some(after)) = (want.conversation, want.count_after) {
                    let entries = self.inner.timeline(workspace, id, TimelineRange::After(after), Audience::Team, u32::MAX).await?;
                    let notes = entries.iter().filter(|entry| matches!(entry.body, Body::Note(_))).count();
                    snapshot.other_messages_after += notes as u64;
                }
            }
            Fault::OpenTicketsAreForgotten => snapshot.open_ticket = None,
            _ => {}
        }
        Ok(snapshot)
    }

    pub(super) async fn broken_timeline(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        mut range: TimelineRange,
        mut audience: Audience,
        mut limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        match (self.fault, range) {
            (Fault::NotesLeakInTheTimeline, _) => audience = Audience::Team,
            (Fault::LimitsAreIgnored, _) => limit = u32::MAX,
            (Fault::BackwardsBeginsAtTheStart, TimelineRange::Before(_)) => range = TimelineRange::After(Seq::ZERO),
            _ => {}
        }
        self.inner.timeline(workspace, conversation, range, audience, limit).await
    }

    pub(super) async fn broken_changed(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        after: ChangedAfter,
        mut audience: Audience,
        limit: u32,
    ) -> Result<Option<Changed>, StoreError> {
        if self.is(Fault::NotesLeakInTheChanges) {
            audience = Audience::Team;
        }
        let Some(mut changed) = self.inner.changed(workspace, conversation, after, audience, limit).await? else { return Ok(None) };
        match self.fault {
            Fault::ChangedEntriesComeByPlace => changed.entries.sort_by_key(|entry| entry.seq),
            Fault::ChangedPagesSkipWithinAVersion => {
                changed.more = changed.more.map(|more| ChangedAfter { version: more.version.next(), seq: Seq::ZERO });
            }
            Fault::ChangedPagesMissEdits if after.seq > Seq::ZERO => {
                // Takes the place within a version for one in whatever version comes next.
                let behind = ChangedAfter { seq: Seq::ZERO, ..after };
                let all = self.inner.changed(workspace, conversation, behind, audience, u32::MAX).await?;
                let mut entries = all.map(|all| all.entries).unwrap_or_default();
                let next = entries.first().map(|entry| entry.rev);
                entries.retain(|entry| Some(entry.rev) != next || entry.seq > after.seq);
                entries.truncate(changed.entries.len());
                changed.entries = entries;
            }
            Fault::SummariesAreCached => {
                let mut journal = self.journal();
                let cached = journal.conversations.entry((workspace, conversation));
                changed.conversation = cached.or_insert_with(|| changed.conversation.clone()).clone();
            }
            _ => {}
        }
        Ok(Some(changed))
    }

    pub(super) async fn broken_audit(&self, workspace: WorkspaceId, before: Option<AuditId>, limit: u32) -> Result<Vec<Audit>, StoreError> {
        let mut lines = self.inner.audit(workspace, before, limit).await?;
        if self.is(Fault::TheAuditLogIsReadForwards) {
            lines.reverse();
        }
        Ok(lines)
    }
}
