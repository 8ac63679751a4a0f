//! When there is work next.

use std::time::Duration;

use helpdesk_core::clock::Timestamp;
use sqlx::SqlitePool;

use crate::sql::fault::Fault;
use crate::sql::value::timestamp;

pub(super) const NEXT_DUE: &str = "SELECT min(free_at) FROM helpdesk_jobs INDEXED BY helpdesk_jobs_by_free_at WHERE free_at IS NOT NULL";

pub(in crate::sqlite) async fn next_due(pool: &SqlitePool, now: Timestamp) -> Result<Option<Duration>, Fault> {
    let due: Option<i64> = sqlx::query_scalar(NEXT_DUE).fetch_one(pool).await?;
    due.map(|due| Ok((timestamp(due)? - now).to_std().unwrap_or(Duration::ZERO))).transpose()
}
