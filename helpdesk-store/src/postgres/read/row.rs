//! Bodies in rows.

use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::postgres::PgRow;

use crate::sql::fault::Fault;
use crate::sql::value::parsed;

/// The body in this column; none where it is null.
pub(super) fn item<T: DeserializeOwned>(what: &str, row: &PgRow, column: usize) -> Result<Option<T>, Fault> {
    row.try_get::<Option<&str>, _>(column)?.map(|body| parsed(what, body)).transpose()
}

/// The bodies in the first column of these rows; those that are null are left out.
pub(super) fn items<T: DeserializeOwned>(what: &str, rows: &[PgRow]) -> Result<Vec<T>, Fault> {
    rows.iter().filter_map(|row| item(what, row, 0).transpose()).collect()
}

/// The bodies of an array in this column.
pub(super) fn array<T: DeserializeOwned>(what: &str, row: &PgRow, column: usize) -> Result<Vec<T>, Fault> {
    row.try_get::<Option<Vec<String>>, _>(column)?.unwrap_or_default().iter().map(|body| parsed(what, body)).collect()
}
