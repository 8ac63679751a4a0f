//! What those who look on are told.

use std::sync::Arc;

use super::LiveEvent;
use crate::bus::Signal;
use crate::engine::readings::Reading;
use crate::id::{TurnNumber, Version};

/// What those who look on are told. It is cloned for each of them who is woken: behind one more pointer it would cost each
/// another look at what all of them share.
#[derive(Clone)]
pub(super) enum News {
    /// It changed. Who stood elsewhere reads.
    Changed(Reading),
    /// The change could not be read: whoever looks on finds out for itself, and says so.
    Unread,
    /// Nothing changed that this audience may see, but whether an answer is awaited is known anew, with the conversation's
    /// version then.
    Turn(Version, Option<(TurnNumber, bool)>),
    /// A piece of an answer, or its end; each puts them together as far as it was told.
    Draft(Arc<Signal>),
    /// It happens now and is not kept.
    Passing(LiveEvent),
}

impl std::fmt::Debug for News {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("News")
    }
}
