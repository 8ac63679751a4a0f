//! Forgets what is too old, a little at a time.

use std::ops::Range;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{PgConnection, Postgres};

use super::load::COMMITS_KEPT;
use crate::postgres::read::Reader;
use crate::postgres::time::now;
use crate::sql::fault::Fault;

/// How many changes of a workspace are kept; who stayed away for longer reads afresh.
const CHANGES_KEPT: i64 = 100_000;
/// How many rows of changes go at a time.
const BITE: i64 = 2_000;
/// How many pages of a table are looked through at a time.
const PAGES: i64 = 32;
/// How long it takes once through a table, unless it is too large for that.
const ROUND: Duration = Duration::from_hours(6);
/// How long nothing is looked for, at most.
const REST: Duration = Duration::from_secs(10);
/// How long it takes at least from one time to the next: more can be removed than added.
const PAUSE: Duration = Duration::from_millis(50);

/// How many pages a table has, and one of them.
const SIZE: &str = "
SELECT pages, floor(random() * pages)::bigint FROM (
    SELECT pg_relation_size(pg_class.oid) / current_setting('block_size')::bigint AS pages
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = $1 AND relname = $2
) AS size";

/// What another node is just removing is passed over. A row that is locked stays where it is, so that its place names it.
pub(super) const OLD_COMMITS: &str = concat!(
    "
DELETE FROM helpdesk.commits WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM helpdesk.commits WHERE ctid >= $1::text::tid AND ctid < $2::text::tid AND at <= ",
    now!("$3"),
    " - $4 FOR UPDATE SKIP LOCKED))"
);

pub(super) const OLD_NAMES: &str = concat!(
    "
DELETE FROM helpdesk.names WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM helpdesk.names WHERE ctid >= $1::text::tid AND ctid < $2::text::tid AND expires_at <= ",
    now!("$3"),
    " FOR UPDATE SKIP LOCKED))"
);

/// The workspaces that drew numbers are few, and each is looked at by its first change.
pub(super) const OLD_CHANGES: &str = "
DELETE FROM helpdesk.changes AS old USING (
    SELECT counted.workspace, found.last FROM helpdesk.counters AS counted
    CROSS JOIN LATERAL (
        SELECT last FROM helpdesk.changes
        WHERE workspace = counted.workspace AND last <= counted.change - $1 ORDER BY last LIMIT $2
    ) AS found
    WHERE counted.change > $1
) AS gone WHERE old.workspace = gone.workspace AND old.last = gone.last";

/// Every statement, for the tests of their plans.
#[cfg(test)]
pub(super) fn searches() -> Vec<&'static str> {
    vec![OLD_COMMITS, OLD_NAMES]
}

/// When it is worth looking again for what is too old.
#[derive(Debug, Default)]
pub(super) struct Prune {
    commits: Sweep,
    names: Sweep,
    /// They are found by their numbers; this only says when.
    changes: Sweep,
}

impl Prune {
    /// Removes some of what is too old, where it may be worth looking.
    pub(super) async fn some(&self, connection: &mut PgConnection, reader: &Reader) -> Result<(), Fault> {
        if let Some(pages) = self.commits.go_on(connection, reader, "commits").await? {
            let kept = COMMITS_KEPT.num_microseconds().unwrap_or(i64::MAX);
            let query = within(reader, OLD_COMMITS, pages).bind(kept);
            query.execute(&mut *connection).await?;
        }
        if let Some(pages) = self.names.go_on(connection, reader, "names").await? {
            within(reader, OLD_NAMES, pages).execute(&mut *connection).await?;
        }
        if self.changes.begin().is_some() {
            let query = sqlx::query(reader.schema.sql(OLD_CHANGES)).bind(CHANGES_KEPT).bind(BITE);
            if query.execute(&mut *connection).await?.rows_affected() > 0 {
                self.changes.rest(PAUSE, None);
            }
        }
        Ok(())
    }
}

/// A query about some pages of a table.
fn within(reader: &Reader, sql: &'static str, pages: Range<i64>) -> Query<'static, Postgres, PgArguments> {
    let place = |page| format!("({page},0)");
    sqlx::query(reader.schema.sql(sql)).bind(place(pages.start)).bind(place(pages.end)).bind(reader.time.parameter())
}

/// Goes through a table again and again, some pages at a time: nothing has to be found by its age, which would cost an index.
/// Where it begins is left to chance, so that nodes that are often started anew go through all of it too.
#[derive(Debug, Default)]
struct Sweep(Mutex<Hand>);

#[derive(Clone, Copy, Debug, Default)]
struct Hand {
    next: Option<Instant>,
    page: Option<i64>,
}

impl Sweep {
    /// The pages that are to be looked through now.
    async fn go_on(&self, connection: &mut PgConnection, reader: &Reader, table: &'static str) -> Result<Option<Range<i64>>, Fault> {
        let Some(hand) = self.begin() else { return Ok(None) };
        let size = sqlx::query_as(SIZE).bind(reader.schema.name().to_owned()).bind(table);
        let (pages, any): (i64, i64) = size.fetch_one(connection).await?;
        let (range, next, pause) = step(hand.page.unwrap_or(any), pages);
        self.rest(pause, Some(next));
        Ok(Some(range))
    }

    /// Where it is, if it is time; then the others rest meanwhile.
    fn begin(&self) -> Option<Hand> {
        let mut hand = self.0.lock().ok()?;
        let (now, before) = (Instant::now(), *hand);
        if before.next.is_some_and(|next| now < next) {
            return None;
        }
        hand.next = Some(now + REST);
        Some(before)
    }

    fn rest(&self, pause: Duration, page: Option<i64>) {
        if let Ok(mut hand) = self.0.lock() {
            *hand = Hand { next: Some(Instant::now() + pause), page };
        }
    }
}

/// The pages from this one on, where it goes on after them, and how long until then; of a table of so many pages.
fn step(from: i64, pages: i64) -> (Range<i64>, i64, Duration) {
    let end = from + PAGES;
    let steps = u32::try_from(pages / PAGES + 1).unwrap_or(u32::MAX);
    (from..end, if end < pages { end } else { 0 }, (ROUND / steps).clamp(PAUSE, REST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_goes_through_all_pages_and_begins_again() {
        assert_eq!(step(0, 70), (0..32, 32, REST));
        assert_eq!(step(32, 70), (32..64, 64, REST));
        assert_eq!(step(64, 70), (64..96, 0, REST));
        assert_eq!(step(0, 0), (0..32, 0, REST));
        // Of a table of a hundred gigabytes within six hours, of a larger one as fast as may be.
        let (.., pause) = step(0, 12_000_000);
        assert!(pause >= PAUSE && pause * 12_000_000 / 32 <= ROUND, "{pause:?}");
        assert_eq!(step(0, i64::MAX / 2).2, PAUSE);
    }

    #[test]
    fn who_looks_lets_the_others_rest() {
        let sweep = Sweep::default();
        assert!(sweep.begin().is_some());
        assert!(sweep.begin().is_none());
        sweep.rest(Duration::ZERO, Some(7));
        assert_eq!(sweep.begin().and_then(|hand| hand.page), Some(7));
    }
}
