//! How many conversations each view holds: sums over a few counters, never a walk over conversations.

use helpdesk_core::id::{OperatorId, WorkspaceId};
use helpdesk_core::store::ViewCounts;
use rusqlite::{Connection, params};

use crate::sql::counts::view_counts;
use crate::sql::fault::Fault;
use crate::sqlite::connection::only;

/// Nobody is the empty blob, which equals no operator.
pub(super) const COUNTS: &str = "
SELECT coalesce(sum(conversations), 0),
       coalesce(sum(conversations) FILTER (WHERE status <> 2 AND (operator = ?2 OR responsible = ?2)), 0),
       coalesce(sum(conversations) FILTER (WHERE unassigned = 1), 0),
       coalesce(sum(conversations) FILTER (WHERE waiting = 1), 0),
       coalesce(sum(conversations) FILTER (WHERE status <> 2 AND assignee = 2), 0),
       coalesce(sum(conversations) FILTER (WHERE status = 1), 0),
       coalesce(sum(conversations) FILTER (WHERE status = 2), 0)
FROM helpdesk_counts WHERE workspace = ?1";

pub(in crate::sqlite) fn counts(connection: &Connection, workspace: WorkspaceId, operator: OperatorId) -> Result<ViewCounts, Fault> {
    only(connection, COUNTS, params![workspace.as_uuid(), operator.as_uuid()], |row| view_counts(|column| row.get(column)))
}
