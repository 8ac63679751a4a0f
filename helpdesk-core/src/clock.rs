//! Time comes in from outside: the engine and the stores ask an injected [`Clock`].

use std::fmt;

use chrono::{DateTime, SubsecRound as _, Utc};

/// A point in time, UTC, in whole microseconds: what every store can keep.
pub type Timestamp = DateTime<Utc>;

/// Tells the time.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Now, in UTC, truncated to microseconds so that what is stored compares equal to what was decided.
    fn now(&self) -> Timestamp;
}

/// The machine's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the wall clock is read")]
    fn now(&self) -> Timestamp {
        Utc::now().trunc_subsecs(6)
    }
}
