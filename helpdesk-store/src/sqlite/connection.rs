//! Connections to the file: how they are opened, and how a row is asked for.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Params, Row};

use crate::sql::fault::Fault;

/// Opens the writer's connection: durable when it answers, patient, and with room for its many statements.
pub(super) fn to_write(file: &Path, patience: Duration) -> Result<Connection, Fault> {
    let connection = open(file, patience)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768; \
         PRAGMA wal_autocheckpoint = 10000; PRAGMA journal_size_limit = 67108864;",
    )?;
    connection.set_prepared_statement_cache_capacity(512);
    Ok(connection)
}

/// Opens a connection that cannot write even by mistake.
pub(super) fn to_read(file: &Path, patience: Duration) -> Result<Connection, Fault> {
    let connection = open(file, patience)?;
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -8192;")?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

/// The file is there: whoever opened the store has looked.
fn open(file: &Path, patience: Duration) -> Result<Connection, Fault> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(patience)?;
    // Plans do not depend on what is bound. Otherwise a statement whose limit is bound is prepared anew with every call,
    // which costs more than many a call.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

/// The first row of an answer, if there is one.
pub(super) fn first<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    read: impl FnOnce(&Row<'_>) -> Result<T, Fault>,
) -> Result<Option<T>, Fault> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    rows.next()?.map(read).transpose()
}

/// The row of an answer that always has one.
pub(super) fn only<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    read: impl FnOnce(&Row<'_>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    first(connection, sql, parameters, read)?.ok_or_else(|| Fault::Sqlite(rusqlite::Error::QueryReturnedNoRows))
}

/// All rows of an answer.
pub(super) fn all<T>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
    mut read: impl FnMut(&Row<'_>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// Runs a statement, and says how many rows it changed.
pub(super) fn run(connection: &Connection, sql: &str, parameters: impl Params) -> Result<usize, Fault> {
    Ok(connection.prepare_cached(sql)?.execute(parameters)?)
}
