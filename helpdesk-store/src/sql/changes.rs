//! What a cursor of the changes is worth.

use helpdesk_core::id::ChangeNumber;
use helpdesk_core::store::{Change, ChangeCursor, Changes};

/// Where the changes of a workspace stand.
pub(crate) struct Head {
    /// This life of the store, and the last number drawn.
    pub(crate) newest: ChangeCursor,
    /// The first number that is kept; zero: there is none.
    pub(crate) oldest: u64,
}

/// The answer to who is at `cursor`, with what was found behind it, at most `limit` changes.
pub(crate) fn answer(head: &Head, cursor: Option<ChangeCursor>, mut changes: Vec<Change>, limit: u32) -> Changes {
    let newest = head.newest;
    let Some(cursor) = cursor else {
        return Changes::Some { changes: Vec::new(), cursor: newest };
    };
    // A number that was never drawn is of a later life of this store, before a backup was put in its place.
    let foreign = cursor.incarnation != newest.incarnation || cursor.number > newest.number;
    let pruned = cursor.number < newest.number && cursor.number.0.saturating_add(1) < head.oldest;
    if foreign || pruned {
        return Changes::Resync(newest);
    }
    changes.sort_unstable_by_key(|change| change.number);
    let number: ChangeNumber = match changes.last() {
        Some(last) if changes.len() == limit as usize => last.number,
        _ if limit == 0 => cursor.number,
        _ => newest.number,
    };
    Changes::Some { changes, cursor: ChangeCursor { number, ..newest } }
}
