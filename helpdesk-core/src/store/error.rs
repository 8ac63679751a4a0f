//! Why a store could not do what it was asked.

use std::fmt;

/// Why a store could not do what it was asked. Absence is `Option`, and a refused commit is an
/// [`Outcome`](super::Outcome): neither is an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// For now: the database is busy, restarting or out of reach. Nothing was written, or the outcome is unknown for
    /// a commit: [`Store::settle`](super::Store::settle) it.
    #[error("the store is unavailable: {0}")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What the store lies on fails, until somebody mends it. Nothing was written, or the outcome is unknown for a commit.
    #[error("the store's storage fails: {cause}")]
    Storage {
        /// What is wrong with it.
        fault: StorageFault,
        /// In the words of whoever found it.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The tables are not those of this version; run the migration.
    #[error("the store's schema is outdated: {0}")]
    SchemaOutdated(String),
    /// Another process holds the file.
    #[error("the store is in use by another process: {0}")]
    StoreInUse(String),
    /// What was read makes no sense.
    #[error("the store holds something inconsistent: {0}")]
    Inconsistent(String),
    /// Anything else; trying again is of no use.
    #[error("the store failed: {0}")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// Whether trying again may help.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable(_) => true,
            Self::Storage { fault, .. } => *fault != StorageFault::Damaged,
            _ => false,
        }
    }

    /// What is wrong with the storage, if that is the reason.
    #[must_use]
    pub const fn storage_fault(&self) -> Option<StorageFault> {
        match self {
            Self::Storage { fault, .. } => Some(*fault),
            _ => None,
        }
    }
}

/// What is wrong with what a store lies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageFault {
    /// There is no room. Reading goes on, and writing once there is room again.
    Full,
    /// It may be read, but not written.
    ReadOnly,
    /// It cannot be reached, or breaks off while it is read or written.
    Failing,
    /// What it holds was changed by something else than the store. What is not damaged can still be read.
    Damaged,
}

impl fmt::Display for StorageFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "it is full",
            Self::ReadOnly => "it cannot be written",
            Self::Failing => "it fails to be read or written",
            Self::Damaged => "it is damaged",
        })
    }
}
