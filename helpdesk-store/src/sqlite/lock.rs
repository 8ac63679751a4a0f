//! One process owns a database file: leases live in its memory, so two of them would give out the same job twice.
//!
//! The lock is an advisory one on a file beside the database, given back by the operating system however a process ends.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use helpdesk_core::store::{StorageFault, StoreError};

use super::health::remedy;
use crate::sql::fault::{storage, unavailable};

/// How long between two looks at a lock that somebody holds.
const LOOK: Duration = Duration::from_millis(10);

/// The right to be the only writer of a file, until dropped.
#[derive(Debug)]
pub(super) struct FileLock {
    _held: File,
}

impl FileLock {
    /// Takes the lock of this database file. A store that was just dropped gives its lock back only when its writer is
    /// done, hence the patience.
    pub(super) async fn take(database: &Path, patience: Duration) -> Result<Self, StoreError> {
        let path = beside(database);
        let mut looks = patience.as_millis() / LOOK.as_millis();
        loop {
            if let Some(lock) = Self::look(&path)? {
                return Ok(lock);
            }
            if looks == 0 {
                let path = database.display();
                return Err(StoreError::StoreInUse(format!(
                    "{path} is open in another store; one process at a time may own an SQLite file"
                )));
            }
            looks -= 1;
            tokio::time::sleep(LOOK).await;
        }
    }

    fn look(path: &Path) -> Result<Option<Self>, StoreError> {
        let denied = |error: std::io::Error| {
            let text = format!("the lock file {} cannot be used: {error}", path.display());
            match error.kind() {
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                    let fault = StorageFault::ReadOnly;
                    storage(fault, format!("{text}; {}", remedy(fault)))
                }
                _ => unavailable(text),
            }
        };
        let file = File::options().create(true).truncate(false).write(true).open(path).map_err(denied)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _held: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(denied(error)),
        }
    }
}

fn beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".helpdesk-lock");
    PathBuf::from(name)
}
