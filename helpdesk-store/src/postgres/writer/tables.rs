//! Writes what is pending, table by table, each in the order of its key.

use std::collections::{BTreeMap, HashMap};

use helpdesk_core::id::{ChangeNumber, TicketId, TicketNumber, Version, WorkspaceId};
use helpdesk_core::model::{Conversation, Ticket};
use helpdesk_core::store::commit::Key;
use helpdesk_core::store::judge::{Counters, View};
use sqlx::{PgConnection, Row as _};
use uuid::Uuid;

use super::batch::{Before, Drawn, Failure, all_written};
use super::load::{self, COMMITS_KEPT, Stored};
use crate::postgres::read::Reader;
use crate::sql::facets::Facets;
use crate::sql::pending::Pending;
use crate::sql::value::{is_public, json, key_columns, micros, sender, signed, unsigned};

/// An id that was forgotten but is still there becomes new.
const COMMITS: &str = "
INSERT INTO helpdesk.commits AS known (workspace, id, at, result)
SELECT wanted.workspace, wanted.id, $3, wanted.result FROM unnest($1::uuid[], $2::uuid[], $4::bytea[]) AS wanted(workspace, id, result)
ON CONFLICT (workspace, id) DO UPDATE SET at = excluded.at, result = excluded.result WHERE known.at <= $5";

const NAMES_GIVEN_UP: &str = "
DELETE FROM helpdesk.names AS known USING unnest($1::uuid[], $2::bytea[]) AS gone(workspace, name)
WHERE known.workspace = gone.workspace AND known.name = gone.name";

const NAMES_KEPT: &str = "
UPDATE helpdesk.names AS known SET owner = held.owner, expires_at = held.expires_at
FROM unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::bigint[]) AS held(workspace, name, owner, expires_at)
WHERE known.workspace = held.workspace AND known.name = held.name";

const NAMES_TAKEN: &str = "
INSERT INTO helpdesk.names (workspace, name, owner, expires_at)
SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::bigint[]) ON CONFLICT DO NOTHING";

const CONVERSATIONS_BEGUN: &str = "
INSERT INTO helpdesk.conversations (workspace, id, version, contact, assistant, ticket, status, assignee, operator, responsible,
    waiting, unassigned, flagged, unread, last_activity_at, body)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::uuid[], $6::uuid[], $7::bigint[], $8::bigint[], $9::uuid[],
    $10::uuid[], $11::boolean[], $12::boolean[], $13::boolean[], $14::boolean[], $15::bigint[], $16::text[])
ON CONFLICT DO NOTHING";

const CONVERSATIONS_CHANGED: &str = "
UPDATE helpdesk.conversations AS known SET version = new.version, contact = new.contact, assistant = new.assistant,
    ticket = new.ticket, status = new.status, assignee = new.assignee, operator = new.operator, responsible = new.responsible,
    waiting = new.waiting, unassigned = new.unassigned, flagged = new.flagged, unread = new.unread,
    last_activity_at = new.last_activity_at, body = new.body
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::uuid[], $6::uuid[], $7::bigint[], $8::bigint[], $9::uuid[],
    $10::uuid[], $11::boolean[], $12::boolean[], $13::boolean[], $14::boolean[], $15::bigint[], $16::text[])
    AS new(workspace, id, version, contact, assistant, ticket, status, assignee, operator, responsible, waiting, unassigned, flagged,
        unread, last_activity_at, body)
WHERE known.workspace = new.workspace AND known.id = new.id";

const ENTRIES: &str = "
INSERT INTO helpdesk.entries (workspace, conversation, seq, rev, public, sender, body)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::boolean[], $6::bigint[], $7::text[])
ON CONFLICT (workspace, conversation, seq) DO UPDATE SET rev = excluded.rev, public = excluded.public, sender = excluded.sender,
    body = excluded.body";

const TICKETS_OPENED: &str = "
INSERT INTO helpdesk.tickets (workspace, id, number, version, body)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::text[]) ON CONFLICT (workspace, id) DO NOTHING";

