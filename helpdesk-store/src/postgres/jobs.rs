//! Leases: given out, lengthened and given back by whichever node asks first.

use std::time::Duration;

use helpdesk_core::id::{JobId, LeaseToken, WorkspaceId};
use helpdesk_core::store::job::{Fence, Lane, Leased};
use sqlx::Row as _;
use sqlx::postgres::PgRow;

use super::read::Reader;
use super::time::{delay, later, now};
use crate::sql::fault::Fault;
use crate::sql::value::{parsed, signed, timestamp, unsigned};

/// The most jobs that one call leases.
const MOST: u32 = 1_000;

/// Locks lanes whose first job is free and leases it; what another node is just leasing is passed over. What has been
/// free the longest comes first.
///
/// The limit is spelled out: of one that it does not know the planner thinks that it may be large.
const LEASE: &str = concat!(
    "
WITH free AS MATERIALIZED (
    SELECT workspace, lane FROM helpdesk.lanes WHERE free_at <= ",
    now!("$1"),
    " ORDER BY free_at LIMIT {limit} FOR UPDATE SKIP LOCKED
)
UPDATE helpdesk.lanes AS lane
SET attempt = lane.attempt + 1, token = nextval('helpdesk.lease_tokens'), until = ",
    later!(now!("$1"), "$2"),
    ", free_at = ",
    later!(now!("$1"), "$2"),
    " FROM free WHERE lane.workspace = free.workspace AND lane.lane = free.lane
RETURNING lane.workspace, lane.lane, lane.id, lane.token, lane.work, lane.attempt, lane.pushed_at"
);

pub(super) fn lease_sql(limit: u32) -> String {
    LEASE.replace("{limit}", &limit.min(MOST).to_string())
}

pub(super) const EXTEND: &str = concat!(
    "
UPDATE helpdesk.lanes SET until = ",
    later!(now!("$1"), "$6"),
    ", free_at = ",
    later!(now!("$1"), "$6"),
    " WHERE workspace = $2 AND lane = $3 AND id = $4 AND token = $5 AND until > ",
    now!("$1"),
);

pub(super) const RETRY: &str = concat!(
    "
UPDATE helpdesk.lanes SET token = NULL, until = NULL, free_at = ",
    later!(now!("$1"), "$6"),
    " WHERE workspace = $2 AND lane = $3 AND id = $4 AND token = $5 AND until > ",
    now!("$1"),
);

pub(super) const NEXT_DUE: &str = concat!("SELECT (SELECT free_at FROM helpdesk.lanes ORDER BY free_at LIMIT 1) - ", now!("$1"));

impl Reader {
    pub(super) async fn lease(&self, limit: u32, keep: Duration) -> Result<Vec<Leased>, Fault> {
        let query = sqlx::query(self.schema.composed(lease_sql(limit))).bind(self.time.parameter()).bind(delay(keep));
        let mut jobs = Vec::new();
        for row in query.fetch_all(&self.pool).await? {
            match leased(&row) {
                // Leased to nobody, so that it does not stand in the way of the others.
                Err(Fault::Inconsistent(why)) => tracing::error!(why, "a job is left alone because it makes no sense"),
                job => jobs.push(job?),
            }
        }
        Ok(jobs)
    }

    pub(super) async fn extend(&self, workspace: WorkspaceId, fence: &Fence, keep: Duration) -> Result<bool, Fault> {
        self.held(EXTEND, workspace, fence, keep).await
    }

    pub(super) async fn retry(&self, workspace: WorkspaceId, fence: &Fence, after: Duration) -> Result<bool, Fault> {
        self.held(RETRY, workspace, fence, after).await
    }

    async fn held(&self, sql: &'static str, workspace: WorkspaceId, fence: &Fence, time: Duration) -> Result<bool, Fault> {
        let query = sqlx::query(self.schema.sql(sql)).bind(self.time.parameter()).bind(workspace.as_uuid());
        let query = query.bind(fence.lane.as_str().as_bytes()).bind(fence.job.as_uuid()).bind(signed(fence.token.0));
        Ok(query.bind(delay(time)).execute(&self.pool).await?.rows_affected() > 0)
    }

    pub(super) async fn next_due(&self) -> Result<Option<Duration>, Fault> {
        let query = sqlx::query_scalar(self.schema.sql(NEXT_DUE)).bind(self.time.parameter());
        let left: Option<i64> = query.fetch_one(&self.pool).await?;
        Ok(left.map(|micros| Duration::from_micros(unsigned(micros))))
    }
}

fn leased(row: &PgRow) -> Result<Leased, Fault> {
    let fence =
        Fence { lane: lane_of(row.try_get(1)?)?, job: JobId::from_uuid(row.try_get(2)?), token: LeaseToken(unsigned(row.try_get(3)?)) };
    Ok(Leased {
        workspace: WorkspaceId::from_uuid(row.try_get(0)?),
        fence,
        work: parsed("a job", row.try_get(4)?)?,
        attempt: u32::try_from(row.try_get::<i64, _>(5)?).unwrap_or(u32::MAX),
        pushed_at: timestamp(row.try_get(6)?)?,
    })
}

/// A lane as it was stored.
pub(super) fn lane_of(name: Vec<u8>) -> Result<Lane, Fault> {
    let name = String::from_utf8(name).map_err(|_| Fault::Inconsistent("the name of a lane is not text".to_owned()))?;
    Ok(Lane::named(name))
}
