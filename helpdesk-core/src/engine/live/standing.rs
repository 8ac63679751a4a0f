//! How far one who looks on, or follows, has come.

use crate::engine::readings::Reading;
use crate::id::{TurnNumber, Version};

/// How far somebody has come with a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// The version told last.
    pub(super) told: Version,
    /// The conversation's version at the last whole read: hints up to it are old news.
    pub(super) seen: Version,
    /// The turn, and whether it still owes an answer.
    pub(super) turn: Option<(TurnNumber, bool)>,
}

impl Standing {
    /// Stands where one came to who stood where this one stands; the change is to be told.
    pub(super) fn take_over(&mut self, reading: &Reading) {
        (self.seen, self.told) = (self.seen.max(reading.seen), reading.change.version);
        self.turn = reading.turn.or(self.turn);
    }
}
