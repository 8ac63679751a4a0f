//! The error codes of Postgres, and what the contract calls them.

use helpdesk_core::store::{StorageFault, StoreError};

use crate::sql::fault::{for_good, for_now, of_storage};

/// The codes that need telling apart; a class is the first two characters.
mod code {
    pub(super) const SERIALIZATION_FAILURE: &str = "40001";
    pub(super) const DEADLOCK: &str = "40P01";
    pub(super) const UNDEFINED_TABLE: &str = "42P01";
    pub(super) const UNDEFINED_COLUMN: &str = "42703";
    pub(super) const UNDEFINED_SCHEMA: &str = "3F000";
    pub(super) const NO_PRIVILEGE: &str = "42501";
    pub(super) const READ_ONLY: &str = "25006";
    pub(super) const LOCK_NOT_AVAILABLE: &str = "55P03";
    pub(super) const IDLE_TOO_LONG: &str = "25P03";
    pub(super) const QUERY_CANCELED: &str = "57014";
    pub(super) const UNIQUE_VIOLATION: &str = "23505";
    pub(super) const DIVISION_BY_ZERO: &str = "22012";
    /// The statement was prepared for tables that have changed since.
    pub(super) const FEATURE_NOT_SUPPORTED: &str = "0A000";

    pub(super) const CONNECTION: &str = "08";
    pub(super) const INSUFFICIENT_RESOURCES: &str = "53";
    pub(super) const OPERATOR_INTERVENTION: &str = "57";
    pub(super) const SYSTEM: &str = "58";
    pub(super) const DISK_FULL: &str = "53100";
    pub(super) const DAMAGED: &str = "XX";
}

/// Whether the database itself undid the transaction so that others could go on: to be tried again.
pub(crate) fn is_lost_race(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    matches!(code.as_deref(), Some(code::SERIALIZATION_FAILURE | code::DEADLOCK))
}

/// Whether a statement that writes all or nothing found that something is there already, or said itself that something is not as
/// it was taken for.
pub(crate) fn is_refuted(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    matches!(code.as_deref(), Some(code::UNIQUE_VIOLATION | code::DIVISION_BY_ZERO))
}

/// Whether the connection is gone, as against the database saying no.
pub(crate) fn is_lost_connection(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed | sqlx::Error::BeginFailed => true,
        sqlx::Error::Database(database) => {
            database.code().is_some_and(|code| code.starts_with(code::CONNECTION) || code == code::IDLE_TOO_LONG || code.starts_with("57P"))
        }
        _ => false,
    }
}

/// An error of Postgres in the words of the contract.
pub(crate) fn told(error: sqlx::Error) -> StoreError {
    let sqlx::Error::Database(database) = &error else { return for_good("the database refused", error) };
    let code = database.code().unwrap_or_default().into_owned();
    let message = database.message().to_owned();
    let class = code.get(..2).unwrap_or_default();
    let (tell, text): (fn(&str, sqlx::Error) -> StoreError, &str) = match (class, code.as_str()) {
        (_, code::UNDEFINED_TABLE | code::UNDEFINED_COLUMN | code::UNDEFINED_SCHEMA) => {
            return StoreError::SchemaOutdated(format!("{message}: run `PostgresStore::migrate`"));
        }
        (_, code::NO_PRIVILEGE) => (for_good, "the database user may not do this"),
        (_, code::READ_ONLY) => (
            |text, error| of_storage(StorageFault::ReadOnly, text, error),
            "the database takes no writes: it is a standby, or set to read only",
        ),
        (_, code::SERIALIZATION_FAILURE | code::DEADLOCK | code::LOCK_NOT_AVAILABLE) => (for_now, "others are writing the same"),
        (_, code::DISK_FULL) => (
            |text, error| of_storage(StorageFault::Full, text, error),
            "the database's disk is full: nothing can be written until there is room",
        ),
        (_, code::IDLE_TOO_LONG | code::QUERY_CANCELED | code::FEATURE_NOT_SUPPORTED) => (for_now, "the database gave up"),
        (code::CONNECTION | code::OPERATOR_INTERVENTION, _) => (for_now, "the database cannot be reached"),
        (code::INSUFFICIENT_RESOURCES | code::SYSTEM, _) => (for_now, "the database is out of resources"),
        (code::DAMAGED, _) => (|text, error| of_storage(StorageFault::Damaged, text, error), "the database is damaged"),
        _ => (for_good, "the database refused"),
    };
    tell(&format!("{text} ({message})"), error)
}
