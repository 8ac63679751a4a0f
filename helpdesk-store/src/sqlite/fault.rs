//! The result codes of SQLite, and what the contract calls them.

use std::error::Error;

use helpdesk_core::store::{StorageFault, StoreError};

use crate::sql::fault::{for_good, for_now, of_storage};

/// The result codes of SQLite that need telling apart; the extended ones hold them in their lowest byte.
mod code {
    pub(crate) const ERROR: i32 = 1;
    pub(crate) const BUSY: i32 = 5;
    pub(crate) const LOCKED: i32 = 6;
    pub(crate) const NO_MEMORY: i32 = 7;
    pub(crate) const READ_ONLY: i32 = 8;
    pub(crate) const INTERRUPTED: i32 = 9;
    pub(crate) const INPUT_OUTPUT: i32 = 10;
    pub(crate) const CORRUPT: i32 = 11;
    pub(crate) const FULL: i32 = 13;
    pub(crate) const CANNOT_OPEN: i32 = 14;
    pub(crate) const SCHEMA: i32 = 17;
    pub(crate) const NOT_A_DATABASE: i32 = 26;
}

/// An error of SQLite in the words of the contract.
pub(crate) fn told(error: rusqlite::Error) -> StoreError {
    use rusqlite::Error as Sqlite;
    let (code, message) = match &error {
        Sqlite::SqliteFailure(refusal, message) => (refusal.extended_code, message.clone().unwrap_or_else(|| refusal.to_string())),
        Sqlite::FromSqlConversionFailure(..)
        | Sqlite::IntegralValueOutOfRange(..)
        | Sqlite::Utf8Error(..)
        | Sqlite::InvalidColumnIndex(_)
        | Sqlite::InvalidColumnType(..)
        | Sqlite::QueryReturnedNoRows => return StoreError::Inconsistent(error.to_string()),
        _ => return StoreError::Failed(Box::new(error)),
    };
    told_of(Some(code), &message, error)
}

/// A result code and its message in the words of the contract.
pub(crate) fn told_of(code: Option<i32>, message: &str, error: impl Error + Send + Sync + 'static) -> StoreError {
    let primary = code.map_or(code::ERROR, |code| code & 0xff);
    if primary == code::ERROR && message.starts_with("no such") && message.contains("helpdesk_") {
        return StoreError::SchemaOutdated(format!("{message}: run `SqliteStore::migrate`"));
    }
    let (kind, text) = match primary {
        code::BUSY | code::LOCKED => (Kind::Now, "somebody else is writing to the database file"),
        code::NO_MEMORY | code::INTERRUPTED | code::SCHEMA => (Kind::Now, "the database gave up"),
        code::FULL => (Kind::Storage(StorageFault::Full), "the disk is full"),
        // A full quota and a limit on the size of files come to light as failed writes too.
        code::INPUT_OUTPUT => (Kind::Storage(StorageFault::Failing), "the disk failed to read or write"),
        code::CANNOT_OPEN => (Kind::Storage(StorageFault::Failing), "the database file cannot be opened"),
        code::READ_ONLY => (Kind::Storage(StorageFault::ReadOnly), "the database file may not be written"),
        code::CORRUPT => (Kind::Storage(StorageFault::Damaged), "the database file is damaged"),
        code::NOT_A_DATABASE => (Kind::Storage(StorageFault::Damaged), "the file is not an SQLite database"),
        _ => (Kind::Good, "the database refused"),
    };
    let text = format!("{text} ({message})");
    match kind {
        Kind::Now => for_now(&text, error),
        Kind::Good => for_good(&text, error),
        Kind::Storage(fault) => of_storage(fault, &text, error),
    }
}

/// For how long a refusal counts.
enum Kind {
    Now,
    Good,
    Storage(StorageFault),
}
