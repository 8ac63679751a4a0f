//! What changed in a workspace.

use helpdesk_core::id::{ChangeNumber, Version, WorkspaceId};
use helpdesk_core::store::{Change, ChangeCursor, Changes};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqlitePool};
use uuid::Uuid;

use crate::sqlite::fault::Fault;
use crate::sqlite::value::{key_of, signed, unsigned};

/// The first columns of each row say where the changes stand; without a change behind the cursor the others are null.
pub(super) const CHANGES: &str = "
WITH head AS (
    SELECT (SELECT value FROM helpdesk_meta WHERE name = 'incarnation') AS incarnation,
           coalesce((SELECT change FROM helpdesk_counters WHERE workspace = ?1), 0) AS newest,
           coalesce((SELECT min(number) FROM helpdesk_changes WHERE workspace = ?1), 0) AS oldest
)
SELECT head.incarnation, head.newest, head.oldest, change.number, change.kind, change.id, change.version
FROM head LEFT JOIN helpdesk_changes AS change ON change.workspace = ?1 AND change.number > ?2
ORDER BY change.number LIMIT ?3";

pub(in crate::sqlite) async fn changes(
    pool: &SqlitePool,
    workspace: WorkspaceId,
    cursor: Option<ChangeCursor>,
    limit: u32,
) -> Result<Changes, Fault> {
    let after = cursor.map_or(i64::MAX, |cursor| signed(cursor.number.0));
    let query = sqlx::query(CHANGES).bind(workspace.as_uuid()).bind(after).bind(limit.max(1));
    let rows = query.fetch_all(pool).await?;
    let Some(first) = rows.first() else {
        return Err(Fault::Inconsistent("the store has no incarnation".to_owned()));
    };
    let incarnation: Uuid = first.try_get(0)?;
    let newest = ChangeNumber(unsigned(first.try_get(1)?));
    let oldest = unsigned(first.try_get(2)?);
    let head = ChangeCursor { incarnation, number: newest };
    let Some(cursor) = cursor else {
        return Ok(Changes::Some { changes: Vec::new(), cursor: head });
    };
    // A number that was never drawn is of a later life of this file, before a backup was put in its place.
    let foreign = cursor.incarnation != incarnation || cursor.number > newest;
    let pruned = cursor.number < newest && cursor.number.0.saturating_add(1) < oldest;
    if foreign || pruned {
        return Ok(Changes::Resync(head));
    }
    let changes = rows.iter().take(limit as usize).filter_map(|row| change(row).transpose()).collect::<Result<Vec<_>, _>>()?;
    let number = changes.last().map_or(cursor.number, |change| change.number);
    Ok(Changes::Some { changes, cursor: ChangeCursor { incarnation, number } })
}

fn change(row: &SqliteRow) -> Result<Option<Change>, Fault> {
    let Some(number) = row.try_get::<Option<i64>, _>(3)? else {
        return Ok(None);
    };
    let key = key_of(row.try_get(4)?, row.try_get(5)?)?;
    Ok(Some(Change { number: ChangeNumber(unsigned(number)), key, version: Version(unsigned(row.try_get(6)?)) }))
}
