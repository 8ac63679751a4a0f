//! How often a password may be guessed.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use helpdesk::clock::Timestamp;

/// Wrong passwords of one address within [`WINDOW`].
const LIMIT: u32 = 10;
/// In seconds.
const WINDOW: i64 = 60;
/// Addresses that are counted at a time.
const COUNTED: usize = 10_000;

/// Counts log-ins with a password, by e-mail address.
#[derive(Debug, Default)]
pub(super) struct Attempts(Mutex<HashMap<String, (Timestamp, u32)>>);

impl Attempts {
    /// Counts one; false if there were too many of late.
    pub(super) fn count(&self, email: &str, now: Timestamp) -> bool {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |since: Timestamp| (now - since).num_seconds() < WINDOW;
        if counted.len() >= COUNTED {
            counted.retain(|_, (since, _)| fresh(*since));
        }
        let key = email.to_lowercase();
        if counted.len() >= COUNTED && !counted.contains_key(&key) {
            return false;
        }
        let (since, count) = counted.entry(key).or_insert((now, 0));
        if !fresh(*since) {
            (*since, *count) = (now, 0);
        }
        *count += 1;
        *count <= LIMIT
    }

    /// The password was right.
    pub(super) fn forget(&self, email: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&email.to_lowercase());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_is_slow_and_only_for_that_address() {
        let attempts = Attempts::default();
        let now = Timestamp::UNIX_EPOCH;
        assert!((0..LIMIT).all(|_| attempts.count("ana@shop.example", now)));
        assert!(!attempts.count("Ana@shop.example", now));
        assert!(attempts.count("ben@shop.example", now));
        assert!(attempts.count("ana@shop.example", now + std::time::Duration::from_secs(60)));
        attempts.forget("ana@shop.example");
        assert!((0..LIMIT).all(|_| attempts.count("ana@shop.example", now)));
    }
}
