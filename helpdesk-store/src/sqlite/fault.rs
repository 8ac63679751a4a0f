//! The result codes of SQLite, and what the contract calls them.

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
pub(crate) fn told(error: sqlx::Error) -> StoreError {
    let sqlx::Error::Database(database) = &error else { return for_good("the database refused", error) };
    let primary = database.code().and_then(|code| code.parse::<i32>().ok()).map_or(code::ERROR, |code| code & 0xff);
    let message = database.message().to_owned();
    if primary == code::ERROR && message.starts_with("no such") && message.contains("helpdesk_") {
        return StoreError::SchemaOutdated(format!("{message}: run `SqliteStore::migrate`"));
    }
    let (tell, text): (Tell, &str) = match primary {
        code::BUSY | code::LOCKED => (for_now, "somebody else is writing to the database file"),
        code::FULL => (|text, error| of_storage(StorageFault::Full, text, error), "the disk is full"),
        // A full quota and a limit on the size of files come to light as failed writes too.
        code::INPUT_OUTPUT => (|text, error| of_storage(StorageFault::Failing, text, error), "the disk failed to read or write"),
        code::CANNOT_OPEN => (|text, error| of_storage(StorageFault::Failing, text, error), "the database file cannot be opened"),
        code::READ_ONLY => (|text, error| of_storage(StorageFault::ReadOnly, text, error), "the database file may not be written"),
        code::CORRUPT => (|text, error| of_storage(StorageFault::Damaged, text, error), "the database file is damaged"),
        code::NOT_A_DATABASE => (|text, error| of_storage(StorageFault::Damaged, text, error), "the file is not an SQLite database"),
        code::NO_MEMORY | code::INTERRUPTED | code::SCHEMA => (for_now, "the database gave up"),
        _ => (for_good, "the database refused"),
    };
    tell(&format!("{text} ({message})"), error)
}

type Tell = fn(&str, sqlx::Error) -> StoreError;
