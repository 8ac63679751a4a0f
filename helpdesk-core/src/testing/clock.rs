//! A clock that stands still until it is told to go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::DateTime;

use super::samples;
use crate::clock::{Clock, Timestamp};

/// A clock that a test sets.
///
/// # Clone
///
/// Clones are handles of the same clock.
#[derive(Clone, Debug)]
pub struct ManualClock {
    microseconds: Arc<AtomicI64>,
}

impl ManualClock {
    /// A clock that stands at [`samples::moment`]`(0)`.
    #[must_use]
    pub fn new() -> Self {
        Self::at(samples::moment(0))
    }

    /// A clock that stands at `now`, cut to microseconds.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self { microseconds: Arc::new(AtomicI64::new(now.timestamp_micros())) }
    }

    /// Puts the clock to `now`, cut to microseconds; backwards too.
    pub fn set(&self, now: Timestamp) {
        self.microseconds.store(now.timestamp_micros(), Ordering::SeqCst);
    }

    /// Lets time pass.
    ///
    /// # Panics
    /// If that is more time than there is.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_micros()).expect("no test waits for three hundred thousand years");
        self.microseconds.fetch_add(by, Ordering::SeqCst);
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        DateTime::from_timestamp_micros(self.microseconds.load(Ordering::SeqCst)).expect("the clock was only set to times that exist")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_handles_show_the_same_time() {
        let clock = ManualClock::new();
        let other = clock.clone();
        clock.advance(Duration::from_micros(1_500_001));
        assert_eq!(other.now() - samples::moment(0), chrono::TimeDelta::microseconds(1_500_001));
        other.set(samples::moment(-60));
        assert_eq!(clock.now(), samples::moment(-60));
    }
}
