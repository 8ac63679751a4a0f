//! Stores that are broken on purpose, each in one way, to prove that the conformance kit notices.
//!
//! All of them are the memory store behind a wrapper that spoils what goes in or what comes out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use super::ids::SequentialIds;
use crate::id::{AuditId, CommitId, ContactId, ConversationId, LeaseToken, OperatorId, WorkspaceId};
use crate::model::{Audience, Audit, Contact, Conversation, Entry, Record, RecordKey, RecordKind, Ticket};
use crate::store::{
    ChangeCursor, Changed, ChangedAfter, Changes, Commit, Fence, Lane, Leased, MemoryStore, Outcome, Page, QueueCursor, QueueQuery,
    QueueRow, Settled, Snapshot, Store, StoreError, TicketRef, TimelineRange, ViewCounts, Want,
};

mod changes;
mod commits;
mod jobs;
mod queue;
mod reads;
mod tests;

/// What is wrong with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Nothing: the wrapper itself is sound.
    None,

    // Commits.
    GuardsAreIgnored,
    OnlyWrittenThingsAreGuarded,
    GuardsAreCheckedBeforeTheLock,
    RefusedCommitsAreHalfApplied,
    CommitsAreAppliedInSteps,
    TheLastWriteIsForgotten,
    TheLastJobIsForgotten,
    CommitIdsAreForgotten,
    CommitIdsAreSharedByWorkspaces,
    ResultsAreForgotten,
    RefusalsUseTheIdUp,
    ConflictsAreJudgedFirst,
    SettlingDoesNotStick,
    NamesAreIgnored,
    NamesNeverRunOut,
    NamesAreFoldedToLowerCase,
    NamesAreClaimedBeforeTheyAreReleased,
    TheLastOfTwinClaimsWins,
    ForeignReleasesAreSkipped,
    TicketsAreRenumbered,
    TimesAreCutToMilliseconds,
    EmptyTextsBecomeNone,

    // Jobs.
    LanesAreReversed,
    DelaysAreIgnored,
    LeasesAreGivenTwice,
    LeasesNeverRunOut,
    StaleLeasesFinishJobs,
    LostLeasesCanBeExtended,
    AttemptsAreNotCounted,
    TokensAreReused,
    RetriesLoseTheirPlace,
    ArmingPushes,
    ArmingReplaces,
    ArmingForgetsWhileLeased,
    CancellingIsForgotten,
    CancellingKeepsTheLease,
    NothingIsEverDue,

    // Reads.
    ConversationsLeakAcrossWorkspaces,
    NotesLeakInTheTimeline,
    NotesLeakInTheChanges,
    LimitsAreIgnored,
    BackwardsBeginsAtTheStart,
    ChangedEntriesComeByPlace,
    ChangedPagesSkipWithinAVersion,
    ChangedPagesMissEdits,
    SummariesAreCached,
    SnapshotsMixMoments,
    NotesCountAsMessages,
    OpenTicketsAreForgotten,
    TheAuditLogIsReadForwards,

    // The queue.
    CursorsAreTimesOnly,
    MineIsWhatIAnswer,
    OldestIsNotNewestBackwards,
    RowsKeepTheirContact,
    RowsForgetTheirTicket,
    CountsDrift,

    // Changes.
    CursorsSkipWhatDidNotFit,
    CursorsPassWhatIsNotYetVisible,
    ForeignCursorsAreAccepted,
    RemovalsAreNotTold,
}

/// What broken stores remember.
#[derive(Default)]
struct Journal {
    workspaces: BTreeSet<WorkspaceId>,
    committed: BTreeMap<CommitId, bytes::Bytes>,
    conversations_written: BTreeMap<WorkspaceId, u64>,
    conversations: BTreeMap<(WorkspaceId, ConversationId), Conversation>,
    contacts: BTreeMap<(WorkspaceId, ContactId), Contact>,
    leased: BTreeMap<(WorkspaceId, Lane), Leased>,
    voided: Vec<Fence>,
    real_tokens: BTreeMap<(WorkspaceId, Lane, crate::id::JobId, LeaseToken), LeaseToken>,
}

/// A memory store with a fault.
struct BrokenStore {
    fault: Fault,
    inner: MemoryStore,
    ids: SequentialIds,
    journal: Mutex<Journal>,
}

