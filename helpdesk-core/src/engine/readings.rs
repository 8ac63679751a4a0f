//! What one listener of a conversation read serves all who stand where it stood.
//!
//! A change is hinted to every listener at once. If each read the store for itself, a conversation that many look at
//! would be read as often, for the same answer. So the listeners of one audience meet: one reads, the others take over
//! what it read if it begins where they stopped and is as new as the hint that they had. Where the change was committed
//! by this node it lies there before the hint goes out, and nobody reads at all.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use bytes::Bytes;

use super::{Details, Helpdesk};
use crate::decide::Decision;
use crate::id::{ConversationId, TurnNumber, Version, WorkspaceId};
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
    encoded: OnceLock<Bytes>,
}

impl ConversationChange {
    pub(super) const fn new(prev: Version, version: Version, entries: Vec<Entry>, summary: Details) -> Self {
        Self { prev, version, entries, summary, encoded: OnceLock::new() }
    }

    /// What a transport makes of this, made once however many listeners there are. There is room for one transport's
    /// bytes: the first call's are kept, so all calls in a process must encode alike.
    pub fn encoded_once(&self, encode: impl FnOnce(&Self) -> Bytes) -> Bytes {
        self.encoded.get_or_init(|| encode(self)).clone()
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

/// A change that was read to its end.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) change: Arc<ConversationChange>,
    /// The conversation's version when it was read.
    pub(super) seen: Version,
    pub(super) turn: (TurnNumber, bool),
}

/// Where the listeners of one conversation and audience meet.
#[derive(Debug, Default)]
pub(super) struct Meeting {
    last: Mutex<Option<Reading>>,
    /// Held by whoever reads, so that the others wait for that instead of reading too.
    pub(super) reading: tokio::sync::Mutex<()>,
}

impl Meeting {
    fn last(&self) -> std::sync::MutexGuard<'_, Option<Reading>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last reading, if it begins at the version that was told and is as new as the one that was hinted at.
    pub(super) fn fitting(&self, told: Version, hinted: Version) -> Option<Reading> {
        self.last().clone().filter(|reading| reading.change.prev == told && reading.seen >= hinted)
    }

    /// Leaves a reading for the others, unless a newer one lies there.
    pub(super) fn leave(&self, reading: Reading) {
        let mut last = self.last();
        if last.as_ref().is_none_or(|other| other.seen <= reading.seen) {
            *last = Some(reading);
        }
    }
}

/// The meetings of this node.
#[derive(Debug, Default)]
pub(crate) struct Readings {
    meetings: Mutex<HashMap<(WorkspaceId, ConversationId, Audience), Weak<Meeting>>>,
}

impl Readings {
    /// Where to meet. It is forgotten with its last listener.
    pub(super) fn meet(&self, workspace: WorkspaceId, conversation: ConversationId, audience: Audience) -> Arc<Meeting> {
        let mut meetings = self.meetings.lock().unwrap_or_else(PoisonError::into_inner);
        if meetings.len() > 1024 && meetings.len().is_power_of_two() {
            meetings.retain(|_, meeting| meeting.strong_count() > 0);
        }
        let place = meetings.entry((workspace, conversation, audience)).or_default();
        place.upgrade().unwrap_or_else(|| {
            let meeting = Arc::default();
            *place = Arc::downgrade(&meeting);
            meeting
        })
    }

    /// Where listeners meet, if there are any.
    fn met(&self, workspace: WorkspaceId, conversation: ConversationId, audience: Audience) -> Option<Arc<Meeting>> {
        let meetings = self.meetings.lock().unwrap_or_else(PoisonError::into_inner);
        meetings.get(&(workspace, conversation, audience)).and_then(Weak::upgrade)
    }
}

impl Helpdesk {
    /// Lays down what was just committed for those who listen here. The rest is for the store to say, as ever: whoever
    /// stands at another version reads.
    pub(super) async fn lay_down(&self, workspace: WorkspaceId, decision: &Decision) {
        let after = &decision.conversation;
        let here = |audience| Some((audience, self.inner.readings.met(workspace, after.id, audience)?));
        let meetings: Vec<_> = [Audience::Team, Audience::Contact].into_iter().filter_map(here).collect();
        if meetings.is_empty() {
            return;
        }
        // Details that cannot be had now are read by whoever listens, and the error is theirs to tell.
        let Ok(summary) = self.workspace(workspace).details_of(after.clone()).await else { return };
        for (audience, meeting) in meetings {
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
            meeting.leave(Reading { change, seen: after.version, turn: (after.turn, after.answering) });
        }
    }
}
