//! What goes wrong with SQLite, and what the contract calls it.

use std::error::Error;
use std::fmt;

use helpdesk_core::store::StoreError;

/// An error within this store, before it is told to others.
#[derive(Debug)]
pub(super) enum Fault {
    /// The database said no.
    Sql(sqlx::Error),
    /// A value could not be written down.
    Encode(Box<dyn Error + Send + Sync>),
    /// What was read makes no sense.
    Inconsistent(String),
    /// Already in the words of the contract.
    Told(StoreError),
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Told(error)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Sql(error) => told(error),
            Fault::Encode(error) => Self::Failed(error),
            Fault::Inconsistent(text) => Self::Inconsistent(text),
            Fault::Told(error) => error,
        }
    }
}

/// A cause with a sentence for people before it.
#[derive(Debug)]
struct Explained {
    text: String,
    cause: Option<sqlx::Error>,
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Explained {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as _)
    }
}

/// For now: nothing but this sentence is known.
pub(super) fn unavailable(text: impl Into<String>) -> StoreError {
    StoreError::Unavailable(Box::new(Explained { text: text.into(), cause: None }))
}

/// For good: nothing but this sentence is known.
pub(super) fn failed(text: impl Into<String>) -> StoreError {
    StoreError::Failed(Box::new(Explained { text: text.into(), cause: None }))
}

/// The same error for another who waits for the same thing.
pub(super) fn again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Unavailable(cause) => unavailable(cause.to_string()),
        StoreError::SchemaOutdated(text) => StoreError::SchemaOutdated(text.clone()),
        StoreError::StoreInUse(text) => StoreError::StoreInUse(text.clone()),
        StoreError::Inconsistent(text) => StoreError::Inconsistent(text.clone()),
        StoreError::Failed(cause) => failed(cause.to_string()),
        other => failed(other.to_string()),
    }
}

/// The result codes of SQLite that need telling apart; the extended ones hold them in their lowest byte.
mod code {
    pub(super) const ERROR: i32 = 1;
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const NO_MEMORY: i32 = 7;
    pub(super) const READ_ONLY: i32 = 8;
    pub(super) const INTERRUPTED: i32 = 9;
    pub(super) const INPUT_OUTPUT: i32 = 10;
    pub(super) const CORRUPT: i32 = 11;
    pub(super) const FULL: i32 = 13;
    pub(super) const CANNOT_OPEN: i32 = 14;
    pub(super) const SCHEMA: i32 = 17;
    pub(super) const NOT_A_DATABASE: i32 = 26;
}

fn told(error: sqlx::Error) -> StoreError {
    let text = match &error {
        sqlx::Error::Database(database) => {
            let primary = database.code().and_then(|code| code.parse::<i32>().ok()).map_or(code::ERROR, |code| code & 0xff);
            return told_by_code(primary, database.message().to_owned(), error);
        }
        sqlx::Error::PoolTimedOut => "no connection of the pool became free in time",
        sqlx::Error::PoolClosed => "the pool is closed",
        sqlx::Error::WorkerCrashed => "the connection is lost",
        sqlx::Error::Io(_) => "the database cannot be reached",
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::ColumnIndexOutOfBounds { .. } => {
            return StoreError::Inconsistent(error.to_string());
        }
        _ => return StoreError::Failed(Box::new(error)),
    };
    StoreError::Unavailable(Box::new(Explained { text: text.to_owned(), cause: Some(error) }))
}

fn told_by_code(primary: i32, message: String, error: sqlx::Error) -> StoreError {
    if primary == code::ERROR && message.starts_with("no such") && message.contains("helpdesk_") {
        return StoreError::SchemaOutdated(format!("{message}: run `SqliteStore::migrate`"));
    }
    let explained = |text: &str| Box::new(Explained { text: format!("{text} ({message})"), cause: Some(error) });
    match primary {
        code::BUSY | code::LOCKED => StoreError::Unavailable(explained("somebody else is writing to the database file")),
        code::FULL => StoreError::Unavailable(explained("the disk is full: nothing can be written until there is room")),
        code::INPUT_OUTPUT => StoreError::Unavailable(explained("the disk failed to read or write the database file")),
        code::CANNOT_OPEN => StoreError::Unavailable(explained("the database file cannot be opened")),
        code::NO_MEMORY | code::INTERRUPTED | code::SCHEMA => StoreError::Unavailable(explained("the database gave up")),
        code::READ_ONLY => StoreError::Failed(explained("the database file cannot be written")),
        code::CORRUPT => StoreError::Failed(explained("the database file is damaged: restore it from a backup")),
        code::NOT_A_DATABASE => StoreError::Failed(explained("the file is not an SQLite database")),
        _ => StoreError::Failed(explained("the database refused")),
    }
}
