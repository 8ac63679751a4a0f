//! How many conversations each view holds: sums over a few counters, never a walk over conversations.

use helpdesk_core::id::{OperatorId, WorkspaceId};
use helpdesk_core::store::ViewCounts;
use sqlx::Row as _;

use super::Reader;
use crate::sql::counts::view_counts;
use crate::sql::fault::Fault;

pub(super) const COUNTS: &str = "
SELECT coalesce(sum(conversations), 0)::bigint,
       coalesce(sum(conversations) FILTER (WHERE status <> 2 AND (operator = $2 OR responsible = $2)), 0)::bigint,
       coalesce(sum(conversations) FILTER (WHERE unassigned), 0)::bigint,
       coalesce(sum(conversations) FILTER (WHERE waiting), 0)::bigint,
       coalesce(sum(conversations) FILTER (WHERE status <> 2 AND assignee = 2), 0)::bigint,
       coalesce(sum(conversations) FILTER (WHERE status = 1), 0)::bigint,
       coalesce(sum(conversations) FILTER (WHERE status = 2), 0)::bigint
FROM helpdesk.counts WHERE workspace = $1";

impl Reader {
    pub(in crate::postgres) async fn counts(&self, workspace: WorkspaceId, operator: OperatorId) -> Result<ViewCounts, Fault> {
        let row = self.about(workspace, COUNTS).bind(operator.as_uuid()).fetch_one(&self.pool).await?;
        view_counts(|column| row.try_get(column))
    }
}
