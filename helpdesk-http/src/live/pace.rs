//! How fast a client may send frames, whatever is in them.

use std::time::Duration;

use tokio::time::Instant;

/// In the long run, one in this time.
const EVERY: Duration = Duration::from_millis(20);
/// At once: who comes back subscribes to all that it looked at.
const AT_ONCE: u32 = 256;

/// The pace of one socket: a leaky bucket, kept as the moment at which it will have run empty.
#[derive(Debug)]
pub(super) struct Pace {
    empty: Instant,
}

impl Pace {
    /// Nothing has come yet.
    pub(super) const fn new(now: Instant) -> Self {
        Self { empty: now }
    }

    /// Counts a frame; whether it is not one too many.
    pub(super) fn keeps(&mut self, now: Instant) -> bool {
        self.empty = self.empty.max(now) + EVERY;
        self.empty - now <= EVERY * AT_ONCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_come_at_once_and_then_one_at_a_time() {
        let begin = Instant::now();
        let mut pace = Pace::new(begin);
        assert!((0..AT_ONCE).all(|_| pace.keeps(begin)));
        assert!(!pace.keeps(begin));
        let later = begin + EVERY * (AT_ONCE + 1);
        assert!((0..1_000).all(|count| pace.keeps(later + EVERY * count)));
    }
}
