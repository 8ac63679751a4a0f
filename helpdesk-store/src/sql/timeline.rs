//! Pages of what changed in a conversation.

use helpdesk_core::id::{Seq, Version};
use helpdesk_core::model::{Conversation, Entry};
use helpdesk_core::store::{Changed, ChangedAfter};

/// The page of these entries, of which one more was read than there may be.
pub(crate) fn changed(conversation: Conversation, mut entries: Vec<Entry>, after: ChangedAfter, limit: u32) -> Changed {
    entries.sort_unstable_by_key(|entry| (entry.rev, entry.seq));
    let more = entries.len() > limit as usize;
    entries.truncate(limit as usize);
    let more = more.then(|| entries.last().map_or(after, behind));
    Changed { conversation, entries, more }
}

fn behind(entry: &Entry) -> ChangedAfter {
    ChangedAfter { version: Version(entry.rev.0.saturating_sub(1)), seq: Seq(entry.seq.0) }
}
