//! Leasing: the first jobs of lanes that are free and due.

use std::sync::LazyLock;
use std::time::Duration;

use helpdesk_core::clock::Timestamp;
use helpdesk_core::id::{JobId, WorkspaceId};
use helpdesk_core::store::job::{Fence, Lane, Leased};
use helpdesk_core::store::judge::CurrentLease;
use rusqlite::{Connection, params};

use super::bulk::Bulk;
use super::memory::Memory;
use crate::sql::fault::Fault;
use crate::sql::value::{later, micros, parsed, timestamp};
use crate::sqlite::connection::all;

/// The most jobs that one call leases.
const MOST: u32 = 1_000;

/// What has been free the longest comes first.
pub(in crate::sqlite) const DUE: &str = "
SELECT workspace, lane, number, id, work, attempt, pushed_at FROM helpdesk_jobs INDEXED BY helpdesk_jobs_by_free_at
WHERE free_at IS NOT NULL AND free_at <= ?1 ORDER BY free_at LIMIT ?2";

static LEASED: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "WITH leased(number, free_at) AS (VALUES",
        2,
        ") UPDATE helpdesk_jobs SET attempt = attempt + 1, free_at = leased.free_at FROM leased \
         WHERE helpdesk_jobs.number = leased.number",
    )
});

#[cfg(test)]
pub(in crate::sqlite) fn leased() -> String {
    LEASED.smallest().to_owned()
}

/// A job that may be leased.
#[derive(Debug)]
pub(super) struct Due {
    key: (WorkspaceId, Lane),
    number: i64,
    id: JobId,
    work: String,
    attempt: u32,
    pushed_at: Timestamp,
}

/// The jobs that may be leased now.
pub(super) fn due(connection: &Connection, limit: u32, now: Timestamp) -> Result<Vec<Due>, Fault> {
    all(connection, DUE, params![micros(now), limit.min(MOST)], |row| {
        Ok(Due {
            key: (WorkspaceId::from_uuid(row.get(0)?), Lane::named(row.get::<_, String>(1)?)),
            number: row.get(2)?,
            id: JobId::from_uuid(row.get(3)?),
            work: row.get(4)?,
            attempt: u32::try_from(row.get::<_, i64>(5)?).unwrap_or(u32::MAX),
            pushed_at: timestamp(row.get(6)?)?,
        })
    })
}

/// Leases given out but not durable yet.
#[derive(Debug, Default)]
pub(super) struct Given(Vec<((WorkspaceId, Lane), CurrentLease)>);

impl Given {
    /// Writes down that these jobs are leased.
    pub(super) fn lease(
        &mut self,
        connection: &Connection,
        memory: &mut Memory,
        due: Vec<Due>,
        keep: Duration,
        now: Timestamp,
    ) -> Result<Vec<Leased>, Fault> {
        let until = later(now, keep);
        LEASED.run(connection, &due, |row, job| {
            row.add(job.number).add(micros(until));
            Ok(())
        })?;
        let mut leased = Vec::with_capacity(due.len());
        for job in due {
            let token = memory.draw_token();
            let (workspace, lane) = job.key.clone();
            match parsed("a job", &job.work) {
                Ok(work) => {
                    let fence = Fence { lane, job: job.id, token };
                    let attempt = job.attempt.saturating_add(1);
                    leased.push(Leased { workspace, fence, work, attempt, pushed_at: job.pushed_at });
                }
                // Leased to nobody, so that it does not stand in the way of the others.
                Err(fault) => tracing::error!(%workspace, %lane, job = %job.id, ?fault, "a job is left alone because it makes no sense"),
            }
            self.0.push((job.key, CurrentLease { job: job.id, token, until }));
        }
        Ok(leased)
    }

    /// They are durable.
    pub(super) fn remember(self, memory: &mut Memory) {
        memory.leases.extend(self.0);
    }
}
