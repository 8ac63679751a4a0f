//! Plain commits: most of what a busy helpdesk writes, and nothing of it has to be read first.
//!
//! A plain commit says something more in a conversation that exists. What it is judged by is what it guards; so it is judged by
//! a view in which all of that holds, and the statement that writes it proves this view. The [trusting] statement proves it as a
//! whole, and is cheap. Where it fails, the [careful] one proves the guards one by one: a commit that was decided by an old state
//! of its conversation is left over, and the others are written. What is left over goes the long way of
//! [`batch`](super::batch), which says why.

mod careful;
mod columns;
mod row;
mod trust;
mod trusting;

use std::collections::BTreeMap;

use helpdesk_core::id::{ChangeNumber, WorkspaceId};
use helpdesk_core::store::commit::{Committed, Outcome};
use sqlx::postgres::{PgArguments, PgDatabaseError, PgRow, PgSeverity};
use sqlx::{Connection as _, PgConnection, Postgres};
use uuid::Uuid;

use super::batch::Failure;
use crate::postgres::fault::is_refuted;
use crate::postgres::read::Reader;
use crate::postgres::sessions::Sessions;
use crate::sql::fault::Fault;
use crate::sql::value::unsigned;
use row::Row;
pub(super) use row::{Bodies, Plain};
pub(super) use trust::Trust;
use trusting::Trusted;

/// Every statement, for the tests of their plans.
#[cfg(test)]
pub(super) fn searches() -> Vec<&'static str> {
    trusting::searches().into_iter().chain([careful::search()]).collect()
}

/// Applies plain commits together. Answers what became of those that went through, by their places; the others are yet to be
/// applied.
pub(super) async fn apply(
    connection: &mut PgConnection,
    reader: &Reader,
    plain: &Plain<'_>,
    trust: &mut Trust,
) -> Result<Vec<(usize, Outcome)>, Failure> {
    let trusted = if trust.is_given() { Trusted::of(reader, plain) } else { None };
    if let Some(trusted) = trusted {
        match ask(connection, reader, trusted.question(reader, plain)).await {
            Ok(answer) => {
                trust.kept();
                // It is written by now, whatever the answer looks like.
                return Ok(trusted.went(&answer).map_err(Failure::Unknown)?.outcomes(reader, plain));
            }
            Err(Failure::Undone(Fault::Sql(error))) if is_refuted(&error) => trust.betrayed(),
            Err(failure) => return Err(failure),
        }
    }
    let answer = ask(connection, reader, careful::question(reader, plain)).await?;
    Ok(careful::went(&answer).map_err(Failure::Unknown)?.outcomes(reader, plain))
}

/// Has a statement write what it may, and commits it. Answers its one row.
async fn ask(connection: &mut PgConnection, reader: &Reader, query: Query) -> Result<PgRow, Failure> {
    // All rows are fetched: only then is the statement over.
    let mut rows = match reader.sessions {
        // A transaction of its own, begun and committed with the statement.
        Sessions::Ours => query.fetch_all(connection).await.map_err(failure)?,
        Sessions::TheHosts => {
            let mut transaction = connection.begin_with(reader.sessions.begin()).await?;
            let rows = query.fetch_all(&mut *transaction).await?;
            transaction.commit().await.map_err(|error| Failure::Unknown(error.into()))?;
            rows
        }
    };
    rows.pop().ok_or_else(|| Failure::Unknown(Fault::Inconsistent("plain commits are answered with one row".to_owned())))
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
    /// What became of the commits that went through, by their places. They drew their numbers in this order, and the last of
    /// each workspace is known.
    fn outcomes(&self, reader: &Reader, plain: &Plain<'_>) -> Vec<(usize, Outcome)> {
        let rows = &plain.rows;
        let place = |place: &i64| usize::try_from(*place).ok().and_then(|place| rows.get(place.checked_sub(1)?));
        let through: Vec<&(usize, Row<'_>)> = self.places.iter().filter_map(place).collect();
        let changes = self.workspaces.iter().zip(&self.changes);
        let mut numbers: BTreeMap<WorkspaceId, u64> =
            changes.map(|(workspace, last)| (WorkspaceId::from_uuid(*workspace), unsigned(*last))).collect();
        for (_, row) in &through {
            reader.standing.note(row.commit.workspace, row.conversation);
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
