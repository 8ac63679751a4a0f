//! A change of a conversation, read once for all who look on, and laid down for them where it was committed.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::{Details, Helpdesk};
use crate::decide::Decision;
use crate::id::{TurnNumber, Version, WorkspaceId};
use crate::model::{Audience, Entry};
use crate::store::Write;

/// A change of a conversation, as it is told to everybody of one audience who stood at the same version.
#[derive(Clone)]
pub struct ConversationChange {
    /// The version told before, or the one that the stream began behind.
    pub prev: Version,
    /// The version that is known with this.
    pub version: Version,
    /// New and changed entries that this audience may see.
    pub entries: Vec<Entry>,
    /// The conversation as it is now.
    pub summary: Details,
    encoded: OnceLock<Box<[u8]>>,
}

impl ConversationChange {
    pub(super) const fn new(prev: Version, version: Version, entries: Vec<Entry>, summary: Details) -> Self {
        Self { prev, version, entries, summary, encoded: OnceLock::new() }
    }

    /// What a transport makes of this, made once however many listeners there are. There is room for one transport's
    /// bytes: the first call's are kept, so all calls in a process must encode alike.
    pub fn encoded_once(&self, encode: impl FnOnce(&Self) -> Vec<u8>) -> &[u8] {
        self.encoded.get_or_init(|| encode(self).into())
    }

    /// What a transport made of this; nothing before it did.
    #[must_use]
    pub fn encoded(&self) -> &[u8] {
        self.encoded.get().map_or(&[], |bytes| bytes)
    }
}

impl fmt::Debug for ConversationChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConversationChange")
            .field("prev", &self.prev)
            .field("version", &self.version)
            .field("entries", &self.entries)
            .field("summary", &self.summary)
            .finish_non_exhaustive()
    }
}

impl PartialEq for ConversationChange {
    fn eq(&self, other: &Self) -> bool {
        (self.prev, self.version, &self.entries, &self.summary) == (other.prev, other.version, &other.entries, &other.summary)
    }
}

/// A change as it was read, or a part of it.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) change: Arc<ConversationChange>,
    /// The conversation's version when it was last read to its end.
    pub(super) seen: Version,
    /// The turn then, and whether it still owed an answer.
    pub(super) turn: Option<(TurnNumber, bool)>,
}

impl Helpdesk {
    /// Lays down what was just committed for those who listen here. The rest is for the store to say, as ever: whoever
    /// stands at another version reads.
    pub(super) async fn lay_down(&self, workspace: WorkspaceId, decision: &Decision) {
        let after = &decision.conversation;
        let here = |audience| Some((audience, self.inner.followers.get((workspace, after.id, audience))?));
        let followers: Vec<_> = [Audience::Team, Audience::Contact].into_iter().filter_map(here).collect();
        if followers.is_empty() {
            return;
        }
        // Details that cannot be had now are read by whoever listens, and the error is theirs to tell.
        let Ok(summary) = self.workspace(workspace).details_of(Arc::clone(after)).await else { return };
        for (audience, follower) in followers {
            let (prev, version) = match audience {
                Audience::Team => (Version(after.version.0.saturating_sub(1)), after.version),
                // Not what was told last here: another commit, or another node's, may lie between that and this one.
                Audience::Contact => (decision.public_before, after.public_version),
            };
            if prev >= version {
                continue;
            }
            let entries = decision.writes.iter().filter_map(|write| match write {
                Write::Entry { entry, .. } if entry.is_visible_to(audience) => Some((**entry).clone()),
                _ => None,
            });
            let entries = entries.collect();
            let change = Arc::new(ConversationChange::new(prev, version, entries, summary.clone()));
            follower.meeting().leave(Reading { change, seen: after.version, turn: Some((after.turn, after.answering)) });
        }
    }
}
