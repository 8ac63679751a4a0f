//! A lane while a batch is applied: as many of its jobs as matter, and what changed.

use std::collections::VecDeque;

use helpdesk_core::clock::Timestamp;
use helpdesk_core::id::JobId;
use helpdesk_core::store::job::{NewJob, Work};

use crate::sql::value::later;

/// A job in its lane.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    pub(crate) number: i64,
    pub(crate) due_at: Timestamp,
    pub(crate) state: State<'a>,
}

/// What of a job must be written.
#[derive(Debug)]
pub(crate) enum State<'a> {
    /// It is stored as it is.
    Stored,
    /// It is stored, but its times may be others.
    Moved,
    /// It is not stored yet.
    New { id: JobId, work: &'a Work, pushed_at: Timestamp },
}

/// A lane whose jobs lie in a row: the stored ones that were loaded, then perhaps others, then the new ones. Only the
/// first two are ever looked at, so what lies between does not matter.
#[derive(Debug, Default)]
pub(crate) struct Lane<'a> {
    pub(crate) jobs: VecDeque<Place<'a>>,
    /// The highest number that a job of this lane is known to have had.
    pub(crate) last: i64,
    /// Stored jobs that are no more. On Postgres these are those that lay in their lanes' rows.
    pub(crate) removed: Vec<i64>,
    /// All that was stored is no more.
    pub(crate) cleared: bool,
    /// Whether the lane was looked at to be changed.
    pub(crate) touched: bool,
}

impl<'a> Lane<'a> {
    /// Puts a job at the end.
    pub(crate) fn push(&mut self, number: i64, job: &'a NewJob, now: Timestamp) {
        self.touched = true;
        self.last = self.last.max(number);
        let state = State::New { id: job.id, work: &job.work, pushed_at: now };
        self.jobs.push_back(Place { number, due_at: later(now, job.delay), state });
    }

    /// Keeps one waiting job: moves the one that waits to the earlier of both times, or answers false if none does.
    pub(crate) fn advance(&mut self, job: &NewJob, leased: bool, now: Timestamp) -> bool {
        self.touched = true;
        let Some(waiting) = self.jobs.get_mut(usize::from(leased)) else {
            return false;
        };
        let due_at = later(now, job.delay);
        if due_at < waiting.due_at {
            waiting.move_to(due_at);
        }
        true
    }

    /// Removes the first job: it is done.
    pub(crate) fn finish(&mut self) {
        self.touched = true;
        if let Some(place) = self.jobs.pop_front().filter(Place::is_stored) {
            self.removed.push(place.number);
        }
        if let Some(next) = self.jobs.front_mut() {
            next.move_to(next.due_at);
        }
    }

    /// Removes every job.
    pub(crate) fn cancel(&mut self) {
        self.touched = true;
        self.cleared = true;
        self.removed.clear();
        self.jobs.clear();
    }
}

impl Place<'_> {
    pub(crate) const fn is_stored(&self) -> bool {
        matches!(self.state, State::Stored | State::Moved)
    }

    pub(crate) fn move_to(&mut self, due_at: Timestamp) {
        self.due_at = due_at;
        if matches!(self.state, State::Stored) {
            self.state = State::Moved;
        }
    }
}
