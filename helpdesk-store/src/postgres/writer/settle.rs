//! Finding out what became of a commit.

use helpdesk_core::id::{CommitId, WorkspaceId};
use helpdesk_core::store::Settled;

use super::load::COMMITS_KEPT;
use crate::postgres::fault::is_lost_race;
use crate::postgres::read::Reader;
use crate::postgres::time::now;
use crate::sql::fault::Fault;

/// Keeps the id as refused, if it is not kept already. Waits for a transaction that has written it.
const REFUSE: &str = concat!(
    "INSERT INTO helpdesk.commits AS known (workspace, id, at) VALUES ($2, $3, ",
    now!("$1"),
    ") ON CONFLICT (workspace, id) DO UPDATE SET at = excluded.at, result = NULL WHERE known.at <= excluded.at - $4"
);

const RESULT: &str = "SELECT result FROM helpdesk.commits WHERE workspace = $1 AND id = $2";

impl Reader {
    pub(in crate::postgres) async fn settle(&self, workspace: WorkspaceId, commit: CommitId) -> Result<Settled, Fault> {
        loop {
            let query = sqlx::query(self.schema.sql(REFUSE)).bind(self.time.parameter()).bind(workspace.as_uuid()).bind(commit.as_uuid());
            let kept = COMMITS_KEPT.num_microseconds().unwrap_or(i64::MAX);
            match query.bind(kept).execute(&self.pool).await {
                Ok(refused) if refused.rows_affected() > 0 => return Ok(Settled::Refused),
                Ok(_) => {}
                Err(error) if is_lost_race(&error) => continue,
                Err(error) => return Err(error.into()),
            }
            let query = sqlx::query_scalar(self.schema.sql(RESULT)).bind(workspace.as_uuid()).bind(commit.as_uuid());
            let result: Option<Option<Vec<u8>>> = query.fetch_optional(&self.pool).await?;
            match result {
                Some(Some(result)) => return Ok(Settled::Committed(result.into())),
                Some(None) => return Ok(Settled::Refused),
                // It became too old between the two.
                None => {}
            }
        }
    }
}