/// A ticket keeps the number it was opened with.
const TICKETS_CHANGED: &str = "
UPDATE helpdesk.tickets AS known SET version = new.version, body = new.body
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::text[]) AS new(workspace, id, number, version, body)
WHERE known.workspace = new.workspace AND known.id = new.id";

const CONTACTS_BEGUN: &str = "
INSERT INTO helpdesk.contacts (workspace, id, version, body)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[]) ON CONFLICT DO NOTHING";

const CONTACTS_CHANGED: &str = "
UPDATE helpdesk.contacts AS known SET version = new.version, body = new.body
FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[]) AS new(workspace, id, version, body)
WHERE known.workspace = new.workspace AND known.id = new.id";

const RECORDS_REMOVED: &str = "
DELETE FROM helpdesk.records AS known USING unnest($1::uuid[], $2::text[], $3::uuid[]) AS gone(workspace, kind, id)
WHERE known.workspace = gone.workspace AND known.kind = gone.kind AND known.id = gone.id";

const RECORDS_BEGUN: &str = "
INSERT INTO helpdesk.records (workspace, kind, id, version, body)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::text[]) ON CONFLICT DO NOTHING";

const RECORDS_CHANGED: &str = "
UPDATE helpdesk.records AS known SET version = new.version, body = new.body
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::text[]) AS new(workspace, kind, id, version, body)
WHERE known.workspace = new.workspace AND known.kind = new.kind AND known.id = new.id";

const READS: &str = "
INSERT INTO helpdesk.reads AS known (workspace, operator, conversation, seq)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[])
ON CONFLICT (workspace, operator, conversation) DO UPDATE SET seq = greatest(known.seq, excluded.seq)";

const AUDIT: &str = "
INSERT INTO helpdesk.audit (workspace, id, body)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[]) ON CONFLICT (workspace, id) DO UPDATE SET body = excluded.body";

/// Locks the counters, even where nothing is drawn, and answers the numbers after.
const COUNTERS: &str = "
INSERT INTO helpdesk.counters AS known (workspace, ticket, change)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[])
ON CONFLICT (workspace) DO UPDATE SET ticket = known.ticket + excluded.ticket, change = known.change + excluded.change
RETURNING workspace, ticket, change";

const CHANGES: &str = "
INSERT INTO helpdesk.changes (workspace, number, kind, id, version)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::uuid[], $5::bigint[])";

const COUNTS: &str = "
INSERT INTO helpdesk.counts AS known (workspace, status, assignee, operator, responsible, waiting, unassigned, conversations)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::uuid[], $5::uuid[], $6::boolean[], $7::boolean[], $8::bigint[])
ON CONFLICT (workspace, status, assignee, operator, responsible, waiting, unassigned)
DO UPDATE SET conversations = known.conversations + excluded.conversations";

/// Every statement that looks for rows, for the tests of their plans.
#[cfg(test)]
pub(super) fn searches() -> Vec<&'static str> {
    vec![
        NAMES_GIVEN_UP,
        NAMES_KEPT,
        CONVERSATIONS_CHANGED,
        TICKETS_CHANGED,
        CONTACTS_CHANGED,
        RECORDS_REMOVED,
        RECORDS_CHANGED,
    ]
}

type Query = sqlx::query::Query<'static, sqlx::Postgres, sqlx::postgres::PgArguments>;

/// One column of some rows, as a parameter.
fn column<R, T>(rows: &[R], of: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}

/// Bodies, as a parameter.
fn bodies<R, B: serde::Serialize>(rows: &[R], of: impl Fn(&R) -> B) -> Result<Vec<String>, Failure> {
    Ok(rows.iter().map(|row| json(&of(row))).collect::<Result<_, _>>()?)
}

/// Runs a statement that must write as many rows as it was given.
async fn run(connection: &mut PgConnection, query: Query, rows: usize) -> Result<(), Failure> {
    all_written(query.execute(connection).await?.rows_affected(), rows)
}

