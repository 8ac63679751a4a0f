//! The followers of this node, by what they follow.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::follower::{Follower, Key};
use crate::id::{ConversationId, Version, WorkspaceId};
use crate::model::Audience;

/// The followers of this node.
#[derive(Debug, Default)]
pub(in crate::engine) struct Followers {
    map: Mutex<HashMap<Key, Weak<Follower>>>,
}

impl Followers {
    fn map(&self) -> MutexGuard<'_, HashMap<Key, Weak<Follower>>> {
        self.map.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who follows this, if somebody looks on.
    pub(in crate::engine) fn get(&self, key: Key) -> Option<Arc<Follower>> {
        self.map().get(&key).and_then(Weak::upgrade)
    }

    /// Who follows this; a new one, if nobody does or the bus has ended for who did.
    pub(super) fn get_or_new(self: &Arc<Self>, key: Key) -> Arc<Follower> {
        // Let go of only when the map is: whoever is dropped looks into it.
        let over;
        let mut map = self.map();
        let place = map.entry(key).or_default();
        over = place.upgrade();
        match &over {
            Some(follower) if !follower.is_over() => Arc::clone(follower),
            _ => {
                let others = Arc::clone(self);
                let new = Arc::new(Follower::new(key, others));
                *place = Arc::downgrade(&new);
                new
            }
        }
    }

    /// The heartbeat noticed that a conversation changed.
    pub(super) fn hint(&self, workspace: WorkspaceId, conversation: ConversationId, version: Version) {
        for audience in [Audience::Team, Audience::Contact] {
            if let Some(follower) = self.get((workspace, conversation, audience)) {
                follower.hint(version);
            }
        }
    }

    /// Has all that is followed in this workspace read again.
    pub(super) fn unsettle(&self, workspace: WorkspaceId) {
        let here: Vec<_> = self.map().iter().filter(|(key, _)| key.0 == workspace).filter_map(|(_, follower)| follower.upgrade()).collect();
        for follower in here {
            follower.hint(Version(u64::MAX));
        }
    }

    /// Whether anything is followed in this workspace.
    pub(super) fn are_in(&self, workspace: WorkspaceId) -> bool {
        self.map().keys().any(|(of, ..)| *of == workspace)
    }

    /// Adds the workspaces in which something is followed.
    pub(super) fn add_workspaces(&self, workspaces: &mut HashSet<WorkspaceId>) {
        workspaces.extend(self.map().keys().map(|(workspace, ..)| *workspace));
    }

    /// Forgets a follower that is dropped.
    pub(super) fn forget(&self, key: Key) {
        let mut map = self.map();
        // Another may have taken its place meanwhile.
        if map.get(&key).is_some_and(|follower| follower.strong_count() == 0) {
            map.remove(&key);
        }
    }
}
