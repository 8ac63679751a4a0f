//! What state a timeline leads to: every change of who answers and of the status is an entry.

use crate::wire::{ActivityKind, Assignee, Body, Entry, Status};

/// Who answers, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    /// Who answers.
    pub(super) assignee: Assignee,
    /// Where it stands.
    pub(super) status: Status,
    /// Whether a human is asked for.
    pub(super) requested: bool,
}

/// How every conversation begins.
pub(super) const BEGINNING: State = State { assignee: Assignee::Assistant, status: Status::Open, requested: false };

impl State {
    /// The state after an entry.
    pub(super) fn after(mut self, entry: &Entry) -> Self {
        let Body::Activity(activity) = &entry.body else { return self };
        match activity.kind {
            ActivityKind::Claimed => {
                if let Some(id) = activity.actor.and_then(|actor| actor.id) {
                    self.assignee = Assignee::Operator { id };
                }
                self.requested = false;
            }
            ActivityKind::Assigned => self.assignee = activity.assignee.unwrap_or(self.assignee),
            ActivityKind::HandedBack => (self.assignee, self.requested) = (Assignee::Assistant, false),
            ActivityKind::StatusChanged => {
                self.status = activity.status.unwrap_or(self.status);
                self.requested &= self.status != Status::Resolved;
            }
            ActivityKind::TakeoverRequested => self.requested = true,
            ActivityKind::Escalated | ActivityKind::Merged => {}
        }
        self
    }
}

/// The state before the first entry, and after each.
pub(super) fn states(entries: &[Entry]) -> Vec<State> {
    let mut states = vec![BEGINNING];
    let mut state = BEGINNING;
    for entry in entries {
        state = state.after(entry);
        states.push(state);
    }
    states
}
