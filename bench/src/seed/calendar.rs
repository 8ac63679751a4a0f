//! When conversations begin: over three years of growing business, with nights, weekends and a busy December.

use chrono::{DateTime, Datelike as _, TimeDelta, Timelike as _, Utc};
use rand::RngExt as _;
use rand::rngs::StdRng;

/// How far back it goes, in hours.
const HOURS: usize = 3 * 365 * 24;

/// How much begins in each hour, summed up from the first.
pub(super) struct Calendar {
    first: DateTime<Utc>,
    sums: Vec<f64>,
}

impl Calendar {
    /// The three years that end now.
    pub(super) fn until(now: DateTime<Utc>) -> Self {
        let first = now - TimeDelta::hours(i64::try_from(HOURS).unwrap_or_default());
        let mut sum = 0.0;
        let sums = (0..HOURS).map(|hour| {
            sum += weight(first + TimeDelta::hours(i64::try_from(hour).unwrap_or_default()), hour);
            sum
        });
        Self { first, sums: sums.collect() }
    }

    /// When the conversation begins before which this share of all has begun.
    pub(super) fn at(&self, share: f64, dice: &mut StdRng) -> DateTime<Utc> {
        let mark = share.clamp(0.0, 1.0) * self.sums.last().copied().unwrap_or_default();
        let hour = self.sums.partition_point(|sum| *sum < mark).min(HOURS - 1);
        let before = if hour == 0 { 0.0 } else { self.sums[hour - 1] };
        let within = ((mark - before) / (self.sums[hour] - before)).clamp(0.0, 1.0) * 3_600_000.0;
        let micros = within as i64 * 1_000 + dice.random_range(0..1_000);
        self.first + TimeDelta::hours(i64::try_from(hour).unwrap_or_default()) + TimeDelta::microseconds(micros)
    }
}

fn weight(at: DateTime<Utc>, hour: usize) -> f64 {
    let of_day = match at.hour() {
        0..5 => 0.15,
        5..8 => 0.6,
        8..12 => 1.6,
        12..17 => 1.5,
        17..21 => 1.0,
        _ => 0.5,
    };
    let of_week = [1.25, 1.15, 1.1, 1.1, 1.05, 0.6, 0.5][at.weekday().num_days_from_monday() as usize];
    let of_year = if at.month() == 12 { 1.5 } else { 1.0 };
    let growth = 0.5 + hour as f64 / HOURS as f64;
    of_day * of_week * of_year * growth
}
