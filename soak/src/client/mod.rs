//! Clients that act as the pages do: they name what they write, repeat what they know nothing of, and go to another
//! server when theirs does not answer.

mod accounts;
mod attempt;
mod caller;
mod live;
mod operator;
mod race;
mod visitor;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

pub(crate) use accounts::{Account, manager, reopen, visitor as new_visitor};
pub(crate) use attempt::Http;
pub(crate) use caller::Caller;
pub(crate) use live::Live;
pub(crate) use operator::work;
pub(crate) use race::{Race, start as start_races};
pub(crate) use visitor::chat;

use crate::history::Recorder;

/// How many conversations operators choose from.
const TABLE: usize = 48;

/// What all clients of a run share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// The roots of the servers.
    pub(crate) urls: Vec<String>,
    /// The connections.
    pub(crate) http: Http,
    /// Where everything is written down.
    pub(crate) recorder: Recorder,
    /// What was counted so far.
    pub(crate) tally: Tally,
    /// Whether clients are to finish what they do and end.
    pub(crate) over: AtomicBool,
    /// The operators.
    pub(crate) operators: Vec<Uuid>,
    /// The latest conversations, on the operators' table.
    table: Mutex<Vec<Uuid>>,
}

/// Figures of a run.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) operations: AtomicU64,
    pub(crate) done: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) unknown: AtomicU64,
    pub(crate) repeated: AtomicU64,
    pub(crate) reconnects: AtomicU64,
    pub(crate) frames: AtomicU64,
    pub(crate) races: AtomicU64,
}

impl Tally {
    /// One more.
    pub(crate) fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

impl Shared {
    /// What the clients of a run share.
    pub(crate) fn new(urls: Vec<String>, http: Http, recorder: Recorder, operators: Vec<Uuid>) -> Arc<Self> {
        let (tally, over, table) = (Tally::default(), AtomicBool::new(false), Mutex::default());
        Arc::new(Self { urls, http, recorder, tally, over, operators, table })
    }

    /// Whether clients are to end.
    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Puts a conversation on the operators' table; the oldest makes room.
    fn put(&self, conversation: Uuid) {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        if !table.contains(&conversation) {
            if table.len() >= TABLE {
                table.remove(0);
            }
            table.push(conversation);
        }
    }

    /// A conversation of the table, by two numbers below one: most choose among few, so that they meet.
    fn choose(&self, (kind, which): (f64, f64)) -> Option<Uuid> {
        let table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let among = if kind < 0.6 { table.len().min(8) } else { table.len() };
        let place = table.len().checked_sub(1 + (among as f64 * which) as usize)?;
        table.get(place).copied()
    }
}
