//! Writes what is pending in the tables that few batches touch, each in the order of its key.

use std::collections::HashMap;

use helpdesk_core::id::{TicketId, TicketNumber, Version, WorkspaceId};
use helpdesk_core::model::Ticket;
use helpdesk_core::store::commit::Key;
use sqlx::PgConnection;

use super::batch::{Before, Drawn, Failure, all_written};
use super::load::{self, Stored};
use crate::postgres::read::Reader;
use crate::sql::pending::Pending;
use crate::sql::value::{json, signed};

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

/// Every statement that looks for rows, for the tests of their plans.
#[cfg(test)]
pub(super) fn searches() -> Vec<&'static str> {
    vec![TICKETS_CHANGED, CONTACTS_CHANGED, RECORDS_REMOVED, RECORDS_CHANGED]
}

type Query = sqlx::query::Query<'static, sqlx::Postgres, sqlx::postgres::PgArguments>;

/// One column of some rows, as a parameter.
pub(super) fn column<R, T>(rows: &[R], of: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}

/// Bodies, as a parameter.
pub(super) fn bodies<R, B: serde::Serialize>(rows: &[R], of: impl Fn(&R) -> B) -> Result<Vec<String>, Failure> {
    Ok(rows.iter().map(|row| json(&of(row))).collect::<Result<_, _>>()?)
}

/// Runs a statement that must write as many rows as it was given.
async fn run(connection: &mut PgConnection, query: Query, rows: usize) -> Result<(), Failure> {
    all_written(query.execute(connection).await?.rows_affected(), rows)
}

/// Writes what few batches touch.
pub(super) async fn write(
    connection: &mut PgConnection,
    reader: &Reader,
    pending: &Pending<'_>,
    stored: &Stored,
    drawn: &Drawn,
) -> Result<(), Failure> {
    let known: Vec<_> = pending.tickets.iter().filter(|(key, _)| is_stored(stored, key)).collect();
    tickets(connection, reader, TICKETS_CHANGED, &known, drawn, &Before::default()).await?;
    contacts(connection, reader, pending, stored).await?;
    records(connection, reader, pending, stored).await?;
    small(connection, reader, pending).await
}

/// Writes the tickets that were opened. Nobody else can be doing that in the same workspace.
pub(super) async fn write_opened(
    connection: &mut PgConnection,
    reader: &Reader,
    pending: &Pending<'_>,
    stored: &Stored,
    drawn: &Drawn,
    before: &Before,
) -> Result<(), Failure> {
    let opened: Vec<_> = pending.tickets.iter().filter(|(key, _)| !is_stored(stored, key)).collect();
    tickets(connection, reader, TICKETS_OPENED, &opened, drawn, before).await
}

fn is_stored(stored: &Stored, (workspace, ticket): &(WorkspaceId, TicketId)) -> bool {
    stored.keys.contains(&(*workspace, Key::Ticket(*ticket)))
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
