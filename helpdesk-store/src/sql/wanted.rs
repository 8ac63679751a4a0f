//! What the judgement of a batch refers to.

use std::collections::BTreeSet;

use helpdesk_core::id::{CommitId, WorkspaceId};
use helpdesk_core::store::commit::{Commit, JobOp, Key, UniqueKey, Write};
use helpdesk_core::store::job::{Fence, Lane};

/// What a batch refers to, each once and in the order of its key.
#[derive(Default)]
pub(crate) struct Wanted<'a> {
    pub(crate) commits: BTreeSet<(WorkspaceId, CommitId)>,
    pub(crate) names: BTreeSet<(WorkspaceId, &'a UniqueKey)>,
    pub(crate) versions: BTreeSet<(WorkspaceId, Key)>,
    pub(crate) lanes: BTreeSet<(WorkspaceId, &'a Lane)>,
    pub(crate) workspaces: BTreeSet<WorkspaceId>,
}

impl<'a> Wanted<'a> {
    /// What a commit is judged by, and what is counted by how it was before.
    pub(crate) fn commit(&mut self, commit: &'a Commit) {
        let workspace = commit.workspace;
        self.workspaces.insert(workspace);
        self.commits.insert((workspace, commit.id));
        self.names.extend(commit.release.iter().map(|(key, _)| (workspace, key)));
        self.names.extend(commit.unique.iter().map(|claim| (workspace, &claim.key)));
        self.versions.extend(commit.guards.iter().map(|guard| (workspace, guard.key)));
        for write in &commit.writes {
            if let Write::Conversation(conversation) = write {
                self.versions.insert((workspace, Key::Conversation(conversation.id)));
            }
        }
        for op in &commit.jobs {
            let (JobOp::Push(job) | JobOp::Arm(job)) = op else { continue };
            self.lanes.insert((workspace, &job.lane));
        }
        for fence in &commit.finished {
            self.fence(workspace, fence);
        }
    }

    pub(crate) fn fence(&mut self, workspace: WorkspaceId, fence: &'a Fence) {
        self.lanes.insert((workspace, &fence.lane));
    }

    /// The versioned things among them for which this holds.
    pub(crate) fn keys(&self, wanted: impl Fn(Key) -> bool) -> Vec<(WorkspaceId, Key)> {
        self.versions.iter().filter(|(_, key)| wanted(*key)).copied().collect()
    }
}
