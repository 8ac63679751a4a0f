//! Everything that a command needs, in one statement: several cost more than the rows.

use std::collections::HashSet;

use helpdesk_core::clock::Timestamp;
use helpdesk_core::id::WorkspaceId;
use helpdesk_core::model::{Record, RecordKey};
use helpdesk_core::store::{Owner, Snapshot, UniqueKey, Want};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqlitePool};

use super::lists::ticket;
use crate::sqlite::fault::Fault;
use crate::sqlite::value::{micros, parsed, signed, unsigned};

/// What a row of [`SNAPSHOT`] is, in its first column.
mod kind {
    pub(super) const CONVERSATION: i64 = 1;
    pub(super) const CONTACT: i64 = 2;
    pub(super) const TICKET: i64 = 3;
    pub(super) const OPEN_TICKET: i64 = 4;
    pub(super) const RECORD: i64 = 5;
    pub(super) const OWNER: i64 = 6;
    pub(super) const MESSAGES: i64 = 7;
}

/// The name of a contact's open ticket is put together as [`UniqueKey::open_ticket`] does it, because the contact may be
/// known only from the conversation's row.
pub(super) const SNAPSHOT: &str = "
WITH asked AS MATERIALIZED (
    SELECT contact, assistant, ticket, body FROM helpdesk_conversations WHERE workspace = ?1 AND id = ?2
), known AS MATERIALIZED (
    SELECT id, lower(hex(id)) AS digits FROM (SELECT coalesce(?3, (SELECT contact FROM asked)) AS id)
), slot AS MATERIALIZED (
    SELECT owner FROM helpdesk_names
    WHERE workspace = ?1
      AND name = (SELECT 'ticket:' || substr(digits, 1, 8) || '-' || substr(digits, 9, 4) || '-' || substr(digits, 13, 4)
                         || '-' || substr(digits, 17, 4) || '-' || substr(digits, 21) FROM known)
      AND (expires_at IS NULL OR expires_at > ?4)
)
SELECT 1, 0, 0, NULL, NULL, body FROM asked
UNION ALL
SELECT 2, 0, 0, NULL, NULL, body FROM helpdesk_contacts WHERE workspace = ?1 AND id = (SELECT id FROM known)
UNION ALL
SELECT 3, ticket, 0, NULL, NULL, body FROM helpdesk_tickets WHERE workspace = ?1 AND id = (SELECT ticket FROM asked)
UNION ALL
SELECT 4, ticket, 0, NULL, NULL, body FROM helpdesk_tickets WHERE workspace = ?1 AND id = (SELECT owner FROM slot)
UNION ALL
SELECT 5, 0, 0, NULL, NULL, body FROM helpdesk_records
WHERE workspace = ?1 AND kind = 'assistant' AND id = (SELECT assistant FROM asked)
UNION ALL
SELECT 5, 0, 0, NULL, NULL, found.body FROM json_each(?5) AS wanted
CROSS JOIN helpdesk_records AS found
    ON found.workspace = ?1 AND found.kind = wanted.value ->> 0 AND found.id = unhex(wanted.value ->> 1)
UNION ALL
SELECT 6, 0, 0, found.name, found.owner, NULL FROM json_each(?6) AS wanted
CROSS JOIN helpdesk_names AS found ON found.workspace = ?1 AND found.name = CAST(unhex(wanted.value) AS TEXT)
WHERE found.expires_at IS NULL OR found.expires_at > ?4
UNION ALL
SELECT 7, count(*) FILTER (WHERE sender = 1), count(*) FILTER (WHERE sender = 2), NULL, NULL, NULL FROM helpdesk_entries
WHERE workspace = ?1 AND conversation = ?2 AND seq > ?7";

pub(in crate::sqlite) async fn snapshot(pool: &SqlitePool, workspace: WorkspaceId, want: &Want, now: Timestamp) -> Result<Snapshot, Fault> {
    let mut records = vec![RecordKey::SETTINGS];
    records.extend(&want.records);
    let records: Vec<_> = records.iter().map(|key| (key.kind.as_str(), key.id.simple().to_string())).collect();
    // In hexadecimal, because a name may hold any character and JSON text in SQLite ends at the first zero.
    let keys: Vec<String> = want.keys.iter().map(|key| key.as_str().bytes().map(|byte| format!("{byte:02x}")).collect()).collect();
    let query = sqlx::query(SNAPSHOT)
        .bind(workspace.as_uuid())
        .bind(want.conversation.map(|id| id.as_uuid()))
        .bind(want.contact.map(|id| id.as_uuid()))
        .bind(micros(now))
        .bind(serde_json::json!(records).to_string())
        .bind(serde_json::json!(keys).to_string())
        .bind(want.count_after.map_or(i64::MAX, |seq| signed(seq.0)));
    let mut gathered = Gathered::default();
    for row in query.fetch_all(pool).await? {
        gathered.take(&row)?;
    }
    Ok(gathered.snapshot)
}

/// A snapshot in the making.
#[derive(Default)]
struct Gathered {
    snapshot: Snapshot,
    records: HashSet<RecordKey>,
    owners: HashSet<UniqueKey>,
}

impl Gathered {
    fn take(&mut self, row: &SqliteRow) -> Result<(), Fault> {
        let snapshot = &mut self.snapshot;
        match row.try_get::<i64, _>(0)? {
            kind::CONVERSATION => snapshot.conversation = Some(parsed("a conversation", row.try_get(5)?)?),
            kind::CONTACT => snapshot.contact = Some(parsed("a contact", row.try_get(5)?)?),
            kind::TICKET => snapshot.ticket = Some(ticket(row.try_get(1)?, row.try_get(5)?)?),
            kind::OPEN_TICKET => snapshot.open_ticket = Some(ticket(row.try_get(1)?, row.try_get(5)?)?),
            kind::RECORD => {
                let record: Record = parsed("a record", row.try_get(5)?)?;
                if self.records.insert(record.body.key()) {
                    snapshot.records.push(record);
                }
            }
            kind::OWNER => {
                let key = UniqueKey::from_stored(row.try_get(3)?);
                if self.owners.insert(key.clone()) {
                    snapshot.owners.push((key, Owner(row.try_get::<Vec<u8>, _>(4)?.into())));
                }
            }
            kind::MESSAGES => {
                snapshot.contact_messages_after = unsigned(row.try_get(1)?);
                snapshot.other_messages_after = unsigned(row.try_get(2)?);
            }
            other => return Err(Fault::Inconsistent(format!("a snapshot holds no row of kind {other}"))),
        }
        Ok(())
    }
}
