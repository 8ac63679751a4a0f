//! What both statements take as it is: the guarded records, how conversations stand, entries.

use helpdesk_core::store::Key;
use sqlx::SqlStr;

use super::Query;
use super::row::{Plain, Row};
use crate::postgres::read::Reader;
use crate::postgres::writer::tables::column;
use crate::sql::facets::Facets;
use crate::sql::value::{is_public, key_columns, micros, sender, signed};

/// Workspaces in which a guarded record is not as it was read.
pub(super) const REFUTED: &str = "
SELECT guarded.workspace FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::bigint[]) AS guarded(workspace, kind, id, version)
LEFT JOIN helpdesk.records AS found
ON found.workspace = guarded.workspace AND found.kind = guarded.kind AND found.id = guarded.id
WHERE coalesce(found.version, 0) <> guarded.version";

/// A statement with its first five parameters: the time, and what [`REFUTED`] asks for.
pub(super) fn begun(statement: SqlStr, reader: &Reader, plain: &Plain<'_>) -> Query {
    let records = &plain.records;
    sqlx::query(statement)
        .bind(reader.time.parameter())
        .bind(column(records, |(workspace, ..)| workspace.as_uuid()))
        .bind(column(records, |(_, record, _)| key_columns(Key::Record(*record)).0))
        .bind(column(records, |(_, record, _)| record.id))
        .bind(column(records, |(.., version)| signed(version.0)))
}

/// The columns of conversations from `contact` to `body`.
pub(super) fn conversations(query: Query, rows: &[Row<'_>]) -> Query {
    let facets: Vec<Facets> = rows.iter().map(|row| Facets::of(row.conversation)).collect();
    query
        .bind(column(rows, |row| row.conversation.contact.as_uuid()))
        .bind(column(rows, |row| row.conversation.assistant.id.as_uuid()))
        .bind(column(rows, |row| row.conversation.ticket.as_ref().map(|ticket| ticket.id.as_uuid())))
        .bind(column(&facets, |facets| facets.status))
        .bind(column(&facets, |facets| facets.assignee))
        .bind(column(&facets, |facets| facets.operator))
        .bind(column(&facets, |facets| facets.responsible))
        .bind(column(&facets, |facets| facets.waiting))
        .bind(column(&facets, |facets| facets.unassigned))
        .bind(column(rows, |row| row.conversation.flagged))
        .bind(column(rows, |row| row.conversation.unread_for_team > 0))
        .bind(column(rows, |row| micros(row.conversation.last_activity_at)))
        .bind(column(rows, |row| row.bodies.conversation.as_str()))
}

/// The columns of entries from `seq` to `body`.
pub(super) fn entries(query: Query, rows: &[Row<'_>]) -> Query {
    query
        .bind(column(rows, |row| signed(row.entry.seq.0)))
        .bind(column(rows, |row| signed(row.entry.rev.0)))
        .bind(column(rows, |row| is_public(row.entry)))
        .bind(column(rows, |row| sender(row.entry)))
        .bind(column(rows, |row| row.bodies.entry.as_str()))
}