/// Writes all that needs no number.
pub(super) async fn write(
    connection: &mut PgConnection,
    reader: &Reader,
    pending: &Pending<'_>,
    stored: &Stored,
    drawn: &Drawn,
) -> Result<(), Failure> {
    commits(connection, reader, pending).await?;
    names(connection, reader, pending, stored).await?;
    conversations(connection, reader, pending, stored).await?;
    let known: Vec<_> = pending.tickets.iter().filter(|(key, _)| is_stored(stored, key)).collect();
    tickets(connection, reader, TICKETS_CHANGED, &known, drawn, &Before::default()).await?;
    contacts(connection, reader, pending, stored).await?;
    records(connection, reader, pending, stored).await?;
    entries(connection, reader, pending).await?;
    small(connection, reader, pending).await
}

async fn commits(connection: &mut PgConnection, reader: &Reader, pending: &Pending<'_>) -> Result<(), Failure> {
    let mut rows: Vec<_> = pending.commits.iter().collect();
    rows.sort_unstable_by_key(|commit| (commit.workspace, commit.id));
    let query = sqlx::query(reader.schema.sql(COMMITS))
        .bind(column(&rows, |commit| commit.workspace.as_uuid()))
        .bind(column(&rows, |commit| commit.id.as_uuid()))
        .bind(micros(pending.now))
        .bind(column(&rows, |commit| commit.result.as_ref().map(|result| result.to_vec())))
        .bind(micros(pending.now - COMMITS_KEPT));
    run(connection, query, rows.len()).await
}

async fn names(connection: &mut PgConnection, reader: &Reader, pending: &Pending<'_>, stored: &Stored) -> Result<(), Failure> {
    let (mut given_up, mut kept, mut taken) = (Vec::new(), Vec::new(), Vec::new());
    for (key, held) in &pending.names {
        match (held, stored.names.contains(key)) {
            (None, true) => given_up.push(key),
            (None, false) => {}
            (Some(held), true) => kept.push((key, held)),
            (Some(held), false) => taken.push((key, held)),
        }
    }
    if !given_up.is_empty() {
        let query = sqlx::query(reader.schema.sql(NAMES_GIVEN_UP))
            .bind(column(&given_up, |(workspace, _)| workspace.as_uuid()))
            .bind(column(&given_up, |(_, name)| name.as_str().as_bytes().to_vec()));
        run(connection, query, given_up.len()).await?;
    }
    for (sql, rows) in [(NAMES_KEPT, kept), (NAMES_TAKEN, taken)] {
        if rows.is_empty() {
            continue;
        }
        let query = sqlx::query(reader.schema.sql(sql))
            .bind(column(&rows, |((workspace, _), _)| workspace.as_uuid()))
            .bind(column(&rows, |((_, name), _)| name.as_str().as_bytes().to_vec()))
            .bind(column(&rows, |(_, held)| held.owner.0.to_vec()))
            .bind(column(&rows, |(_, held)| held.until.map(micros)));
        run(connection, query, rows.len()).await?;
    }
    Ok(())
}

fn is_stored(stored: &Stored, (workspace, ticket): &(WorkspaceId, TicketId)) -> bool {
    stored.keys.contains(&(*workspace, Key::Ticket(*ticket)))
}

