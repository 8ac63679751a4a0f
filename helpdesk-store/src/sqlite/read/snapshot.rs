//! Everything that a command needs, of one moment: in one statement and one row.

use std::sync::LazyLock;

use helpdesk_core::clock::Timestamp;
use helpdesk_core::id::WorkspaceId;
use helpdesk_core::model::Record;
use helpdesk_core::store::{Owner, Snapshot, Want};
use rusqlite::{Connection, Row, ToSql, params};

use super::body::{item, items};
use crate::sql::fault::Fault;
use crate::sql::value::{micros, signed, unsigned};
use crate::sqlite::hexadecimal::hexadecimal_text;

/// The contact that is asked for, or the conversation's.
const CONTACT: &str = "coalesce(?3, (SELECT contact FROM helpdesk_conversations WHERE workspace = ?1 AND id = ?2))";

/// What is always asked for. The name of a contact's open ticket is put together as `UniqueKey::open_ticket` does it,
/// because the contact may be known only from the conversation's row.
const ALWAYS: &str = "
SELECT
    (SELECT body FROM helpdesk_conversations WHERE workspace = ?1 AND id = ?2),
    (SELECT body FROM helpdesk_contacts WHERE workspace = ?1 AND id = {contact}),
    (SELECT body FROM helpdesk_tickets
     WHERE workspace = ?1 AND id = (SELECT ticket FROM helpdesk_conversations WHERE workspace = ?1 AND id = ?2)),
    (SELECT body FROM helpdesk_tickets WHERE workspace = ?1 AND id = (
        SELECT owner FROM helpdesk_names WHERE workspace = ?1 AND name = (
            SELECT 'ticket:' || substr(digits, 1, 8) || '-' || substr(digits, 9, 4) || '-' || substr(digits, 13, 4)
                   || '-' || substr(digits, 17, 4) || '-' || substr(digits, 21)
            FROM (SELECT lower(hex({contact})) AS digits)
        ) AND (expires_at IS NULL OR expires_at > ?4)
    )),
    (SELECT body FROM helpdesk_records WHERE workspace = ?1 AND kind = 'settings' AND id = zeroblob(16)),
    (SELECT body FROM helpdesk_records WHERE workspace = ?1 AND kind = 'assistant'
     AND id = (SELECT assistant FROM helpdesk_conversations WHERE workspace = ?1 AND id = ?2))";

/// Other records: an array of bodies.
const RECORDS: &str = "
    (SELECT '[' || group_concat(found.body) || ']' FROM json_each(?5) AS wanted CROSS JOIN helpdesk_records AS found
     ON found.workspace = ?1 AND found.kind = wanted.value ->> 0 AND found.id = unhex(wanted.value ->> 1))";

/// Owners of names: an array of places in the question with the owner in hexadecimal.
const OWNERS: &str = "
    (SELECT json_group_array(json_array(wanted.key, hex(found.owner))) FROM json_each(?6) AS wanted
     CROSS JOIN helpdesk_names AS found ON found.workspace = ?1 AND found.name = CAST(unhex(wanted.value) AS TEXT)
     WHERE found.expires_at IS NULL OR found.expires_at > ?4)";

/// Messages of the contact, and of others, above an entry.
const MESSAGES: &str = "
    (SELECT count(*) FILTER (WHERE sender = 1) FROM helpdesk_entries WHERE workspace = ?1 AND conversation = ?2 AND seq > ?7),
    (SELECT count(*) FILTER (WHERE sender = 2) FROM helpdesk_entries WHERE workspace = ?1 AND conversation = ?2 AND seq > ?7)";

/// The statement with or without records, owners and messages: what nobody asks for costs nothing.
fn statement(records: bool, owners: bool, messages: bool) -> String {
    let part = |asked, part: &'static str, nothing: &'static str| if asked { part } else { nothing };
    let parts = [part(records, RECORDS, "NULL"), part(owners, OWNERS, "NULL"), part(messages, MESSAGES, "0, 0")];
    format!("{}, {}", ALWAYS.replace("{contact}", CONTACT), parts.join(", "))
}

/// All eight of them, in the order of the number that [`variant`] gives.
pub(super) static SNAPSHOTS: LazyLock<[String; 8]> =
    LazyLock::new(|| std::array::from_fn(|number| statement(number & 1 > 0, number & 2 > 0, number & 4 > 0)));

fn variant(want: &Want) -> &'static str {
    let number =
        usize::from(!want.records.is_empty()) | usize::from(!want.keys.is_empty()) << 1 | usize::from(want.count_after.is_some()) << 2;
    &SNAPSHOTS[number]
}

pub(in crate::sqlite) fn snapshot(connection: &Connection, workspace: WorkspaceId, want: &Want, now: Timestamp) -> Result<Snapshot, Fault> {
    let records: Vec<_> = want.records.iter().map(|key| (key.kind.as_str(), key.id.simple().to_string())).collect();
    // A name may hold any character, and JSON text in SQLite ends at the first zero.
    let keys: Vec<String> = want.keys.iter().map(|key| hexadecimal_text(key.as_str().as_bytes())).collect();
    let mut statement = connection.prepare_cached(variant(want))?;
    let parameters: &[&dyn ToSql] = params![
        workspace.as_uuid(),
        want.conversation.map(|id| id.as_uuid()),
        want.contact.map(|id| id.as_uuid()),
        micros(now),
        serde_json::json!(records).to_string(),
        serde_json::json!(keys).to_string(),
        want.count_after.map_or(i64::MAX, |seq| signed(seq.0)),
    ];
    // A statement without some of its parts has no use for the last of them.
    let asked = statement.parameter_count();
    let mut rows = statement.query(&parameters[..asked])?;
    let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    gathered(row, want)
}

fn gathered(row: &Row<'_>, want: &Want) -> Result<Snapshot, Fault> {
    let mut records: Vec<Record> = items("records", row, 6)?;
    records.extend(item::<Record>("the settings", row, 4)?);
    records.extend(item::<Record>("an assistant", row, 5)?);
    records.sort_by_key(|record| record.body.key());
    records.dedup_by_key(|record| record.body.key());
    let held: Vec<(usize, String)> = items("owners", row, 7)?;
    let mut owners = Vec::with_capacity(held.len());
    for (place, owner) in held {
        let owner = bytes_of(&owner).ok_or_else(|| Fault::Inconsistent("an owner is not in hexadecimal".to_owned()))?;
        let Some(key) = want.keys.get(place) else { continue };
        owners.push((key.clone(), Owner(owner.into())));
    }
    Ok(Snapshot {
        conversation: item("a conversation", row, 0)?,
        contact: item("a contact", row, 1)?,
        ticket: item("a ticket", row, 2)?,
        open_ticket: item("a ticket", row, 3)?,
        records,
        owners,
        contact_messages_after: unsigned(row.get(8)?),
        other_messages_after: unsigned(row.get(9)?),
    })
}

fn bytes_of(hexadecimal: &str) -> Option<Vec<u8>> {
    let digits = hexadecimal.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
