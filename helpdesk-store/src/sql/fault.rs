//! What goes wrong with a database, and what the contract calls it.

use std::error::Error;
use std::fmt;

use helpdesk_core::store::{StorageFault, StoreError};

/// An error within this store, before it is told to others.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The database said no.
    Sql(sqlx::Error),
    /// SQLite said no.
    #[cfg(feature = "sqlite")]
    Sqlite(rusqlite::Error),
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

#[cfg(feature = "sqlite")]
impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
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
            #[cfg(feature = "sqlite")]
            Fault::Sqlite(error) => crate::sqlite::fault::told(error),
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
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Explained {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

/// For now: nothing but this sentence is known.
pub(crate) fn unavailable(text: impl Into<String>) -> StoreError {
    StoreError::Unavailable(Box::new(Explained { text: text.into(), cause: None }))
}

/// For good: nothing but this sentence is known.
pub(crate) fn failed(text: impl Into<String>) -> StoreError {
    StoreError::Failed(Box::new(Explained { text: text.into(), cause: None }))
}

/// The storage fails: this sentence says how.
pub(crate) fn storage(fault: StorageFault, text: impl Into<String>) -> StoreError {
    StoreError::Storage { fault, cause: Box::new(Explained { text: text.into(), cause: None }) }
}

/// The same error for another who waits for the same thing.
pub(crate) fn again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Unavailable(cause) => unavailable(cause.to_string()),
        StoreError::Storage { fault, cause } => storage(*fault, cause.to_string()),
        StoreError::SchemaOutdated(text) => StoreError::SchemaOutdated(text.clone()),
        StoreError::StoreInUse(text) => StoreError::StoreInUse(text.clone()),
        StoreError::Inconsistent(text) => StoreError::Inconsistent(text.clone()),
        StoreError::Failed(cause) => failed(cause.to_string()),
        other => failed(other.to_string()),
    }
}

/// For now, and why.
pub(crate) fn for_now(text: &str, cause: impl Error + Send + Sync + 'static) -> StoreError {
    StoreError::Unavailable(Box::new(Explained { text: text.to_owned(), cause: Some(Box::new(cause)) }))
}

/// The storage fails, and why.
pub(crate) fn of_storage(fault: StorageFault, text: &str, cause: impl Error + Send + Sync + 'static) -> StoreError {
    StoreError::Storage { fault, cause: Box::new(Explained { text: text.to_owned(), cause: Some(Box::new(cause)) }) }
}

/// For good, and why.
pub(crate) fn for_good(text: &str, cause: impl Error + Send + Sync + 'static) -> StoreError {
    StoreError::Failed(Box::new(Explained { text: text.to_owned(), cause: Some(Box::new(cause)) }))
}

fn told(error: sqlx::Error) -> StoreError {
    let text = match &error {
        sqlx::Error::Database(_) => return told_by_database(error),
        sqlx::Error::PoolTimedOut => "no connection of the pool became free in time",
        sqlx::Error::PoolClosed => "the pool is closed",
        sqlx::Error::WorkerCrashed | sqlx::Error::BeginFailed => "the connection is lost",
        sqlx::Error::Io(_) => "the database cannot be reached",
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::ColumnIndexOutOfBounds { .. } => {
            return StoreError::Inconsistent(error.to_string());
        }
        _ => return StoreError::Failed(Box::new(error)),
    };
    for_now(text, error)
}

/// Each database has codes of its own.
fn told_by_database(error: sqlx::Error) -> StoreError {
    let sqlx::Error::Database(database) = &error else { return StoreError::Failed(Box::new(error)) };
    #[cfg(feature = "sqlite")]
    if database.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
        let code = database.code().and_then(|code| code.parse::<i32>().ok());
        let message = database.message().to_owned();
        return crate::sqlite::fault::told_of(code, &message, error);
    }
    #[cfg(feature = "postgres")]
    if database.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
        return crate::postgres::fault::told(error);
    }
    let message = database.message().to_owned();
    for_good(&format!("the database refused ({message})"), error)
}
