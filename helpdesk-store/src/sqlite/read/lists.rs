//! Things by their ids, and the short lists.

use helpdesk_core::id::{AuditId, ContactId, ConversationId, WorkspaceId};
use helpdesk_core::model::{Audit, Contact, Conversation, Record, RecordKey, RecordKind, Ticket};
use helpdesk_core::store::TicketRef;
use sqlx::SqlitePool;
use uuid::Uuid;

use super::array::{about, array_of, item, items};
use crate::sql::fault::Fault;
use crate::sql::value::signed;
use crate::sqlite::hexadecimal::hexadecimal;

pub(super) const CONVERSATIONS: &str = array_of!(
    "SELECT found.body FROM json_each(?2) AS wanted
     CROSS JOIN helpdesk_conversations AS found ON found.workspace = ?1 AND found.id = unhex(wanted.value)"
);

pub(super) const CONTACTS: &str = array_of!(
    "SELECT found.body FROM json_each(?2) AS wanted
     CROSS JOIN helpdesk_contacts AS found ON found.workspace = ?1 AND found.id = unhex(wanted.value)"
);

/// By id or by number; a ticket that is named both ways comes once.
pub(super) const TICKETS: &str = array_of!(
    "SELECT found.body FROM json_each(?2) AS wanted
     CROSS JOIN helpdesk_tickets AS found ON found.workspace = ?1 AND found.id = unhex(wanted.value)
     UNION
     SELECT found.body FROM json_each(?3) AS wanted
     CROSS JOIN helpdesk_tickets AS found ON found.workspace = ?1 AND found.ticket = wanted.value"
);

pub(super) const RECORD: &str = "SELECT body FROM helpdesk_records WHERE workspace = ?1 AND kind = ?2 AND id = ?3";

pub(super) const RECORDS: &str =
    array_of!("SELECT body FROM helpdesk_records WHERE workspace = ?1 AND kind = ?2 AND id > ?3 ORDER BY id LIMIT ?4");

pub(super) const AUDIT: &str = array_of!("SELECT body FROM helpdesk_audit WHERE workspace = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3");

pub(in crate::sqlite) async fn conversations(
    pool: &SqlitePool,
    workspace: WorkspaceId,
    ids: &[ConversationId],
) -> Result<Vec<Conversation>, Fault> {
    let ids = distinct(ids.iter().map(|id| id.as_uuid()));
    items("conversations", &about(workspace, CONVERSATIONS).bind(ids).fetch_one(pool).await?, 0)
}

pub(in crate::sqlite) async fn contacts(pool: &SqlitePool, workspace: WorkspaceId, ids: &[ContactId]) -> Result<Vec<Contact>, Fault> {
    let ids = distinct(ids.iter().map(|id| id.as_uuid()));
    items("contacts", &about(workspace, CONTACTS).bind(ids).fetch_one(pool).await?, 0)
}

pub(in crate::sqlite) async fn tickets(pool: &SqlitePool, workspace: WorkspaceId, refs: &[TicketRef]) -> Result<Vec<Ticket>, Fault> {
    let ids = hexadecimal(refs.iter().filter_map(|reference| match reference {
        TicketRef::Id(id) => Some(id.as_uuid()),
        TicketRef::Number(_) => None,
    }));
    let numbers = refs.iter().filter_map(|reference| match reference {
        TicketRef::Number(number) => Some(signed(number.0)),
        TicketRef::Id(_) => None,
    });
    let numbers = serde_json::Value::from_iter(numbers).to_string();
    items("tickets", &about(workspace, TICKETS).bind(ids).bind(numbers).fetch_one(pool).await?, 0)
}

pub(in crate::sqlite) async fn record(pool: &SqlitePool, workspace: WorkspaceId, key: RecordKey) -> Result<Option<Record>, Fault> {
    let row = about(workspace, RECORD).bind(key.kind.as_str()).bind(key.id).fetch_optional(pool).await?;
    row.map_or(Ok(None), |row| item("a record", &row, 0))
}

pub(in crate::sqlite) async fn records(
    pool: &SqlitePool,
    workspace: WorkspaceId,
    kind: RecordKind,
    after: Option<Uuid>,
    limit: u32,
) -> Result<Vec<Record>, Fault> {
    // The empty blob sorts before every id, the nil one included.
    let after = after.map_or(Vec::new(), |id| id.as_bytes().to_vec());
    let row = about(workspace, RECORDS).bind(kind.as_str()).bind(after).bind(limit).fetch_one(pool).await?;
    let mut records: Vec<Record> = items("records", &row, 0)?;
    records.sort_by_key(|record| record.body.key());
    Ok(records)
}

pub(in crate::sqlite) async fn audit(
    pool: &SqlitePool,
    workspace: WorkspaceId,
    before: Option<AuditId>,
    limit: u32,
) -> Result<Vec<Audit>, Fault> {
    // Seventeen bytes sort behind every id.
    let before = before.map_or(vec![0xff; 17], |id| id.as_uuid().as_bytes().to_vec());
    let mut lines: Vec<Audit> = items("the audit log", &about(workspace, AUDIT).bind(before).bind(limit).fetch_one(pool).await?, 0)?;
    lines.sort_by_key(|line| std::cmp::Reverse(line.id));
    Ok(lines)
}

fn distinct(ids: impl Iterator<Item = Uuid>) -> String {
    hexadecimal(ids.collect::<std::collections::BTreeSet<_>>().into_iter())
}
