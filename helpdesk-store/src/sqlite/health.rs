//! What is known of the file's health, and who is told.
//!
//! A full disk fails every write, hundreds a second: the operator of the server is told when it begins, once a minute
//! while it lasts, and when it is over. Callers get each error, with the file and what mends it in its words.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use helpdesk_core::store::{StorageFault, StoreError};

use crate::sql::fault::storage;

/// How often the same is told again.
const REMIND: Duration = Duration::from_secs(60);

/// The health of a database file.
#[derive(Debug)]
pub(super) struct Health {
    file: PathBuf,
    told: Mutex<Told>,
}

#[derive(Debug, Default)]
struct Told {
    writing: Option<(StorageFault, Instant)>,
    reading: Option<(StorageFault, Instant)>,
}

impl Health {
    pub(super) fn new(file: &Path) -> Self {
        Self { file: file.to_owned(), told: Mutex::default() }
    }

    /// A write failed: tells the log, and answers the error with the file and the remedy in its words.
    pub(super) fn cannot_write(&self, error: StoreError) -> StoreError {
        self.fails(error, "nothing can be written", |told| &mut told.writing)
    }

    /// A read failed.
    pub(super) fn cannot_read(&self, error: StoreError) -> StoreError {
        self.fails(error, "not everything can be read", |told| &mut told.reading)
    }

    /// A write was made.
    pub(super) fn written(&self) {
        if let Some((fault, _)) = self.told().writing.take() {
            tracing::info!(file = %self.file.display(), ?fault, "the database file can be written again");
        }
    }

    fn fails(&self, error: StoreError, what: &str, of: impl Fn(&mut Told) -> &mut Option<(StorageFault, Instant)>) -> StoreError {
        let StoreError::Storage { fault, cause } = error else { return error };
        let file = self.file.display();
        let mut told = self.told();
        let last = of(&mut told);
        if last.is_none_or(|(known, at)| known != fault || at.elapsed() > REMIND) {
            *last = Some((fault, Instant::now()));
            tracing::error!(%file, ?fault, %cause, fix = remedy(fault), "{what}");
        }
        storage(fault, format!("{file}: {cause}; {}", remedy(fault)))
    }

    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What somebody must do about it.
pub(super) const fn remedy(fault: StorageFault) -> &'static str {
    match fault {
        StorageFault::Full => "free space on its disk; no restart is needed",
        StorageFault::ReadOnly => "let this process write the file and its folder (owner, mode, mount); no restart is needed",
        StorageFault::Failing => {
            "look at its disk and mount: whether there is space, and whether a quota or a limit on the size of files was reached; no restart is needed"
        }
        StorageFault::Damaged => "stop the server, keep copies of the file and of the -wal beside it, and restore a backup",
    }
}