impl BrokenStore {
    fn new(fault: Fault, inner: MemoryStore) -> Self {
        Self { fault, inner, ids: SequentialIds::series(0xb0), journal: Mutex::default() }
    }

    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap()
    }
}

impl std::fmt::Debug for BrokenStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BrokenStore({:?})", self.fault)
    }
}

#[async_trait]
impl Store for BrokenStore {
    async fn commit(&self, commit: Commit) -> Result<Outcome, StoreError> {
        self.broken_commit(commit).await
    }

    async fn settle(&self, workspace: WorkspaceId, commit: CommitId) -> Result<Settled, StoreError> {
        self.broken_settle(workspace, commit).await
    }

    async fn snapshot(&self, workspace: WorkspaceId, want: &Want) -> Result<Snapshot, StoreError> {
        self.broken_snapshot(workspace, want).await
    }

    async fn changed(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        after: ChangedAfter,
        audience: Audience,
        limit: u32,
    ) -> Result<Option<Changed>, StoreError> {
        self.broken_changed(workspace, conversation, after, audience, limit).await
    }

    async fn timeline(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        range: TimelineRange,
        audience: Audience,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        self.broken_timeline(workspace, conversation, range, audience, limit).await
    }

    async fn queue(&self, workspace: WorkspaceId, query: &QueueQuery) -> Result<Page<QueueRow, QueueCursor>, StoreError> {
        self.broken_queue(workspace, query).await
    }

    async fn counts(&self, workspace: WorkspaceId, operator: OperatorId) -> Result<ViewCounts, StoreError> {
        self.broken_counts(workspace, operator).await
    }

    async fn conversations_of(
        &self,
        workspace: WorkspaceId,
        contact: ContactId,
        cursor: Option<QueueCursor>,
        limit: u32,
    ) -> Result<Page<QueueRow, QueueCursor>, StoreError> {
        self.inner.conversations_of(workspace, contact, cursor, limit).await
    }

    async fn conversations(&self, workspace: WorkspaceId, ids: &[ConversationId]) -> Result<Vec<Conversation>, StoreError> {
        self.broken_conversations(workspace, ids).await
    }

    async fn contacts(&self, workspace: WorkspaceId, ids: &[ContactId]) -> Result<Vec<Contact>, StoreError> {
        self.inner.contacts(workspace, ids).await
    }

    async fn tickets(&self, workspace: WorkspaceId, refs: &[TicketRef]) -> Result<Vec<Ticket>, StoreError> {
        self.inner.tickets(workspace, refs).await
    }

    async fn record(&self, workspace: WorkspaceId, key: RecordKey) -> Result<Option<Record>, StoreError> {
        self.inner.record(workspace, key).await
    }

    async fn records(&self, workspace: WorkspaceId, kind: RecordKind, after: Option<Uuid>, limit: u32) -> Result<Vec<Record>, StoreError> {
        self.inner.records(workspace, kind, after, limit).await
    }

    async fn audit(&self, workspace: WorkspaceId, before: Option<AuditId>, limit: u32) -> Result<Vec<Audit>, StoreError> {
        self.broken_audit(workspace, before, limit).await
    }

    async fn changes(&self, workspace: WorkspaceId, cursor: Option<ChangeCursor>, limit: u32) -> Result<Changes, StoreError> {
        self.broken_changes(workspace, cursor, limit).await
    }

    async fn lease(&self, limit: u32, keep: Duration) -> Result<Vec<Leased>, StoreError> {
        self.broken_lease(limit, keep).await
    }

    async fn extend(&self, workspace: WorkspaceId, fence: &Fence, keep: Duration) -> Result<bool, StoreError> {
        self.broken_extend(workspace, fence, keep).await
    }

    async fn retry(&self, workspace: WorkspaceId, fence: &Fence, delay: Duration) -> Result<bool, StoreError> {
        self.broken_retry(workspace, fence, delay).await
    }

    async fn next_due(&self) -> Result<Option<Duration>, StoreError> {
        if self.is(Fault::NothingIsEverDue) { Ok(None) } else { self.inner.next_due().await }
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.inner.ready().await
    }
}
