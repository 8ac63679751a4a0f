//! Things by their ids, and the short lists.

use std::sync::Arc;

use helpdesk_core::id::{AuditId, ContactId, ConversationId, WorkspaceId};
use helpdesk_core::model::{Audit, Contact, Conversation, Record, RecordKey, RecordKind, Ticket};
use helpdesk_core::store::TicketRef;
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::Source;
use super::body::bodies;
use crate::sql::fault::Fault;
use crate::sql::value::signed;
use crate::sqlite::connection::all;
use crate::sqlite::hexadecimal::hexadecimal;

pub(super) const CONVERSATIONS: &str = "SELECT found.id FROM json_each(?2) AS wanted
     CROSS JOIN helpdesk_conversations AS found ON found.workspace = ?1 AND found.id = unhex(wanted.value)";

pub(super) const CONTACTS: &str = "SELECT found.id FROM json_each(?2) AS wanted
     CROSS JOIN helpdesk_contacts AS found ON found.workspace = ?1 AND found.id = unhex(wanted.value)";

/// By id or by number; a ticket that is named both ways comes once.
pub(super) const TICKETS: &str = "SELECT found.body FROM json_each(?2) AS wanted
     CROSS JOIN helpdesk_tickets AS found ON found.workspace = ?1 AND found.id = unhex(wanted.value)
     UNION
     SELECT found.body FROM json_each(?3) AS wanted
     CROSS JOIN helpdesk_tickets AS found ON found.workspace = ?1 AND found.ticket = wanted.value";

pub(super) const RECORD: &str = "SELECT body FROM helpdesk_records WHERE workspace = ?1 AND kind = ?2 AND id = ?3";

pub(super) const RECORDS: &str = "SELECT body FROM helpdesk_records WHERE workspace = ?1 AND kind = ?2 AND id > ?3 ORDER BY id LIMIT ?4";

pub(super) const AUDIT: &str = "SELECT body FROM helpdesk_audit WHERE workspace = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";

pub(in crate::sqlite) fn conversations(
    source: &Source,
    workspace: WorkspaceId,
    ids: &[ConversationId],
) -> Result<Vec<Conversation>, Fault> {
    let ids = distinct(ids.iter().map(|id| id.as_uuid()));
    let look = source.look(workspace);
    let read = |row: &Row<'_>| look.conversation(ConversationId::from_uuid(row.get(0)?)).map(Arc::unwrap_or_clone);
    all(&source.connection, CONVERSATIONS, params![workspace.as_uuid(), ids], read)
}

pub(in crate::sqlite) fn contacts(source: &Source, workspace: WorkspaceId, ids: &[ContactId]) -> Result<Vec<Contact>, Fault> {
    let ids = distinct(ids.iter().map(|id| id.as_uuid()));
    let look = source.look(workspace);
    let read = |row: &Row<'_>| Ok(look.contact(ContactId::from_uuid(row.get(0)?))?.map(Arc::unwrap_or_clone));
    let found = all(&source.connection, CONTACTS, params![workspace.as_uuid(), ids], read)?;
    Ok(found.into_iter().flatten().collect())
}

pub(in crate::sqlite) fn tickets(connection: &Connection, workspace: WorkspaceId, refs: &[TicketRef]) -> Result<Vec<Ticket>, Fault> {
    let ids = hexadecimal(refs.iter().filter_map(|reference| match reference {
        TicketRef::Id(id) => Some(id.as_uuid()),
        TicketRef::Number(_) => None,
    }));
    let numbers = refs.iter().filter_map(|reference| match reference {
        TicketRef::Number(number) => Some(signed(number.0)),
        TicketRef::Id(_) => None,
    });
    let numbers = serde_json::Value::from_iter(numbers).to_string();
    bodies("a ticket", connection, TICKETS, params![workspace.as_uuid(), ids, numbers])
}

pub(in crate::sqlite) fn record(connection: &Connection, workspace: WorkspaceId, key: RecordKey) -> Result<Option<Record>, Fault> {
    Ok(bodies("a record", connection, RECORD, params![workspace.as_uuid(), key.kind.as_str(), key.id])?.pop())
}

pub(in crate::sqlite) fn records(
    connection: &Connection,
    workspace: WorkspaceId,
    kind: RecordKind,
    after: Option<Uuid>,
    limit: u32,
) -> Result<Vec<Record>, Fault> {
    // The empty blob sorts before every id, the nil one included.
    let after = after.map_or(Vec::new(), |id| id.as_bytes().to_vec());
    bodies("a record", connection, RECORDS, params![workspace.as_uuid(), kind.as_str(), after, limit])
}

pub(in crate::sqlite) fn audit(
    connection: &Connection,
    workspace: WorkspaceId,
    before: Option<AuditId>,
    limit: u32,
) -> Result<Vec<Audit>, Fault> {
    // Seventeen bytes sort behind every id.
    let before = before.map_or(vec![0xff; 17], |id| id.as_uuid().as_bytes().to_vec());
    bodies("a line of the audit log", connection, AUDIT, params![workspace.as_uuid(), before, limit])
}

fn distinct(ids: impl Iterator<Item = Uuid>) -> String {
    hexadecimal(ids.collect::<std::collections::BTreeSet<_>>().into_iter())
}
