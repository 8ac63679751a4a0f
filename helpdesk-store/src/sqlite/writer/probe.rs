//! Whether the file can be written now, found out by writing.

use std::time::{Duration, Instant};

use helpdesk_core::store::{StorageFault, StoreError};
use rusqlite::Connection;

use crate::sql::fault::{Fault, again};
use crate::sqlite::connection::run;

/// A write that is younger than this is proof enough, a failure that is younger is not tried again.
const PROOF: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_secs(1);
/// On a full disk what is short still finds a place now and then. After this time without a failure it counts.
const CALM: Duration = Duration::from_secs(10);

/// What the last write showed.
#[derive(Debug, Default)]
pub(super) struct Proof {
    written: Option<Instant>,
    failed: Option<(Instant, StoreError)>,
}

impl Proof {
    /// Work was written. Whether that proves that others will be too.
    pub(super) fn worked(&mut self) -> bool {
        let full = |(at, error): &(Instant, StoreError)| error.storage_fault() == Some(StorageFault::Full) && at.elapsed() < CALM;
        if self.failed.as_ref().is_some_and(full) {
            return false;
        }
        self.written();
        true
    }

    /// A write was made that proves it.
    pub(super) fn written(&mut self) {
        (self.written, self.failed) = (Some(Instant::now()), None);
    }

    /// A write failed. What is no fault of the storage says nothing about the next write.
    pub(super) fn failed(&mut self, error: &StoreError) {
        if error.storage_fault().is_some() {
            (self.written, self.failed) = (None, Some((Instant::now(), again(error))));
        }
    }

    /// What is known without a look: nothing, or the outcome.
    pub(super) fn known(&self) -> Option<Result<(), StoreError>> {
        if let Some((at, error)) = &self.failed {
            return (at.elapsed() < PAUSE).then(|| Err(again(error)));
        }
        self.written.filter(|at| at.elapsed() < PROOF).map(|_| Ok(()))
    }

    /// Writes, and says whether it could. After a failure much is written, as much as a busy moment would: that a few bytes
    /// still find a place says nothing about the next message.
    pub(super) fn look(&self, connection: &Connection) -> Result<(), Fault> {
        let bytes = if self.failed.is_some() { 256 * 1024 } else { 16 };
        // Random, because SQLite does not write a page that stays as it is.
        let sql = "INSERT INTO helpdesk_meta (name, value) VALUES ('probe', randomblob(?1)) \
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        run(connection, sql, [bytes])?;
        Ok(())
    }
}

/// What can be done for a file that cannot be written: where the log has been taken into the file, its room is used again.
pub(super) fn make_room(connection: &Connection, fault: Option<StorageFault>) {
    if matches!(fault, Some(StorageFault::Full | StorageFault::Failing)) {
        // Waits for nobody. If it fails, nothing is worse than before.
        let _no_room = connection.execute_batch("PRAGMA wal_checkpoint(PASSIVE)");
    }
}
