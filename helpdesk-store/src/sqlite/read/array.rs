//! Many rows as one: the bodies of a question joined into one JSON array.
//!
//! Every row of an answer crosses from the connection's thread by itself and may wake the reader; an array crosses once.

use helpdesk_core::id::WorkspaceId;
use serde::de::DeserializeOwned;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row as _, Sqlite};

use crate::sql::fault::Fault;
use crate::sql::value::parsed;

/// A query with its parameters.
pub(super) type Query<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

/// The array of the column `body` of a question, in no promised order.
macro_rules! array_of {
    ($question:expr) => {
        concat!("SELECT '[' || coalesce(group_concat(body), '') || ']' FROM (", $question, ")")
    };
}
pub(super) use array_of;

/// A query about a workspace, its first parameter.
pub(super) fn about(workspace: WorkspaceId, sql: &'static str) -> Query<'static> {
    sqlx::query(sql).bind(workspace.as_uuid())
}

/// The items of an array in this column; none where it is null.
pub(super) fn items<T: DeserializeOwned>(what: &str, row: &SqliteRow, column: usize) -> Result<Vec<T>, Fault> {
    row.try_get::<Option<&str>, _>(column)?.map_or_else(|| Ok(Vec::new()), |array| parsed(what, array))
}

/// The body in this column; none where it is null.
pub(super) fn item<T: DeserializeOwned>(what: &str, row: &SqliteRow, column: usize) -> Result<Option<T>, Fault> {
    row.try_get::<Option<&str>, _>(column)?.map(|body| parsed(what, body)).transpose()
}
