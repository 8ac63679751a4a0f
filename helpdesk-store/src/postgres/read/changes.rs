//! What changed in a workspace.

use helpdesk_core::id::{ChangeNumber, Version, WorkspaceId};
use helpdesk_core::store::{Change, ChangeCursor, Changes};
use sqlx::Row as _;
use sqlx::postgres::PgRow;

use super::Reader;
use crate::sql::changes::{Head, answer};
use crate::sql::fault::Fault;
use crate::sql::value::{key_of, signed, unsigned};

/// Where the changes stand (incarnation, last number, first number kept), then what is behind the cursor. A row holds some with
/// numbers that follow each other, of which the first may be known.
pub(super) const CHANGES: &str = "
SELECT (SELECT incarnation FROM helpdesk.meta),
       coalesce((SELECT change FROM helpdesk.counters WHERE workspace = $1), 0),
       coalesce((SELECT last - cardinality(ids) + 1 FROM helpdesk.changes WHERE workspace = $1 ORDER BY last LIMIT 1), 0),
       NULL
UNION ALL
(SELECT change.id, behind.last - cardinality(behind.ids) + change.place, change.version, behind.kind
 FROM (SELECT last, kind, ids, versions FROM helpdesk.changes WHERE workspace = $1 AND last > $2 ORDER BY last LIMIT $3) AS behind
 CROSS JOIN LATERAL unnest(behind.ids, behind.versions) WITH ORDINALITY AS change(id, version, place)
 WHERE behind.last - cardinality(behind.ids) + change.place > $2 ORDER BY behind.last, change.place LIMIT $3)";

impl Reader {
    pub(in crate::postgres) async fn changes(
        &self,
        workspace: WorkspaceId,
        cursor: Option<ChangeCursor>,
        limit: u32,
    ) -> Result<Changes, Fault> {
        let after = cursor.map_or(i64::MAX, |cursor| signed(cursor.number.0));
        let rows = self.about(workspace, CHANGES).bind(after).bind(i64::from(limit)).fetch_all(&self.pool).await?;
        let Some((head, rows)) = rows.split_first() else {
            return Err(Fault::Inconsistent("the store has no incarnation".to_owned()));
        };
        let number = ChangeNumber(unsigned(head.try_get(1)?));
        let newest = ChangeCursor { incarnation: head.try_get(0)?, number };
        let head = Head { newest, oldest: unsigned(head.try_get(2)?) };
        Ok(answer(&head, cursor, rows.iter().map(change).collect::<Result<_, _>>()?, limit))
    }
}

fn change(row: &PgRow) -> Result<Change, Fault> {
    let key = key_of(row.try_get(3)?, row.try_get(0)?)?;
    Ok(Change { number: ChangeNumber(unsigned(row.try_get(1)?)), key, version: Version(unsigned(row.try_get(2)?)) })
}
