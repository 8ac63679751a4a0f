//! Writes what became of lanes and their jobs.

use std::collections::HashMap;

use helpdesk_core::id::WorkspaceId;
use helpdesk_core::store::job::{Lane as LaneName, Work};
use helpdesk_core::store::judge::{CurrentLease, View};
use sqlx::PgConnection;
use uuid::Uuid;

use super::batch::{Failure, all_written};
use super::load::Stored;
use crate::postgres::read::Reader;
use crate::sql::lane::{Lane, State};
use crate::sql::pending::Pending;
use crate::sql::value::{json, micros, signed};

const JOBS_CLEARED: &str = "
DELETE FROM helpdesk.jobs AS job USING unnest($1::uuid[], $2::bytea[]) AS gone(workspace, lane)
WHERE job.workspace = gone.workspace AND job.lane = gone.lane";

const JOBS_REMOVED: &str = "
DELETE FROM helpdesk.jobs AS job USING unnest($1::uuid[], $2::bytea[], $3::bigint[]) AS gone(workspace, lane, number)
WHERE job.workspace = gone.workspace AND job.lane = gone.lane AND job.number = gone.number";

const JOBS_MOVED: &str = "
UPDATE helpdesk.jobs AS job SET due_at = moved.due_at
FROM unnest($1::uuid[], $2::bytea[], $3::bigint[], $4::bigint[]) AS moved(workspace, lane, number, due_at)
WHERE job.workspace = moved.workspace AND job.lane = moved.lane AND job.number = moved.number";

const JOBS_NEW: &str = "
INSERT INTO helpdesk.jobs (workspace, lane, number, id, work, pushed_at, due_at)
SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::bigint[], $4::uuid[], $5::text[], $6::bigint[], $7::bigint[])";

const LANES_ENDED: &str = "
DELETE FROM helpdesk.lanes AS known USING unnest($1::uuid[], $2::bytea[]) AS gone(workspace, lane)
WHERE known.workspace = gone.workspace AND known.lane = gone.lane";

const LANES_BEGUN: &str = "
INSERT INTO helpdesk.lanes (workspace, lane, head, last, free_at, job, token, until)
SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[], $6::uuid[], $7::bigint[], $8::bigint[])
ON CONFLICT DO NOTHING";

const LANES_CHANGED: &str = "
UPDATE helpdesk.lanes AS known
SET head = new.head, last = new.last, free_at = new.free_at, job = new.job, token = new.token, until = new.until
FROM unnest($1::uuid[], $2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[], $6::uuid[], $7::bigint[], $8::bigint[])
    AS new(workspace, lane, head, last, free_at, job, token, until)
WHERE known.workspace = new.workspace AND known.lane = new.lane";

/// Every statement that looks for rows, for the tests of their plans.
#[cfg(test)]
pub(super) fn searches() -> Vec<&'static str> {
    vec![JOBS_CLEARED, JOBS_REMOVED, JOBS_MOVED, LANES_ENDED, LANES_CHANGED]
}

type LaneKey = (WorkspaceId, LaneName);

/// The row of a lane.
struct Row<'p> {
    key: &'p LaneKey,
    head: i64,
    last: i64,
    free_at: i64,
    lease: Option<CurrentLease>,
}

/// A job that is not stored yet.
struct NewJob<'p> {
    key: &'p LaneKey,
    number: i64,
    id: Uuid,
    work: &'p Work,
    pushed_at: i64,
    due_at: i64,
}

