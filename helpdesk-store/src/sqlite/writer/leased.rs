//! What becomes of leases in a batch. Elsewhere nodes share them, and no batch is needed.

use helpdesk_core::clock::Timestamp;
use helpdesk_core::id::{CommitId, WorkspaceId};
use helpdesk_core::store::job::Fence;

use crate::sql::lane::Lane;
use crate::sql::pending::{KeptCommit, Pending};
use crate::sql::value::later;

impl Pending<'_> {
    /// Keeps an id as refused.
    pub(super) fn refuse(&mut self, workspace: WorkspaceId, id: CommitId) {
        self.commits.push(KeptCommit { workspace, id, result: None });
    }

    /// Gives a leased job back, due again after a while.
    pub(super) fn retry(&mut self, workspace: WorkspaceId, fence: &Fence, delay: std::time::Duration) {
        let due_at = later(self.now, delay);
        self.lane(workspace, &fence.lane).retry(due_at);
    }

    /// Sees to it that the job's row says when its lease is over.
    pub(super) fn extended(&mut self, workspace: WorkspaceId, fence: &Fence) {
        self.lane(workspace, &fence.lane).extend();
    }
}

impl Lane<'_> {
    /// Lets the first job be written, because something else about it changed.
    pub(super) fn extend(&mut self) {
        self.touched = true;
        if let Some(first) = self.jobs.front_mut() {
            first.move_to(first.due_at);
        }
    }

    /// Makes the first job due at another time.
    pub(super) fn retry(&mut self, due_at: Timestamp) {
        self.touched = true;
        if let Some(first) = self.jobs.front_mut() {
            first.move_to(due_at);
        }
    }
}