async fn conversations(connection: &mut PgConnection, reader: &Reader, pending: &Pending<'_>, stored: &Stored) -> Result<(), Failure> {
    let (changed, begun): (Vec<_>, Vec<_>) = pending
        .conversations
        .iter()
        .map(|((workspace, id), conversation)| (*workspace, *conversation, stored.keys.contains(&(*workspace, Key::Conversation(*id)))))
        .partition(|(_, _, stored)| *stored);
    for (sql, rows) in [(CONVERSATIONS_CHANGED, changed), (CONVERSATIONS_BEGUN, begun)] {
        if rows.is_empty() {
            continue;
        }
        let rows: Vec<(WorkspaceId, &Conversation, Facets)> =
            rows.into_iter().map(|(workspace, conversation, _)| (workspace, conversation, Facets::of(conversation))).collect();
        let query = sqlx::query(reader.schema.sql(sql))
            .bind(column(&rows, |(workspace, ..)| workspace.as_uuid()))
            .bind(column(&rows, |(_, conversation, _)| conversation.id.as_uuid()))
            .bind(column(&rows, |(_, conversation, _)| signed(conversation.version.0)))
            .bind(column(&rows, |(_, conversation, _)| conversation.contact.as_uuid()))
            .bind(column(&rows, |(_, conversation, _)| conversation.assistant.id.as_uuid()))
            .bind(column(&rows, |(_, conversation, _)| conversation.ticket.as_ref().map(|ticket| ticket.id.as_uuid())))
            .bind(column(&rows, |(.., facets)| facets.status))
            .bind(column(&rows, |(.., facets)| facets.assignee))
            .bind(column(&rows, |(.., facets)| facets.operator))
            .bind(column(&rows, |(.., facets)| facets.responsible))
            .bind(column(&rows, |(.., facets)| facets.waiting))
            .bind(column(&rows, |(.., facets)| facets.unassigned))
            .bind(column(&rows, |(_, conversation, _)| conversation.flagged))
            .bind(column(&rows, |(_, conversation, _)| conversation.unread_for_team > 0))
            .bind(column(&rows, |(_, conversation, _)| micros(conversation.last_activity_at)))
            .bind(bodies(&rows, |(_, conversation, _)| *conversation)?);
        run(connection, query, rows.len()).await?;
    }
    Ok(())
}

async fn entries(connection: &mut PgConnection, reader: &Reader, pending: &Pending<'_>) -> Result<(), Failure> {
    let rows: Vec<_> = pending.entries.iter().collect();
    if rows.is_empty() {
        return Ok(());
    }
    let query = sqlx::query(reader.schema.sql(ENTRIES))
        .bind(column(&rows, |((workspace, ..), _)| workspace.as_uuid()))
        .bind(column(&rows, |((_, conversation, _), _)| conversation.as_uuid()))
        .bind(column(&rows, |((.., seq), _)| signed(seq.0)))
        .bind(column(&rows, |(_, entry)| signed(entry.rev.0)))
        .bind(column(&rows, |(_, entry)| is_public(entry)))
        .bind(column(&rows, |(_, entry)| sender(entry)))
        .bind(bodies(&rows, |(_, entry)| **entry)?);
    run(connection, query, rows.len()).await
}

