//! What changed in a workspace.

use helpdesk_core::id::{ChangeNumber, Version, WorkspaceId};
use helpdesk_core::store::{Change, ChangeCursor, Changes};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqlitePool};
use uuid::Uuid;

use crate::sqlite::fault::Fault;
use crate::sqlite::value::{key_of, signed, unsigned};

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
    let incarnation: Uuid = head.try_get(0)?;
    let newest = ChangeNumber(unsigned(head.try_get(1)?));
    let oldest = unsigned(head.try_get(2)?);
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
    let mut changes = rows.iter().map(change).collect::<Result<Vec<_>, _>>()?;
    changes.sort_unstable_by_key(|change| change.number);
    let number = match changes.last() {
        Some(last) if changes.len() == limit as usize => last.number,
        _ if limit == 0 => cursor.number,
        _ => newest,
    };
    Ok(Changes::Some { changes, cursor: ChangeCursor { incarnation, number } })
}

fn change(row: &SqliteRow) -> Result<Change, Fault> {
    let key = key_of(row.try_get(3)?, row.try_get(0)?)?;
    Ok(Change { number: ChangeNumber(unsigned(row.try_get(1)?)), key, version: Version(unsigned(row.try_get(2)?)) })
}
