//! Forgets what is too old, a little with each transaction.

use std::time::Duration;

use chrono::TimeDelta;
use helpdesk_core::clock::Timestamp;
use helpdesk_core::id::WorkspaceId;
use rusqlite::{Connection, params};

use super::memory::Memory;
use crate::sql::fault::Fault;
use crate::sql::value::{later, micros, signed};
use crate::sqlite::connection::run;

/// How long commit ids are kept.
pub(super) const COMMITS_KEPT: TimeDelta = TimeDelta::days(1);
/// How many changes of a workspace are kept; who stayed away for longer reads afresh.
const CHANGES_KEPT: u64 = 100_000;
/// How many rows of a table go at a time: more than a transaction can add.
const BITE: i64 = 512;
/// How long nothing is looked for once nothing was found.
const REST: Duration = Duration::from_secs(10);

/// Ids are written in the order of time, so only the first rows can be too old.
const OLD_COMMITS: &str = "
DELETE FROM helpdesk_commits WHERE number IN (SELECT number FROM helpdesk_commits ORDER BY number LIMIT ?2) AND at <= ?1";

pub(in crate::sqlite) const OLD_NAMES: &str = "
DELETE FROM helpdesk_names WHERE number IN (
    SELECT number FROM helpdesk_names INDEXED BY helpdesk_names_by_expiry
    WHERE expires_at IS NOT NULL AND expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";

pub(in crate::sqlite) const OLD_CHANGES: &str = "
DELETE FROM helpdesk_changes WHERE workspace = ?1 AND number IN (
    SELECT number FROM helpdesk_changes WHERE workspace = ?1 AND number <= ?2 ORDER BY number LIMIT ?3)";

/// Removes some of what is too old, where it may be worth looking. `written` names the workspaces with new changes.
pub(super) fn prune(
    connection: &Connection,
    memory: &mut Memory,
    written: impl Iterator<Item = (WorkspaceId, u64)>,
    now: Timestamp,
) -> Result<(), Fault> {
    if memory.prune_at.is_some_and(|at| now < at) {
        return Ok(());
    }
    let commits = run(connection, OLD_COMMITS, [micros(now - COMMITS_KEPT), BITE])?;
    let names = run(connection, OLD_NAMES, [micros(now), BITE])?;
    let mut changes = 0;
    for (workspace, newest) in written {
        let oldest = newest.saturating_sub(CHANGES_KEPT);
        if oldest > 0 {
            changes += run(connection, OLD_CHANGES, params![workspace.as_uuid(), signed(oldest), BITE])?;
        }
    }
    memory.prune_at = (commits + names + changes == 0).then(|| later(now, REST));
    Ok(())
}
