//! What the writer knows by heart: leases, which die with the process, and numbers, which only it draws.

use std::collections::HashMap;

use helpdesk_core::clock::Timestamp;
use helpdesk_core::id::{LeaseToken, WorkspaceId};
use helpdesk_core::store::job::Lane;
use helpdesk_core::store::judge::{Counters, CurrentLease};
use rusqlite::Connection;

use crate::sql::fault::Fault;
use crate::sql::value::{micros, signed, unsigned};
use crate::sqlite::connection::{only, run};

/// How many lease tokens are reserved at a time; those that a restart leaves unused are never given out.
const TOKENS: u64 = 10_000;

#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) leases: HashMap<(WorkspaceId, Lane), CurrentLease>,
    /// Of the workspaces that were written to.
    pub(super) counters: HashMap<WorkspaceId, Counters>,
    /// When it is worth looking again for what is too old.
    pub(super) prune_at: Option<Timestamp>,
    next_job: i64,
    next_token: u64,
    /// No token above this may be given out before more are reserved in the file.
    reserved: u64,
    /// Whether the leases of the process before were voided.
    begun: bool,
}

impl Memory {
    /// Reads what must be known, at the beginning and after anything went wrong. Leases stay.
    pub(super) fn recall(&mut self, connection: &Connection, now: Timestamp) -> Result<(), Fault> {
        if !self.begun {
            run(connection, VOID_LEASES, [micros(now)])?;
        }
        let (job, reserved): (i64, i64) = only(
            connection,
            "SELECT coalesce((SELECT max(number) FROM helpdesk_jobs), 0), (SELECT value FROM helpdesk_meta WHERE name = 'lease_tokens')",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        self.next_job = self.next_job.max(job + 1);
        self.reserved = unsigned(reserved);
        self.next_token = self.next_token.max(self.reserved + 1);
        self.counters.clear();
        self.begun = true;
        Ok(())
    }

    /// The place of a new job; rises.
    pub(super) fn draw_job(&mut self) -> i64 {
        let number = self.next_job;
        self.next_job += 1;
        number
    }

    /// A token that was never given out.
    pub(super) fn draw_token(&mut self) -> LeaseToken {
        let token = LeaseToken(self.next_token);
        self.next_token += 1;
        token
    }

    /// Writes down that the tokens drawn so far may be in use. Answers what [`Self::reserve`] must be told once that is durable.
    pub(super) fn write_reserved(&self, connection: &Connection) -> Result<u64, Fault> {
        if self.next_token <= self.reserved + 1 {
            return Ok(self.reserved);
        }
        let reserved = self.next_token + TOKENS;
        run(connection, "UPDATE helpdesk_meta SET value = ?1 WHERE name = 'lease_tokens'", [signed(reserved)])?;
        Ok(reserved)
    }

    pub(super) fn reserve(&mut self, reserved: u64) {
        self.reserved = reserved;
    }
}

/// Jobs that are leased are free when they are due, if no process is left that holds the lease. An attempt that the end
/// of the process cut short is not held against the job, so that a turn survives restarts; but after ten of them it is,
/// in case the job is what ends the process.
pub(super) const VOID_LEASES: &str = "
UPDATE helpdesk_jobs SET
    free_at = due_at,
    voided = voided + (free_at > ?1),
    attempt = attempt - (free_at > ?1 AND voided < 10)
WHERE number IN (SELECT number FROM helpdesk_jobs INDEXED BY helpdesk_jobs_leased WHERE free_at <> due_at)";
