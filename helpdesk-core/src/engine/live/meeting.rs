//! Where those meet who read the same: one reads, the others take over what it read.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::engine::readings::Reading;
use crate::id::Version;

/// Where those meet who read the same.
#[derive(Debug, Default)]
pub(in crate::engine) struct Meeting {
    last: Mutex<Option<Reading>>,
    /// Held by whoever reads, so that the others wait for that instead of reading too.
    pub(super) reading: tokio::sync::Mutex<()>,
}

impl Meeting {
    fn last(&self) -> MutexGuard<'_, Option<Reading>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last reading, if it begins at the version that was told and is as new as the one that was hinted at.
    pub(super) fn fitting(&self, told: Version, hinted: Version) -> Option<Reading> {
        self.last().clone().filter(|reading| reading.change.prev == told && reading.seen >= hinted)
    }

    /// Leaves a reading for the others, unless a newer one lies there.
    pub(in crate::engine) fn leave(&self, reading: Reading) {
        let mut last = self.last();
        if last.as_ref().is_none_or(|other| other.seen <= reading.seen) {
            *last = Some(reading);
        }
    }
}
