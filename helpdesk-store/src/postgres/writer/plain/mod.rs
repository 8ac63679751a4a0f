//! Plain commits: most of what a busy helpdesk writes, and nothing of it has to be read first.
//!
//! A plain commit says something more in a conversation that exists. What it is judged by is what it guards; so it is judged by
//! a view in which all of that holds, and the statement that writes it proves this view. Proven are the guards one by one: a
//! commit that was decided by an old state of its conversation is left over, and the others are written. What is left over goes
//! the long way of [`batch`](super::batch), which says why.

mod row;
mod statement;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use helpdesk_core::id::{ChangeNumber, WorkspaceId};
use helpdesk_core::store::commit::{Committed, Key, Outcome};
use sqlx::postgres::{PgArguments, PgDatabaseError, PgRow, PgSeverity};
use sqlx::{Connection as _, PgConnection, Postgres, Row as _};
use uuid::Uuid;

use super::batch::Failure;
use super::tables::{bodies, column};
use crate::postgres::read::Reader;
use crate::postgres::sessions::Sessions;
use crate::postgres::time::delay;
use crate::sql::facets::Facets;
use crate::sql::fault::Fault;
use crate::sql::value::{is_public, key_columns, micros, sender, signed, unsigned};
pub(super) use row::Plain;
use row::Row;

static PLAIN: LazyLock<String> = LazyLock::new(statement::plain);

/// The statement, for the tests of its plan.
#[cfg(test)]
pub(super) fn search() -> &'static str {
    &PLAIN
}

/// Applies plain commits together. Answers what became of those that went through, by their places; the others are yet to be
/// applied.
pub(super) async fn apply(connection: &mut PgConnection, reader: &Reader, plain: &Plain<'_>) -> Result<Vec<(usize, Outcome)>, Failure> {
    let query = question(reader, plain)?;
    // All rows are fetched: only then is the statement over.
    let rows = match reader.sessions {
        // A transaction of its own, begun and committed with the statement.
        Sessions::Ours => query.fetch_all(connection).await.map_err(failure)?,
        Sessions::TheHosts => {
            let mut transaction = connection.begin_with(reader.sessions.begin()).await?;
            let rows = query.fetch_all(&mut *transaction).await?;
            transaction.commit().await.map_err(|error| Failure::Unknown(error.into()))?;
            rows
        }
    };
    // It is written by now, whatever the answer looks like.
    Ok(Went::of(&rows).map_err(Failure::Unknown)?.outcomes(&plain.rows))
}

/// What is known after a statement failed that would have committed itself: where the database itself says no, nothing was
/// applied.
fn failure(error: sqlx::Error) -> Failure {
    let refused = error.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>());
    match refused.map(PgDatabaseError::severity) {
        Some(PgSeverity::Error) => Failure::Undone(error.into()),
        _ => Failure::Unknown(error.into()),
    }
}

/// What the statement answers.
struct Went {
    /// Which rows went through, counted from one.
    places: Vec<i64>,
    workspaces: Vec<Uuid>,
    /// The last change of each workspace.
    changes: Vec<i64>,
}

impl Went {
    fn of(rows: &[PgRow]) -> Result<Self, Fault> {
        let [row] = rows else { return Err(Fault::Inconsistent("plain commits are answered with one row".to_owned())) };
        Ok(Self { places: row.try_get(0)?, workspaces: row.try_get(1)?, changes: row.try_get(2)? })
    }

    /// What became of the commits that went through, by their places. They drew their numbers in this order, and the last of
    /// each workspace is known.
    fn outcomes(&self, rows: &[(usize, Row<'_>)]) -> Vec<(usize, Outcome)> {
        let place = |place: &i64| usize::try_from(*place).ok().and_then(|place| rows.get(place.checked_sub(1)?));
        let through: Vec<&(usize, Row<'_>)> = self.places.iter().filter_map(place).collect();
        let changes = self.workspaces.iter().zip(&self.changes);
        let mut numbers: BTreeMap<WorkspaceId, u64> =
            changes.map(|(workspace, last)| (WorkspaceId::from_uuid(*workspace), unsigned(*last))).collect();
        for (_, row) in &through {
            numbers.entry(row.commit.workspace).and_modify(|number| *number = number.saturating_sub(1));
        }
        let outcome = |(place, row): &&(usize, Row<'_>)| {
            let number = numbers.entry(row.commit.workspace).or_default();
            *number += 1;
            (*place, Outcome::Committed(Committed { tickets: Vec::new(), change: Some(ChangeNumber(*number)) }))
        };
        through.iter().map(outcome).collect()
    }
}

type Query = sqlx::query::Query<'static, Postgres, PgArguments>;

fn question(reader: &Reader, plain: &Plain<'_>) -> Result<Query, Failure> {
    let records = &plain.records;
    let rows: Vec<Row<'_>> = plain.rows.iter().map(|(_, row)| *row).collect();
    let query = sqlx::query(reader.schema.sql(&PLAIN))
        .bind(reader.time.parameter())
        .bind(column(records, |(workspace, ..)| workspace.as_uuid()))
        .bind(column(records, |(_, record, _)| key_columns(Key::Record(*record)).0))
        .bind(column(records, |(_, record, _)| record.id))
        .bind(column(records, |(.., version)| signed(version.0)))
        .bind(column(&rows, |row| row.commit.workspace.as_uuid()));
    let query = written(conversations(query, &rows)?, &rows)?;
    jobs(query, &rows)
}

fn conversations(query: Query, rows: &[Row<'_>]) -> Result<Query, Failure> {
    let facets: Vec<Facets> = rows.iter().map(|row| Facets::of(row.conversation)).collect();
    Ok(query
        .bind(column(rows, |row| row.conversation.id.as_uuid()))
        .bind(column(rows, |row| signed(row.guarded.0)))
        .bind(column(rows, |row| signed(row.conversation.version.0)))
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
        .bind(bodies(rows, |row| row.conversation)?))
}

/// Ids, names and entries.
fn written(query: Query, rows: &[Row<'_>]) -> Result<Query, Failure> {
    Ok(query
        .bind(column(rows, |row| row.commit.id.as_uuid()))
        .bind(column(rows, |row| row.commit.result.to_vec()))
        .bind(column(rows, |row| row.claim.map(|claim| claim.key.as_str().as_bytes().to_vec())))
        .bind(column(rows, |row| row.claim.map(|claim| claim.owner.0.to_vec())))
        .bind(column(rows, |row| row.claim.and_then(|claim| claim.keep).map(delay)))
        .bind(column(rows, |row| signed(row.entry.seq.0)))
        .bind(column(rows, |row| signed(row.entry.rev.0)))
        .bind(column(rows, |row| is_public(row.entry)))
        .bind(column(rows, |row| sender(row.entry)))
        .bind(bodies(rows, |row| row.entry)?))
}

fn jobs(query: Query, rows: &[Row<'_>]) -> Result<Query, Failure> {
    let works = rows.iter().map(|row| row.job.map(|job| crate::sql::value::json(&job.job.work)).transpose());
    Ok(query
        .bind(column(rows, |row| row.job.map(|job| job.job.lane.as_str().as_bytes().to_vec())))
        .bind(column(rows, |row| row.job.is_some_and(|job| job.clears)))
        .bind(column(rows, |row| row.job.map(|job| job.job.id.as_uuid())))
        .bind(works.collect::<Result<Vec<Option<String>>, _>>()?)
        .bind(column(rows, |row| row.job.map(|job| delay(job.job.delay)))))
}
