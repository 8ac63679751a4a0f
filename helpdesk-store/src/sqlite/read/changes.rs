//! What changed in a workspace.

use helpdesk_core::id::{ChangeNumber, Version, WorkspaceId};
use helpdesk_core::store::{Change, ChangeCursor, Changes};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqlitePool};

use crate::sql::changes::{Head, answer};
use crate::sql::fault::Fault;
use crate::sql::value::{key_of, signed, unsigned};

/// Where the changes stand (incarnation, last number, first number kept), then what is behind the cursor.
pub(super) const CHANGES: &str = "
SELECT (SELECT value FROM helpdesk_meta WHERE name = 'incarnation'),
       coalesce((SELECT change FROM helpdesk_counters WHERE workspace = ?1), 0),
       coalesce((SELECT min(number) FROM helpdesk_changes WHERE workspace = ?1), 0),
       NULL
UNION ALL
SELECT id, number, version, kind FROM (
    SELECT id, number, version, kind FROM helpdesk_changes WHERE workspace = ?1 AND number > ?2 ORDER BY number LIMIT ?3
)";

pub(in crate::sqlite) async fn changes(
    pool: &SqlitePool,
    workspace: WorkspaceId,
    cursor: Option<ChangeCursor>,
    limit: u32,
) -> Result<Changes, Fault> {
    let after = cursor.map_or(i64::MAX, |cursor| signed(cursor.number.0));
    let rows = sqlx::query(CHANGES).bind(workspace.as_uuid()).bind(after).bind(limit).fetch_all(pool).await?;
    let Some((head, rows)) = rows.split_first() else {
        return Err(Fault::Inconsistent("the store has no incarnation".to_owned()));
    };
    let number = ChangeNumber(unsigned(head.try_get(1)?));
    let newest = ChangeCursor { incarnation: head.try_get(0)?, number };
    let head = Head { newest, oldest: unsigned(head.try_get(2)?) };
    Ok(answer(&head, cursor, rows.iter().map(change).collect::<Result<_, _>>()?, limit))
}

fn change(row: &SqliteRow) -> Result<Change, Fault> {
    let key = key_of(row.try_get(3)?, row.try_get(0)?)?;
    Ok(Change { number: ChangeNumber(unsigned(row.try_get(1)?)), key, version: Version(unsigned(row.try_get(2)?)) })
}