type PendingTicket<'p, 'a> = (&'p (WorkspaceId, TicketId), &'p (&'a Ticket, TicketNumber));

async fn tickets(
    connection: &mut PgConnection,
    reader: &Reader,
    sql: &'static str,
    rows: &[PendingTicket<'_, '_>],
    drawn: &Drawn,
    before: &Before,
) -> Result<(), Failure> {
    if rows.is_empty() {
        return Ok(());
    }
    let number = |key: &(WorkspaceId, TicketId), number: TicketNumber| {
        let before = if drawn.tickets.contains(key) { before.get(&key.0).map_or(0, |before| before.ticket.0) } else { 0 };
        signed(before + number.0)
    };
    let query = sqlx::query(reader.schema.sql(sql))
        .bind(column(rows, |((workspace, _), _)| workspace.as_uuid()))
        .bind(column(rows, |((_, id), _)| id.as_uuid()))
        .bind(column(rows, |(key, (_, counted))| number(key, *counted)))
        .bind(column(rows, |(_, (ticket, _))| signed(ticket.version.0)))
        .bind(bodies(rows, |(_, (ticket, _))| *ticket)?);
    run(connection, query, rows.len()).await
}

async fn contacts(connection: &mut PgConnection, reader: &Reader, pending: &Pending<'_>, stored: &Stored) -> Result<(), Failure> {
    let (changed, begun): (Vec<_>, Vec<_>) =
        pending.contacts.iter().partition(|((workspace, id), _)| stored.keys.contains(&(*workspace, Key::Contact(*id))));
    for (sql, rows) in [(CONTACTS_CHANGED, changed), (CONTACTS_BEGUN, begun)] {
        if rows.is_empty() {
            continue;
        }
        let query = sqlx::query(reader.schema.sql(sql))
            .bind(column(&rows, |((workspace, _), _)| workspace.as_uuid()))
            .bind(column(&rows, |((_, id), _)| id.as_uuid()))
            .bind(column(&rows, |(_, contact)| signed(contact.version.0)))
            .bind(bodies(&rows, |(_, contact)| **contact)?);
        run(connection, query, rows.len()).await?;
    }
    Ok(())
}

async fn records(connection: &mut PgConnection, reader: &Reader, pending: &Pending<'_>, stored: &Stored) -> Result<(), Failure> {
    let (mut removed, mut changed, mut begun) = (Vec::new(), Vec::new(), Vec::new());
    for (key @ (workspace, record_key), record) in &pending.records {
        match (record, stored.keys.contains(&(*workspace, Key::Record(*record_key)))) {
            (None, true) => removed.push(key),
            (None, false) => {}
            (Some(record), true) => changed.push((key, *record)),
            (Some(record), false) => begun.push((key, *record)),
        }
    }
    if !removed.is_empty() {
        let query = sqlx::query(reader.schema.sql(RECORDS_REMOVED))
            .bind(column(&removed, |(workspace, _)| workspace.as_uuid()))
            .bind(column(&removed, |(_, key)| key.kind.as_str()))
            .bind(column(&removed, |(_, key)| key.id));
        run(connection, query, removed.len()).await?;
    }
    for (sql, rows) in [(RECORDS_CHANGED, changed), (RECORDS_BEGUN, begun)] {
        if rows.is_empty() {
            continue;
        }
        let query = sqlx::query(reader.schema.sql(sql))
            .bind(column(&rows, |((workspace, _), _)| workspace.as_uuid()))
            .bind(column(&rows, |((_, key), _)| key.kind.as_str()))
            .bind(column(&rows, |((_, key), _)| key.id))
            .bind(column(&rows, |(_, record)| signed(record.version.0)))
            .bind(bodies(&rows, |(_, record)| *record)?);
        run(connection, query, rows.len()).await?;
    }
    Ok(())
}

async fn small(connection: &mut PgConnection, reader: &Reader, pending: &Pending<'_>) -> Result<(), Failure> {
    let reads: Vec<_> = pending.reads.iter().collect();
    if !reads.is_empty() {
        let query = sqlx::query(reader.schema.sql(READS))
            .bind(column(&reads, |((workspace, ..), _)| workspace.as_uuid()))
            .bind(column(&reads, |((_, operator, _), _)| operator.as_uuid()))
            .bind(column(&reads, |((.., conversation), _)| conversation.as_uuid()))
            .bind(column(&reads, |(_, seq)| signed(seq.0)));
        run(connection, query, reads.len()).await?;
    }
    let audit: Vec<_> = pending.audit.iter().collect();
    if !audit.is_empty() {
        let query = sqlx::query(reader.schema.sql(AUDIT))
            .bind(column(&audit, |((workspace, _), _)| workspace.as_uuid()))
            .bind(column(&audit, |((_, id), _)| id.as_uuid()))
            .bind(bodies(&audit, |(_, audit)| **audit)?);
        run(connection, query, audit.len()).await?;
    }
    Ok(())
}

/// Locks the counters of the workspaces in which anything changes, or of which something is guarded that does not, and
/// draws the batch's numbers. Answers the last ones drawn before.
pub(super) async fn draw(connection: &mut PgConnection, reader: &Reader, view: &View, drawn: &Drawn) -> Result<Before, Failure> {
    let mut rows: BTreeMap<WorkspaceId, Counters> = drawn.read.iter().map(|(workspace, _)| (*workspace, Counters::default())).collect();
    rows.extend(view.counters.iter().filter(|(_, counters)| **counters != Counters::default()));
    if rows.is_empty() {
        return Ok(Before::new());
    }
    let counted = Vec::from_iter(&rows);
    let query = sqlx::query(reader.schema.sql(COUNTERS))
        .bind(column(&counted, |(workspace, _)| workspace.as_uuid()))
        .bind(column(&counted, |(_, counters)| signed(counters.ticket.0)))
        .bind(column(&counted, |(_, counters)| signed(counters.change.0)));
    let mut before = Before::new();
    for row in query.fetch_all(connection).await? {
        let workspace = WorkspaceId::from_uuid(row.try_get(0)?);
        let (ticket, change) = (unsigned(row.try_get(1)?), unsigned(row.try_get(2)?));
        let counted = rows.get(&workspace).copied().unwrap_or_default();
        let numbers =
            Counters { ticket: TicketNumber(ticket - counted.ticket.0), change: ChangeNumber(change - counted.change.0) };
        before.insert(workspace, numbers);
    }
    Ok(before)
}

/// Sees to it that what is only guarded is as it was when it was judged. The counters are locked by now, so that it stays so.
pub(super) async fn verify(
    connection: &mut PgConnection,
    reader: &Reader,
    drawn: &Drawn,
    read: &HashMap<(WorkspaceId, Key), Version>,
) -> Result<(), Failure> {
    let now = load::versions(connection, reader, &drawn.read).await?;
    let unchanged = drawn.read.iter().all(|key| now.get(key) == read.get(key));
    if unchanged { Ok(()) } else { Err(Failure::Raced) }
}

/// Writes what is numbered, and what nobody else can be writing now.
pub(super) async fn write_numbered(
    connection: &mut PgConnection,
    reader: &Reader,
    pending: &Pending<'_>,
    drawn: &Drawn,
    before: &Before,
    stored: &Stored,
) -> Result<(), Failure> {
    let opened: Vec<_> = pending.tickets.iter().filter(|(key, _)| !is_stored(stored, key)).collect();
    tickets(connection, reader, TICKETS_OPENED, &opened, drawn, before).await?;
    if !pending.changes.is_empty() {
        let rows = &pending.changes;
        let number = |workspace: WorkspaceId, number: ChangeNumber| {
            signed(before.get(&workspace).map_or(0, |before| before.change.0) + number.0)
        };
        let query = sqlx::query(reader.schema.sql(CHANGES))
            .bind(column(rows, |change| change.workspace.as_uuid()))
            .bind(column(rows, |change| number(change.workspace, change.number)))
            .bind(column(rows, |change| key_columns(change.key).0))
            .bind(column(rows, |change| key_columns(change.key).1))
            .bind(column(rows, |change| signed(change.version.0)));
        run(connection, query, rows.len()).await?;
    }
    let rows: Vec<_> = pending.counts.iter().filter(|(_, difference)| **difference != 0).collect();
    if !rows.is_empty() {
        let query = sqlx::query(reader.schema.sql(COUNTS))
            .bind(column(&rows, |((workspace, _), _)| workspace.as_uuid()))
            .bind(column(&rows, |((_, facets), _)| facets.status))
            .bind(column(&rows, |((_, facets), _)| facets.assignee))
            .bind(column(&rows, |((_, facets), _)| facets.operator.unwrap_or(Uuid::nil())))
            .bind(column(&rows, |((_, facets), _)| facets.responsible.unwrap_or(Uuid::nil())))
            .bind(column(&rows, |((_, facets), _)| facets.waiting))
            .bind(column(&rows, |((_, facets), _)| facets.unassigned))
            .bind(column(&rows, |(_, difference)| **difference));
        run(connection, query, rows.len()).await?;
    }
    Ok(())
}
