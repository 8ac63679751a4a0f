//! The judgement of a commit: pure, and the same for every store that calls it.
//!
//! A store that applies one commit at a time may keep a [`View`] as its whole bookkeeping, as the memory store does. One
//! that applies many in a transaction loads the parts that a batch refers to into a view, judges the commits in order,
//! and writes the accepted ones: the view already shows each what those before it did.

use std::collections::HashMap;

use bytes::Bytes;

use super::commit::{Commit, Committed, JobOp, Key, Outcome, Owner, UniqueKey, Write};
use super::job::{Fence, Lane};
use crate::clock::Timestamp;
use crate::id::{ChangeNumber, CommitId, JobId, LeaseToken, TicketNumber, Version, WorkspaceId};

/// What is known of a commit id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// It was committed with this result.
    Committed(Bytes),
    /// It was settled as refused.
    Refused,
}

/// A held name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// By whom.
    pub owner: Owner,
    /// Until when; none: until released.
    pub until: Option<Timestamp>,
}

/// The newest lease of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurrentLease {
    /// Of which job.
    pub job: JobId,
    /// Its token.
    pub token: LeaseToken,
    /// When it is over.
    pub until: Timestamp,
}

/// The last numbers drawn in a workspace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Of tickets.
    pub ticket: TicketNumber,
    /// Of changes.
    pub change: ChangeNumber,
}

/// What a commit is judged by. What is not in it is absent, so a store must load all that the commits refer to.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The store's time; names held until then or earlier are free, leases until then or earlier are over.
    pub now: Timestamp,
    /// Commit ids that are known.
    pub commits: HashMap<(WorkspaceId, CommitId), Known>,
    /// Names that are held.
    pub owners: HashMap<(WorkspaceId, UniqueKey), Held>,
    /// Versions of what exists.
    pub versions: HashMap<(WorkspaceId, Key), Version>,
    /// Leases of lanes.
    pub leases: HashMap<(WorkspaceId, Lane), CurrentLease>,
    /// The last numbers drawn.
    pub counters: HashMap<WorkspaceId, Counters>,
}

impl View {
    fn owner(&self, workspace: WorkspaceId, key: &UniqueKey) -> Option<&Owner> {
        let held = self.owners.get(&(workspace, key.clone()))?;
        held.until.is_none_or(|until| until > self.now).then_some(&held.owner)
    }

    fn version(&self, workspace: WorkspaceId, key: Key) -> Version {
        self.versions.get(&(workspace, key)).copied().unwrap_or_default()
    }

    /// Whether this lease is the newest of its lane and not over.
    #[must_use]
    pub fn holds_lease(&self, workspace: WorkspaceId, fence: &Fence) -> bool {
        self.leases
            .get(&(workspace, fence.lane.clone()))
            .is_some_and(|lease| lease.job == fence.job && lease.token == fence.token && lease.until > self.now)
    }

    fn taken(&self, commit: &Commit) -> Vec<(UniqueKey, Owner)> {
        let workspace = commit.workspace;
        let mut wanted: HashMap<&UniqueKey, &Owner> = HashMap::new();
        let mut taken = Vec::new();
        for claim in &commit.unique {
            let given_up = commit.release.iter().any(|(key, owner)| *key == claim.key && self.owner(workspace, key) == Some(owner));
            let holder = if given_up { None } else { self.owner(workspace, &claim.key) };
            let rival = holder.or_else(|| wanted.get(&claim.key).copied()).filter(|owner| **owner != claim.owner);
            if let Some(owner) = rival {
                taken.push((claim.key.clone(), owner.clone()));
            }
            wanted.insert(&claim.key, &claim.owner);
        }
        taken
    }

    fn conflicts(&self, commit: &Commit) -> Option<Vec<(Key, Version)>> {
        let workspace = commit.workspace;
        let foreign_release = commit.release.iter().any(|(key, owner)| self.owner(workspace, key).is_some_and(|holder| holder != owner));
        let changed: Vec<_> = commit
            .guards
            .iter()
            .map(|guard| (guard.key, self.version(workspace, guard.key), guard.version))
            .filter(|(_, now, read)| now != read)
            .map(|(key, now, _)| (key, now))
            .collect();
        (foreign_release || !changed.is_empty()).then_some(changed)
    }

    fn accept(&mut self, commit: &Commit) -> Committed {
        let workspace = commit.workspace;
        self.commits.insert((workspace, commit.id), Known::Committed(commit.result.clone()));
        for (key, _) in &commit.release {
            self.owners.remove(&(workspace, key.clone()));
        }
        for claim in &commit.unique {
            // A time beyond the calendar is as good as none.
            let keep = claim.keep.and_then(|keep| chrono::TimeDelta::from_std(keep).ok());
            let until = keep.and_then(|keep| self.now.checked_add_signed(keep));
            self.owners.insert((workspace, claim.key.clone()), Held { owner: claim.owner.clone(), until });
        }
        for fence in &commit.finished {
            self.leases.remove(&(workspace, fence.lane.clone()));
        }
        for op in &commit.jobs {
            if let JobOp::Cancel(lane) = op {
                self.leases.remove(&(workspace, lane.clone()));
            }
        }
        let counters = self.counters.entry(workspace).or_default();
        let mut committed = Committed::default();
        for write in &commit.writes {
            if let Write::OpenTicket(ticket) = write {
                counters.ticket = counters.ticket.next();
                committed.tickets.push((ticket.id, counters.ticket));
            }
        }
        let changed = changed_keys(commit);
        if !changed.is_empty() {
            counters.change = ChangeNumber(counters.change.0 + changed.len() as u64);
            committed.change = Some(counters.change);
        }
        for (key, version) in changed {
            match version {
                Version::ZERO => self.versions.remove(&(workspace, key)),
                version => self.versions.insert((workspace, key), version),
            };
        }
        committed
    }
}

/// The versioned things that a commit changes with their new versions (zero: removed), each once, in the order in which
/// they draw change numbers: the last one gets [`Committed::change`], those before it the numbers before that.
#[must_use]
pub fn changed_keys(commit: &Commit) -> Vec<(Key, Version)> {
    let mut changed: Vec<(Key, Version)> = Vec::new();
    for (key, version) in commit.writes.iter().filter_map(Write::key) {
        match changed.iter_mut().find(|(known, _)| *known == key) {
            Some(known) => known.1 = version,
            None => changed.push((key, version)),
        }
    }
    changed
}

/// Judges a commit by what the view shows and, if it is accepted, makes the view show what it did.
///
/// Judged in this order: a known id, lost leases, taken names, conflicts. A refused commit leaves the view as it was.
#[must_use]
pub fn judge(view: &mut View, commit: &Commit) -> Outcome {
    match view.commits.get(&(commit.workspace, commit.id)) {
        Some(Known::Committed(result)) => return Outcome::Already(result.clone()),
        Some(Known::Refused) => return Outcome::Refused,
        None => {}
    }
    if !commit.finished.iter().all(|fence| view.holds_lease(commit.workspace, fence)) {
        return Outcome::LeaseLost;
    }
    let taken = view.taken(commit);
    if !taken.is_empty() {
        return Outcome::Taken(taken);
    }
    match view.conflicts(commit) {
        Some(conflicts) => Outcome::Conflict(conflicts),
        None => Outcome::Committed(view.accept(commit)),
    }
}
