//! Bodies in answers.

use rusqlite::{Connection, Params, Row};
use serde::de::DeserializeOwned;

use crate::sql::fault::Fault;
use crate::sql::value::parsed;
use crate::sqlite::connection;

/// The body in this column; none where it is null.
pub(super) fn item<T: DeserializeOwned>(what: &str, row: &Row<'_>, column: usize) -> Result<Option<T>, Fault> {
    text(row, column)?.map(|body| parsed(what, body)).transpose()
}

/// The items of an array in this column; none where it is null.
pub(super) fn items<T: DeserializeOwned>(what: &str, row: &Row<'_>, column: usize) -> Result<Vec<T>, Fault> {
    text(row, column)?.map_or_else(|| Ok(Vec::new()), |array| parsed(what, array))
}

/// The bodies in the first column of all rows.
pub(super) fn bodies<T: DeserializeOwned>(
    what: &str,
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
) -> Result<Vec<T>, Fault> {
    connection::all(connection, sql, parameters, |row| {
        item(what, row, 0)?.ok_or_else(|| Fault::Inconsistent(format!("{what} without a body")))
    })
}

fn text<'r>(row: &'r Row<'_>, column: usize) -> Result<Option<&'r str>, Fault> {
    row.get_ref(column)?.as_str_or_null().map_err(|error| Fault::Inconsistent(format!("a body is no text: {error}")))
}
