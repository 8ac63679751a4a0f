//! Forgets what is too old, a little at a time.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use sqlx::PgConnection;

use super::load::COMMITS_KEPT;
use crate::postgres::read::Reader;
use crate::postgres::time::now;
use crate::sql::fault::Fault;

/// How many changes of a workspace are kept; who stayed away for longer reads afresh.
const CHANGES_KEPT: i64 = 100_000;
/// How many rows of a table go at a time.
const BITE: i64 = 2_000;
/// How long nothing is looked for once nothing was found.
const REST: Duration = Duration::from_secs(10);
/// How long it takes at least from one bite to the next: more can be removed than added.
const PAUSE: Duration = Duration::from_millis(50);

/// What another node is just removing is passed over. A row that is locked stays where it is, so that its place names it.
pub(super) const OLD_COMMITS: &str = concat!(
    "
DELETE FROM helpdesk.commits WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM helpdesk.commits WHERE at <= ",
    now!("$1"),
    " - $2 ORDER BY at LIMIT $3 FOR UPDATE SKIP LOCKED))"
);

pub(super) const OLD_NAMES: &str = concat!(
    "
DELETE FROM helpdesk.names WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM helpdesk.names WHERE expires_at <= ",
    now!("$1"),
    " ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))"
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
pub(super) struct Prune(Mutex<Option<Instant>>);

impl Prune {
    /// Removes some of what is too old, where it may be worth looking.
    pub(super) async fn some(&self, connection: &mut PgConnection, reader: &Reader) -> Result<(), Fault> {
        if !self.begin() {
            return Ok(());
        }
        let kept = COMMITS_KEPT.num_microseconds().unwrap_or(i64::MAX);
        let commits = sqlx::query(reader.schema.sql(OLD_COMMITS)).bind(reader.time.parameter()).bind(kept).bind(BITE);
        let commits = commits.execute(&mut *connection).await?.rows_affected();
        let names = sqlx::query(reader.schema.sql(OLD_NAMES)).bind(reader.time.parameter()).bind(BITE);
        let names = names.execute(&mut *connection).await?.rows_affected();
        let changes = sqlx::query(reader.schema.sql(OLD_CHANGES)).bind(CHANGES_KEPT).bind(BITE);
        let changes = changes.execute(&mut *connection).await?.rows_affected();
        if commits + names + changes > 0 {
            self.next(PAUSE);
        }
        Ok(())
    }

    /// Whether it is time; if so the others rest meanwhile.
    fn begin(&self) -> bool {
        let Ok(mut next) = self.0.lock() else { return false };
        let now = Instant::now();
        if next.is_some_and(|next| now < next) {
            return false;
        }
        *next = Some(now + REST);
        true
    }

    fn next(&self, pause: Duration) {
        if let Ok(mut next) = self.0.lock() {
            *next = Some(Instant::now() + pause);
        }
    }
}
