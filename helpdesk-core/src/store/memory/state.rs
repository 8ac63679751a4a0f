//! All that a memory store holds, and the one write.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use uuid::Uuid;

use super::after;
use super::lanes::Lanes;
use super::tenant::Tenant;
use crate::clock::Timestamp;
use crate::id::{ChangeNumber, CommitId, WorkspaceId};
use crate::store::judge::{Known, changed_keys};
use crate::store::{ChangeCursor, Changes, Commit, Fence, Leased, Outcome, Settled, UniqueKey, View, judge};

/// How long commit ids are kept.
const COMMIT_IDS_KEPT: Duration = Duration::from_hours(24);

/// All that a memory store holds.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The bookkeeping that commits are judged by; its time is that of the call being served.
    view: View,
    tenants: HashMap<WorkspaceId, Tenant>,
    lanes: Lanes,
    /// Commit ids by when they are forgotten.
    remembered: VecDeque<(Timestamp, WorkspaceId, CommitId)>,
    /// Names by when they are free again. A name that was taken anew or released meanwhile is still here, and passed over.
    fading: BTreeSet<(Timestamp, WorkspaceId, UniqueKey)>,
}

impl State {
    /// Sets the time, and forgets what is over by then.
    pub(super) fn pass_time(&mut self, now: Timestamp) {
        self.view.now = now;
        while let Some((_, workspace, commit)) = self.remembered.pop_front_if(|(until, ..)| *until <= now) {
            self.view.commits.remove(&(workspace, commit));
        }
        while self.fading.first().is_some_and(|(until, ..)| *until <= now) {
            let Some((until, workspace, key)) = self.fading.pop_first() else { break };
            let key = (workspace, key);
            if self.view.owners.get(&key).is_some_and(|held| held.until == Some(until)) {
                self.view.owners.remove(&key);
            }
        }
    }

    pub(super) fn view(&self) -> &View {
        &self.view
    }

    /// Whether nothing is kept for the sake of what is over: no id, no name, no lane.
    #[cfg(test)]
    pub(super) fn is_forgetful(&self) -> bool {
        self.remembered.is_empty() && self.fading.is_empty() && self.lanes.are_gone()
    }

    pub(super) fn tenant(&self, workspace: WorkspaceId) -> Option<&Tenant> {
        self.tenants.get(&workspace)
    }

    pub(super) fn commit(&mut self, commit: Commit) -> Outcome {
        let outcome = judge(&mut self.view, &commit);
        if let Outcome::Committed(committed) = &outcome {
            let changed = changed_keys(&commit);
            // Taken apart whole, so that a new field is not forgotten here.
            let Commit { id, workspace, guards: _, release: _, unique, writes, jobs, finished, result: _ } = commit;
            self.remember(workspace, id);
            for claim in unique {
                let until = self.view.owners.get(&(workspace, claim.key.clone())).and_then(|held| held.until);
                if let Some(until) = until {
                    self.fading.insert((until, workspace, claim.key));
                }
            }
            let tenant = self.tenants.entry(workspace).or_default();
            for write in writes {
                tenant.apply(write, committed);
            }
            if let Some(last) = committed.change {
                tenant.changes.append(last, &changed);
            }
            self.lanes.finish(&self.view, workspace, &finished);
            self.lanes.apply(&self.view, workspace, jobs);
        }
        outcome
    }

    pub(super) fn settle(&mut self, workspace: WorkspaceId, commit: CommitId) -> Settled {
        match self.view.commits.get(&(workspace, commit)) {
            Some(Known::Committed(result)) => Settled::Committed(result.clone()),
            Some(Known::Refused) => Settled::Refused,
            None => {
                self.view.commits.insert((workspace, commit), Known::Refused);
                self.remember(workspace, commit);
                Settled::Refused
            }
        }
    }

    fn remember(&mut self, workspace: WorkspaceId, commit: CommitId) {
        self.remembered.push_back((after(self.view.now, COMMIT_IDS_KEPT), workspace, commit));
    }

    pub(super) fn changes(&self, workspace: WorkspaceId, incarnation: Uuid, cursor: Option<ChangeCursor>, limit: usize) -> Changes {
        let last = self.view.counters.get(&workspace).map_or(ChangeNumber::ZERO, |counters| counters.change);
        let now = ChangeCursor { incarnation, number: last };
        match cursor {
            None => Changes::Some { changes: Vec::new(), cursor: now },
            Some(cursor) if cursor.incarnation != incarnation || cursor.number > last => Changes::Resync(now),
            Some(cursor) => {
                let (changes, number) = match self.tenants.get(&workspace) {
                    Some(tenant) => tenant.changes.after(cursor.number, last, limit),
                    None => (Vec::new(), last),
                };
                Changes::Some { changes, cursor: ChangeCursor { incarnation, number } }
            }
        }
    }

    pub(super) fn lease(&mut self, limit: usize, keep: Duration) -> Vec<Leased> {
        self.lanes.lease(&mut self.view, limit, keep)
    }

    pub(super) fn extend(&mut self, workspace: WorkspaceId, fence: &Fence, keep: Duration) -> bool {
        self.lanes.extend(&mut self.view, workspace, fence, keep)
    }

    pub(super) fn retry(&mut self, workspace: WorkspaceId, fence: &Fence, delay: Duration) -> bool {
        self.lanes.retry(&mut self.view, workspace, fence, delay)
    }

    pub(super) fn next_due(&self) -> Option<Duration> {
        self.lanes.next_due(self.view.now)
    }
}
