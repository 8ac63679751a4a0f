//! Things by their ids, and the short lists.

use helpdesk_core::id::{AuditId, ContactId, ConversationId, TicketNumber, WorkspaceId};
use helpdesk_core::model::{Audit, Contact, Conversation, Record, RecordKey, RecordKind, Ticket};
use helpdesk_core::store::TicketRef;
use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqlitePool};
use uuid::Uuid;

use crate::sqlite::fault::Fault;
use crate::sqlite::value::{hexadecimal, parsed, signed, unsigned};

pub(super) const CONVERSATIONS: &str = "
SELECT found.body FROM json_each(?2) AS wanted
CROSS JOIN helpdesk_conversations AS found ON found.workspace = ?1 AND found.id = unhex(wanted.value)";

pub(super) const CONTACTS: &str = "
SELECT found.body FROM json_each(?2) AS wanted
CROSS JOIN helpdesk_contacts AS found ON found.workspace = ?1 AND found.id = unhex(wanted.value)";

/// By id or by number; a ticket that is named both ways comes once.
pub(super) const TICKETS: &str = "
SELECT found.ticket, found.body FROM json_each(?2) AS wanted
CROSS JOIN helpdesk_tickets AS found ON found.workspace = ?1 AND found.id = unhex(wanted.value)
UNION
SELECT found.ticket, found.body FROM json_each(?3) AS wanted
CROSS JOIN helpdesk_tickets AS found ON found.workspace = ?1 AND found.ticket = wanted.value";

pub(super) const RECORD: &str = "SELECT body FROM helpdesk_records WHERE workspace = ?1 AND kind = ?2 AND id = ?3";

pub(super) const RECORDS: &str = "SELECT body FROM helpdesk_records WHERE workspace = ?1 AND kind = ?2 AND id > ?3 ORDER BY id LIMIT ?4";

pub(super) const AUDIT: &str = "SELECT body FROM helpdesk_audit WHERE workspace = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";

pub(in crate::sqlite) async fn conversations(
    pool: &SqlitePool,
    workspace: WorkspaceId,
    ids: &[ConversationId],
) -> Result<Vec<Conversation>, Fault> {
    let ids = distinct(ids.iter().map(|id| id.as_uuid()));
    bodies("a conversation", &sqlx::query(CONVERSATIONS).bind(workspace.as_uuid()).bind(ids).fetch_all(pool).await?)
}

pub(in crate::sqlite) async fn contacts(pool: &SqlitePool, workspace: WorkspaceId, ids: &[ContactId]) -> Result<Vec<Contact>, Fault> {
    let ids = distinct(ids.iter().map(|id| id.as_uuid()));
    bodies("a contact", &sqlx::query(CONTACTS).bind(workspace.as_uuid()).bind(ids).fetch_all(pool).await?)
}

pub(in crate::sqlite) async fn tickets(pool: &SqlitePool, workspace: WorkspaceId, refs: &[TicketRef]) -> Result<Vec<Ticket>, Fault> {
    let ids = hexadecimal(refs.iter().filter_map(|reference| match reference {
        TicketRef::Id(id) => Some(id.as_uuid()),
        TicketRef::Number(_) => None,
    }));
    let numbers: Vec<i64> = refs
        .iter()
        .filter_map(|reference| match reference {
            TicketRef::Number(number) => Some(signed(number.0)),
            TicketRef::Id(_) => None,
        })
        .collect();
    let numbers = serde_json::Value::from(numbers).to_string();
    let rows = sqlx::query(TICKETS).bind(workspace.as_uuid()).bind(ids).bind(numbers).fetch_all(pool).await?;
    rows.iter().map(|row| ticket(row.try_get(0)?, row.try_get(1)?)).collect()
}

/// A stored ticket: its number is drawn when it is written, so the body does not know it.
pub(super) fn ticket(number: i64, body: &str) -> Result<Ticket, Fault> {
    Ok(Ticket { number: TicketNumber(unsigned(number)), ..parsed("a ticket", body)? })
}

pub(in crate::sqlite) async fn record(pool: &SqlitePool, workspace: WorkspaceId, key: RecordKey) -> Result<Option<Record>, Fault> {
    let query = sqlx::query(RECORD).bind(workspace.as_uuid()).bind(key.kind.as_str()).bind(key.id);
    query.fetch_optional(pool).await?.map(|row| parsed("a record", row.try_get(0)?)).transpose()
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
    let query = sqlx::query(RECORDS).bind(workspace.as_uuid()).bind(kind.as_str()).bind(after).bind(limit);
    bodies("a record", &query.fetch_all(pool).await?)
}

pub(in crate::sqlite) async fn audit(
    pool: &SqlitePool,
    workspace: WorkspaceId,
    before: Option<AuditId>,
    limit: u32,
) -> Result<Vec<Audit>, Fault> {
    // Seventeen bytes sort behind every id.
    let before = before.map_or(vec![0xff; 17], |id| id.as_uuid().as_bytes().to_vec());
    let query = sqlx::query(AUDIT).bind(workspace.as_uuid()).bind(before).bind(limit);
    bodies("a line of the audit log", &query.fetch_all(pool).await?)
}

fn bodies<T: DeserializeOwned>(what: &str, rows: &[SqliteRow]) -> Result<Vec<T>, Fault> {
    rows.iter().map(|row| parsed(what, row.try_get(0)?)).collect()
}

fn distinct(ids: impl Iterator<Item = Uuid>) -> String {
    hexadecimal(ids.collect::<std::collections::BTreeSet<_>>().into_iter())
}