/// What is to be done, statement by statement.
#[derive(Default)]
struct Plan<'p> {
    cleared: Vec<&'p LaneKey>,
    removed: Vec<(&'p LaneKey, i64)>,
    moved: Vec<(&'p LaneKey, i64, i64)>,
    new: Vec<NewJob<'p>>,
    ended: Vec<&'p LaneKey>,
    changed: Vec<Row<'p>>,
    begun: Vec<Row<'p>>,
}

impl<'p> Plan<'p> {
    fn of(lanes: &'p HashMap<LaneKey, Lane<'_>>, view: &View, stored: &Stored) -> Self {
        let mut plan = Self::default();
        let mut touched: Vec<_> = lanes.iter().filter(|(_, lane)| lane.touched).collect();
        touched.sort_unstable_by_key(|(key, _)| *key);
        for (key, lane) in touched {
            plan.lane(key, lane, view, stored.lanes.contains(key));
        }
        plan
    }

    fn lane(&mut self, key: &'p LaneKey, lane: &'p Lane<'_>, view: &View, stored: bool) {
        if lane.cleared && stored {
            self.cleared.push(key);
        }
        self.removed.extend(lane.removed.iter().map(|number| (key, *number)));
        for job in &lane.jobs {
            let due_at = micros(job.due_at);
            match job.state {
                State::Stored => {}
                State::Moved => self.moved.push((key, job.number, due_at)),
                State::New { id, work, pushed_at } => {
                    self.new.push(NewJob { key, number: job.number, id: id.as_uuid(), work, pushed_at: micros(pushed_at), due_at });
                }
            }
        }
        let Some(first) = lane.jobs.front() else {
            if stored {
                self.ended.push(key);
            }
            return;
        };
        let lease = view.leases.get(key).copied();
        let free_at = lease.filter(|lease| lease.until > view.now).map_or(first.due_at, |lease| lease.until);
        let row = Row { key, head: first.number, last: lane.last, free_at: micros(free_at), lease };
        if stored { self.changed.push(row) } else { self.begun.push(row) }
    }
}

/// Writes the lanes of a batch. The view shows their leases.
pub(super) async fn write(
    connection: &mut PgConnection,
    reader: &Reader,
    pending: &Pending<'_>,
    view: &View,
    stored: &Stored,
) -> Result<(), Failure> {
    let plan = Plan::of(&pending.lanes, view, stored);
    if !plan.cleared.is_empty() {
        let (workspaces, lanes) = columns(plan.cleared.iter().copied());
        sqlx::query(reader.schema.sql(JOBS_CLEARED)).bind(workspaces).bind(lanes).execute(&mut *connection).await?;
    }
    if !plan.removed.is_empty() {
        let (workspaces, lanes) = columns(plan.removed.iter().map(|(key, _)| *key));
        let numbers: Vec<i64> = plan.removed.iter().map(|(_, number)| *number).collect();
        let query = sqlx::query(reader.schema.sql(JOBS_REMOVED)).bind(workspaces).bind(lanes).bind(numbers);
        all_written(query.execute(&mut *connection).await?.rows_affected(), plan.removed.len())?;
    }
    if !plan.moved.is_empty() {
        let (workspaces, lanes) = columns(plan.moved.iter().map(|(key, ..)| *key));
        let numbers: Vec<i64> = plan.moved.iter().map(|(_, number, _)| *number).collect();
        let due: Vec<i64> = plan.moved.iter().map(|(.., due_at)| *due_at).collect();
        let query = sqlx::query(reader.schema.sql(JOBS_MOVED)).bind(workspaces).bind(lanes).bind(numbers).bind(due);
        all_written(query.execute(&mut *connection).await?.rows_affected(), plan.moved.len())?;
    }
    if !plan.ended.is_empty() {
        let (workspaces, lanes) = columns(plan.ended.iter().copied());
        let query = sqlx::query(reader.schema.sql(LANES_ENDED)).bind(workspaces).bind(lanes);
        all_written(query.execute(&mut *connection).await?.rows_affected(), plan.ended.len())?;
    }
    for (sql, rows) in [(LANES_CHANGED, &plan.changed), (LANES_BEGUN, &plan.begun)] {
        if rows.is_empty() {
            continue;
        }
        let (workspaces, lanes) = columns(rows.iter().map(|row| row.key));
        let query = sqlx::query(reader.schema.sql(sql))
            .bind(workspaces)
            .bind(lanes)
            .bind(rows.iter().map(|row| row.head).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.last).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.free_at).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.lease.map(|lease| lease.job.as_uuid())).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.lease.map(|lease| signed(lease.token.0))).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.lease.map(|lease| micros(lease.until))).collect::<Vec<_>>());
        all_written(query.execute(&mut *connection).await?.rows_affected(), rows.len())?;
    }
    new_jobs(connection, reader, &plan.new).await
}

async fn new_jobs(connection: &mut PgConnection, reader: &Reader, rows: &[NewJob<'_>]) -> Result<(), Failure> {
    if rows.is_empty() {
        return Ok(());
    }
    let (workspaces, lanes) = columns(rows.iter().map(|job| job.key));
    let query = sqlx::query(reader.schema.sql(JOBS_NEW))
        .bind(workspaces)
        .bind(lanes)
        .bind(rows.iter().map(|job| job.number).collect::<Vec<_>>())
        .bind(rows.iter().map(|job| job.id).collect::<Vec<_>>())
        .bind(rows.iter().map(|job| json(job.work)).collect::<Result<Vec<_>, _>>()?)
        .bind(rows.iter().map(|job| job.pushed_at).collect::<Vec<_>>())
        .bind(rows.iter().map(|job| job.due_at).collect::<Vec<_>>());
    all_written(query.execute(connection).await?.rows_affected(), rows.len())
}

/// The two columns that name lanes.
fn columns<'p>(keys: impl Iterator<Item = &'p LaneKey>) -> (Vec<Uuid>, Vec<Vec<u8>>) {
    keys.map(|(workspace, lane)| (workspace.as_uuid(), lane.as_str().as_bytes().to_vec())).unzip()
}
