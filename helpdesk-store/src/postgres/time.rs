//! What time it is: that of the database, which all nodes share, unless the store was given a clock.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use helpdesk_core::clock::Clock;

use crate::sql::value::micros;

/// The time in a statement: that of the clock, or, where the parameter is null, that of the database.
macro_rules! now {
    ($parameter:literal) => {
        concat!("coalesce(", $parameter, "::bigint, (extract(epoch FROM statement_timestamp()) * 1000000)::bigint)")
    };
}
pub(super) use now;

/// The time this long after that; the end of time where it is beyond it.
macro_rules! later {
    ($now:expr, $delay:literal) => {
        concat!("least(", $now, " + ", $delay, ", 8210266876799999999)")
    };
}
pub(super) use later;

/// What a store judges leases, due times and the life of names by.
#[derive(Clone, Default)]
pub(super) struct Time(Option<Arc<dyn Clock>>);

impl Time {
    pub(super) fn by(clock: Arc<dyn Clock>) -> Self {
        Self(Some(clock))
    }

    /// The parameter of [`now!`].
    pub(super) fn parameter(&self) -> Option<i64> {
        self.0.as_ref().map(|clock| micros(clock.now()))
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Time(of a clock)" } else { "Time(of the database)" })
    }
}

/// A delay as [`later!`] takes it: no more than there is time.
pub(super) fn delay(delay: Duration) -> i64 {
    const LONGEST: i64 = 7_000_000_000_000_000_000;
    i64::try_from(delay.as_micros()).unwrap_or(LONGEST).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_time_is_that_of_the_calendar() {
        assert_eq!(micros(chrono::DateTime::<chrono::Utc>::MAX_UTC), 8_210_266_876_799_999_999);
        assert!(later!("$1", "$2").contains("8210266876799999999"));
        assert!(delay(Duration::MAX).checked_add(4_000_000_000_000_000).is_some());
    }
}
