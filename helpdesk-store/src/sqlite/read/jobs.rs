//! When there is work next.

use std::time::Duration;

use helpdesk_core::clock::Timestamp;
use rusqlite::Connection;

use crate::sql::fault::Fault;
use crate::sql::value::timestamp;
use crate::sqlite::connection::only;

pub(super) const NEXT_DUE: &str = "SELECT min(free_at) FROM helpdesk_jobs INDEXED BY helpdesk_jobs_by_free_at WHERE free_at IS NOT NULL";

pub(in crate::sqlite) fn next_due(connection: &Connection, now: Timestamp) -> Result<Option<Duration>, Fault> {
    let due: Option<i64> = only(connection, NEXT_DUE, [], |row| Ok(row.get(0)?))?;
    due.map(|due| Ok((timestamp(due)? - now).to_std().unwrap_or(Duration::ZERO))).transpose()
}
