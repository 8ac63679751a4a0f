//! What changed in a workspace.

use helpdesk_core::id::{ChangeNumber, Version, WorkspaceId};
use helpdesk_core::store::{Change, ChangeCursor, Changes};
use rusqlite::{Connection, Row, params};

use crate::sql::changes::{Head, answer};
use crate::sql::fault::Fault;
use crate::sql::value::{key_of, signed, unsigned};
use crate::sqlite::connection::{all, only};

/// Where the changes stand: incarnation, last number, first number kept.
pub(super) const HEAD: &str = "
SELECT (SELECT value FROM helpdesk_meta WHERE name = 'incarnation'),
       coalesce((SELECT change FROM helpdesk_counters WHERE workspace = ?1), 0),
       coalesce((SELECT min(number) FROM helpdesk_changes WHERE workspace = ?1), 0)";

/// What is behind the cursor.
pub(super) const CHANGES: &str =
    "SELECT id, number, version, kind FROM helpdesk_changes WHERE workspace = ?1 AND number > ?2 ORDER BY number LIMIT ?3";

pub(in crate::sqlite) fn changes(
    connection: &mut Connection,
    workspace: WorkspaceId,
    cursor: Option<ChangeCursor>,
    limit: u32,
) -> Result<Changes, Fault> {
    let moment = connection.transaction()?;
    let head = only(&moment, HEAD, [workspace.as_uuid()], head)?;
    let changes = match cursor {
        Some(cursor) => all(&moment, CHANGES, params![workspace.as_uuid(), signed(cursor.number.0), limit], change)?,
        None => Vec::new(),
    };
    Ok(answer(&head, cursor, changes, limit))
}

fn head(row: &Row<'_>) -> Result<Head, Fault> {
    let number = ChangeNumber(unsigned(row.get(1)?));
    Ok(Head { newest: ChangeCursor { incarnation: row.get(0)?, number }, oldest: unsigned(row.get(2)?) })
}

fn change(row: &Row<'_>) -> Result<Change, Fault> {
    let key = key_of(row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?, row.get(0)?)?;
    Ok(Change { number: ChangeNumber(unsigned(row.get(1)?)), key, version: Version(unsigned(row.get(2)?)) })
}
