//! How many conversations each view holds: sums over a few counters, never a walk over conversations.

use helpdesk_core::id::{OperatorId, WorkspaceId};
use helpdesk_core::store::ViewCounts;
use sqlx::{Row as _, SqlitePool};

use crate::sql::counts::view_counts;
use crate::sql::fault::Fault;

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

pub(in crate::sqlite) async fn counts(pool: &SqlitePool, workspace: WorkspaceId, operator: OperatorId) -> Result<ViewCounts, Fault> {
    let row = sqlx::query(COUNTS).bind(workspace.as_uuid()).bind(operator.as_uuid()).fetch_one(pool).await?;
    view_counts(|column| row.try_get(column))
}
