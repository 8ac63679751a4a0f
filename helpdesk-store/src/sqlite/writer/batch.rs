//! A batch: what waits, judged in order in memory, written in one transaction.
//!
//! Only this process writes to the helpdesk's tables, so what the judgement needs is read before the transaction
//! begins: the file's lock is held only for the writing. All requests of a batch are concurrent, because none was
//! answered; so leases come last, and see what the others did.

use std::time::{Duration, Instant};

use helpdesk_core::clock::Timestamp;
use helpdesk_core::store::Settled;
use helpdesk_core::store::commit::Outcome;
use helpdesk_core::store::judge::{Known, View, judge};
use rusqlite::Connection;

use super::lease::{self, Given};
use super::load::{Loaded, load};
use super::memory::Memory;
use super::prune::prune;
use super::tables;
use super::{Answer, Work};
use crate::sql::fault::Fault;
use crate::sql::pending::Pending;
use crate::sql::value::later;
use crate::sqlite::connection::run;
use crate::sqlite::ledger::{Ledger, Thing};
use helpdesk_core::store::StoreError;

/// What became of a batch.
#[derive(Debug)]
pub(super) struct Applied {
    /// One for each request, in order.
    pub(super) answers: Vec<Answer>,
    /// How long the file's lock was held; none if nothing was written.
    pub(super) held: Option<Duration>,
}

/// Why a batch was not applied. Nothing of it was.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) fault: Fault,
    /// Whether one of the requests may be to blame, so that the others should be tried without it.
    pub(super) divide: bool,
}

impl Failure {
    /// No single request is to blame.
    pub(super) fn whole(fault: Fault) -> Self {
        Self { fault, divide: false }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match StoreError::from(fault) {
            error if error.is_retryable() => Self::whole(error.into()),
            // Where the file is damaged, only those who need what is damaged are to suffer.
            error => Self { fault: error.into(), divide: true },
        }
    }
}

/// A transaction that begins when there is something to write.
struct Transaction<'c> {
    connection: &'c Connection,
    begun: Option<Instant>,
}

impl Transaction<'_> {
    fn begun(&mut self) -> Result<&Connection, Failure> {
        if self.begun.is_none() {
            run(self.connection, "BEGIN IMMEDIATE", []).map_err(Failure::whole)?;
            self.begun = Some(Instant::now());
        }
        Ok(self.connection)
    }

    /// Makes it durable. After an error nobody knows, and the callers must settle.
    fn commit(self) -> Result<Option<Duration>, Failure> {
        let Some(begun) = self.begun else {
            return Ok(None);
        };
        run(self.connection, "COMMIT", []).map_err(Failure::whole)?;
        Ok(Some(begun.elapsed()))
    }
}

/// Applies these requests together. On a failure the caller rolls back.
pub(super) fn apply(
    connection: &Connection,
    memory: &mut Memory,
    ledger: &Ledger,
    works: &[&Work],
    now: Timestamp,
) -> Result<Applied, Failure> {
    let Loaded { mut view, facets, lanes } = load(connection, memory, works, now)?;
    let mut pending = Pending::new(now, facets, lanes);
    let mut answers: Vec<Answer> = works.iter().map(|work| decide(work, &mut view, &mut pending, memory)).collect();

    let mut transaction = Transaction { connection, begun: None };
    if !pending.is_empty() {
        tables::write(transaction.begun()?, &pending, &view)?;
    }
    let mut given = Given::default();
    for (work, answer) in works.iter().zip(&mut answers) {
        let Work::Lease { limit, keep } = work else { continue };
        let due = lease::due(transaction.connection, *limit, now)?;
        if !due.is_empty() {
            *answer = Answer::Leased(given.lease(transaction.begun()?, memory, due, *keep, now)?);
        }
    }
    let mut reserved = None;
    if transaction.begun.is_some() {
        reserved = Some(memory.write_reserved(transaction.connection)?);
        let written = view.counters.iter().map(|(workspace, counters)| (*workspace, counters.change.0));
        prune(transaction.connection, memory, written, now)?;
    }
    let writing = ledger.writing(things(&pending));
    let held = transaction.commit()?;
    writing.done();

    if let Some(reserved) = reserved {
        memory.reserve(reserved);
    }
    remember(memory, &pending, view);
    given.remember(memory);
    Ok(Applied { answers, held })
}

/// What readers may know of before.
fn things(pending: &Pending<'_>) -> Vec<Thing> {
    let conversations = pending.conversations.keys().map(|(workspace, id)| (workspace.as_uuid(), id.as_uuid()));
    let contacts = pending.contacts.keys().map(|(workspace, id)| (workspace.as_uuid(), id.as_uuid()));
    let tickets = pending.tickets.keys().map(|(workspace, id)| (workspace.as_uuid(), id.as_uuid()));
    conversations.chain(contacts).chain(tickets).collect()
}

/// Judges one request, and gathers what it writes. Leases get their answer later.
fn decide<'a>(work: &'a Work, view: &mut View, pending: &mut Pending<'a>, memory: &mut Memory) -> Answer {
    match work {
        Work::Commit(commit) => {
            let outcome = judge(view, commit);
            if let Outcome::Committed(committed) = &outcome {
                pending.accept(commit, committed, view, &mut |_| memory.draw_job());
            }
            Answer::Outcome(outcome)
        }
        Work::Settle { workspace, commit } => {
            let known = view.commits.entry((*workspace, *commit)).or_insert_with(|| {
                pending.refuse(*workspace, *commit);
                Known::Refused
            });
            Answer::Settled(match known {
                Known::Committed(result) => Settled::Committed(result.clone()),
                Known::Refused => Settled::Refused,
            })
        }
        Work::Extend { workspace, fence, keep } => {
            let held = view.holds_lease(*workspace, fence);
            if let Some(lease) = view.leases.get_mut(&(*workspace, fence.lane.clone())).filter(|_| held) {
                lease.until = later(view.now, *keep);
                pending.extended(*workspace, fence);
            }
            Answer::Held(held)
        }
        Work::Retry { workspace, fence, delay } => {
            let held = view.holds_lease(*workspace, fence);
            if held {
                view.leases.remove(&(*workspace, fence.lane.clone()));
                pending.retry(*workspace, fence, *delay);
            }
            Answer::Held(held)
        }
        Work::Lease { .. } => Answer::Leased(Vec::new()),
    }
}

/// Learns what the batch changed, now that it is durable.
fn remember(memory: &mut Memory, pending: &Pending<'_>, mut view: View) {
    for (key, _) in pending.lanes.iter().filter(|(_, lane)| lane.touched) {
        match view.leases.remove(key) {
            Some(lease) => {
                memory.leases.insert(key.clone(), lease);
            }
            None => {
                memory.leases.remove(key);
            }
        }
    }
    memory.counters.extend(view.counters);
}
