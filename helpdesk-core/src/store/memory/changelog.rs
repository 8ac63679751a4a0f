//! What changed in a workspace, in the order in which it became visible.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use crate::id::{ChangeNumber, Version};
use crate::store::{Change, Key};

/// The last change of each thing: as long as there are things, not as long as time.
#[derive(Debug, Default)]
pub(super) struct Changelog {
    by_number: BTreeMap<ChangeNumber, (Key, Version)>,
    last_of: HashMap<Key, ChangeNumber>,
}

impl Changelog {
    /// Appends what one commit changed; `last` is the number of the last of them.
    pub(super) fn append(&mut self, last: ChangeNumber, changed: &[(Key, Version)]) {
        for (number, (key, version)) in (0..=last.0).rev().zip(changed.iter().rev()) {
            let number = ChangeNumber(number);
            if let Some(earlier) = self.last_of.insert(*key, number) {
                self.by_number.remove(&earlier);
            }
            self.by_number.insert(number, (*key, *version));
        }
    }

    /// The changes behind `known`, and the number up to which all are known then; `last` where nothing more is left.
    pub(super) fn after(&self, known: ChangeNumber, last: ChangeNumber, limit: usize) -> (Vec<Change>, ChangeNumber) {
        let mut behind = self.by_number.range((Bound::Excluded(known), Bound::Unbounded)).map(|(number, (key, version))| Change {
            number: *number,
            key: *key,
            version: *version,
        });
        let changes: Vec<_> = behind.by_ref().take(limit).collect();
        let number = match behind.next() {
            Some(_) => changes.last().map_or(known, |change| change.number),
            None => last,
        };
        (changes, number)
    }
}
