//! Everything that a command needs, in one statement and one row: several cost more than what is in them.

use std::sync::LazyLock;

use helpdesk_core::id::WorkspaceId;
use helpdesk_core::model::{Record, Ticket};
use helpdesk_core::store::{Owner, Snapshot, Want};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::Reader;
use super::lists::numbered;
use super::row::{array, item};
use crate::postgres::name::digest;
use crate::postgres::time::now;
use crate::sql::fault::Fault;
use crate::sql::value::{signed, unsigned};

/// The contact that is asked for, or the conversation's.
const CONTACT: &str = "coalesce($3, (SELECT contact FROM helpdesk.conversations WHERE workspace = $1 AND id = $2))";

/// What is always asked for. The name of a contact's open ticket is put together as `UniqueKey::open_ticket` and
/// [`digest`] do it, because the contact may be known only from the conversation's row.
const ALWAYS: &str = concat!(
    "
SELECT conversation.body, contact.body, ticket.body, ticket.number, open_ticket.body, open_ticket.number, settings.body, assistant.body, ",
    "{parts}
FROM (SELECT {contact} AS contact) AS whose
LEFT JOIN helpdesk.conversations AS conversation ON conversation.workspace = $1 AND conversation.id = $2
LEFT JOIN helpdesk.contacts AS contact ON contact.workspace = $1 AND contact.id = whose.contact
LEFT JOIN helpdesk.tickets AS ticket ON ticket.workspace = $1 AND ticket.id = conversation.ticket
LEFT JOIN helpdesk.names AS slot ON slot.workspace = $1 AND slot.name = encode(substr(sha256(convert_to('ticket:' || whose.contact, 'UTF8')), 1, 16), 'hex')::uuid
    AND octet_length(slot.owner) = 16 AND (slot.expires_at IS NULL OR slot.expires_at > ",
    now!("$4"),
    ")
LEFT JOIN helpdesk.tickets AS open_ticket ON open_ticket.workspace = $1 AND open_ticket.id = encode(slot.owner, 'hex')::uuid
LEFT JOIN helpdesk.records AS settings ON settings.workspace = $1 AND settings.kind = 'settings'
    AND settings.id = '00000000-0000-0000-0000-000000000000'
LEFT JOIN helpdesk.records AS assistant ON assistant.workspace = $1 AND assistant.kind = 'assistant'
    AND assistant.id = conversation.assistant"
);

/// Other records.
const RECORDS: &str = "
    ARRAY(SELECT found.body FROM unnest($5::text[], $6::uuid[]) AS wanted(kind, id)
     JOIN helpdesk.records AS found ON found.workspace = $1 AND found.kind = wanted.kind AND found.id = wanted.id)";

/// The owner of each name, null where nobody holds it. Looked up one by one: joined, a table that was small when it was planned
/// would be read whole.
const OWNERS: &str = concat!(
    "
    ARRAY(SELECT (SELECT owner FROM helpdesk.names AS held WHERE held.workspace = $1 AND held.name = wanted.name
                  AND (held.expires_at IS NULL OR held.expires_at > ",
    now!("$4"),
    ")) FROM unnest($7::uuid[]) WITH ORDINALITY AS wanted(name, place) ORDER BY place)"
);

/// Messages of the contact, and of others, above an entry.
const MESSAGES: &str = "
    (SELECT count(*) FROM helpdesk.entries WHERE workspace = $1 AND conversation = $2 AND seq > $8 AND sender = 1),
    (SELECT count(*) FROM helpdesk.entries WHERE workspace = $1 AND conversation = $2 AND seq > $8 AND sender = 2)";

/// The statement with or without records, owners and messages: what nobody asks for costs nothing.
fn statement(records: bool, owners: bool, messages: bool) -> String {
    let parts = [
        if records { RECORDS } else { "NULL::text[]" },
        if owners { OWNERS } else { "NULL::bytea[]" },
        if messages { MESSAGES } else { "0::bigint, 0::bigint" },
    ];
    ALWAYS.replace("{parts}", &parts.join(", ")).replace("{contact}", CONTACT)
}

/// All eight of them, in the order of the number that [`variant`] gives.
pub(super) static SNAPSHOTS: LazyLock<[String; 8]> =
    LazyLock::new(|| std::array::from_fn(|number| statement(number & 1 > 0, number & 2 > 0, number & 4 > 0)));

fn variant(want: &Want) -> &'static str {
    let number =
        usize::from(!want.records.is_empty()) | usize::from(!want.keys.is_empty()) << 1 | usize::from(want.count_after.is_some()) << 2;
    &SNAPSHOTS[number]
}

impl Reader {
    pub(in crate::postgres) async fn snapshot(&self, workspace: WorkspaceId, want: &Want) -> Result<Snapshot, Fault> {
        let kinds: Vec<&str> = want.records.iter().map(|key| key.kind.as_str()).collect();
        let ids: Vec<Uuid> = want.records.iter().map(|key| key.id).collect();
        let names: Vec<Uuid> = want.keys.iter().map(digest).collect();
        let query = self
            .about(workspace, variant(want))
            .bind(want.conversation.map(|id| id.as_uuid()))
            .bind(want.contact.map(|id| id.as_uuid()))
            .bind(self.time.parameter())
            .bind(kinds)
            .bind(ids)
            .bind(names)
            .bind(want.count_after.map(|seq| signed(seq.0)));
        let snapshot = gathered(want, &query.fetch_one(&self.pool).await?)?;
        if let Some(conversation) = &snapshot.conversation {
            self.standing.note(workspace, conversation);
        }
        Ok(snapshot)
    }
}

fn gathered(want: &Want, row: &PgRow) -> Result<Snapshot, Fault> {
    let mut records: Vec<Record> = array("records", row, 8)?;
    records.extend(item::<Record>("the settings", row, 6)?);
    records.extend(item::<Record>("an assistant", row, 7)?);
    records.sort_by_key(|record| record.body.key());
    records.dedup_by_key(|record| record.body.key());
    let owners: Vec<Option<Vec<u8>>> = row.try_get::<Option<_>, _>(9)?.unwrap_or_default();
    let held = want.keys.iter().zip(owners).filter_map(|(name, owner)| Some((name.clone(), Owner(owner?.into()))));
    Ok(Snapshot {
        conversation: item("a conversation", row, 0)?,
        contact: item("a contact", row, 1)?,
        ticket: ticket(row, 2)?,
        open_ticket: ticket(row, 4)?,
        records,
        owners: held.collect(),
        contact_messages_after: unsigned(row.try_get(10)?),
        other_messages_after: unsigned(row.try_get(11)?),
    })
}

/// The ticket whose body is in this column, and its number in the next.
fn ticket(row: &PgRow, column: usize) -> Result<Option<Ticket>, Fault> {
    let Some(body) = row.try_get::<Option<&str>, _>(column)? else { return Ok(None) };
    numbered(body, row.try_get(column + 1)?).map(Some)
}
