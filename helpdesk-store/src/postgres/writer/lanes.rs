//! What became of lanes and their jobs, as it is to be written.

use std::collections::HashMap;

use helpdesk_core::id::WorkspaceId;
use helpdesk_core::store::job::{Lane as LaneName, Work};
use helpdesk_core::store::judge::{CurrentLease, View};
use uuid::Uuid;

use super::load::Stored;
use crate::sql::lane::{Lane, Place, State};
use crate::sql::value::micros;

pub(super) type LaneKey = (WorkspaceId, LaneName);

/// The row of a lane.
pub(super) struct Row<'p> {
    pub(super) key: &'p LaneKey,
    pub(super) head: i64,
    pub(super) last: i64,
    pub(super) free_at: i64,
    /// The first job, where it is not stored yet.
    pub(super) first: Option<NewJob<'p>>,
    pub(super) lease: Option<CurrentLease>,
    /// Whether there is such a row.
    pub(super) stored: bool,
}

/// A job that is not stored yet.
#[derive(Clone, Copy)]
pub(super) struct NewJob<'p> {
    pub(super) id: Uuid,
    pub(super) work: &'p Work,
    pub(super) pushed_at: i64,
}

/// A job that is to be stored behind the first.
pub(super) struct Waiting<'p> {
    pub(super) key: &'p LaneKey,
    pub(super) number: i64,
    pub(super) job: NewJob<'p>,
    pub(super) due_at: i64,
}

/// What is to be done, statement by statement.
#[derive(Default)]
pub(super) struct Plan<'p> {
    /// Lanes that lose what waits behind the first job.
    pub(super) cleared: Vec<&'p LaneKey>,
    /// Jobs that waited, and are the first of their lanes now.
    pub(super) taken: Vec<(&'p LaneKey, i64)>,
    pub(super) moved: Vec<(&'p LaneKey, i64, i64)>,
    pub(super) waiting: Vec<Waiting<'p>>,
    pub(super) ended: Vec<&'p LaneKey>,
    pub(super) kept: Vec<Row<'p>>,
}

impl<'p> Plan<'p> {
    pub(super) fn of(lanes: &'p HashMap<LaneKey, Lane<'_>>, view: &View, stored: &Stored) -> Self {
        let mut plan = Self::default();
        let mut touched: Vec<_> = lanes.iter().filter(|(_, lane)| lane.touched).collect();
        touched.sort_unstable_by_key(|(key, _)| *key);
        for (key, lane) in touched {
            plan.lane(key, lane, view, stored.lanes.get(key).copied());
        }
        plan
    }

    /// `head`: the number of the job in the lane's row, where there is one.
    fn lane(&mut self, key: &'p LaneKey, lane: &'p Lane<'_>, view: &View, head: Option<i64>) {
        let stored = head.is_some();
        if lane.cleared && stored {
            self.cleared.push(key);
        }
        let Some(first) = lane.jobs.front() else {
            if stored {
                self.ended.push(key);
            }
            return;
        };
        if first.is_stored() && head != Some(first.number) {
            self.taken.push((key, first.number));
        }
        for job in lane.jobs.iter().skip(1) {
            self.behind(key, job);
        }
        let lease = view.leases.get(key).copied();
        let free_at = lease.filter(|lease| lease.until > view.now).map_or(first.due_at, |lease| lease.until);
        let row = Row { key, head: first.number, last: lane.last, free_at: micros(free_at), first: NewJob::of(first), lease, stored };
        self.kept.push(row);
    }

    /// A job behind the first.
    fn behind(&mut self, key: &'p LaneKey, job: &'p Place<'_>) {
        let due_at = micros(job.due_at);
        match (&job.state, NewJob::of(job)) {
            (State::Moved, _) => self.moved.push((key, job.number, due_at)),
            (_, Some(new)) => self.waiting.push(Waiting { key, number: job.number, job: new, due_at }),
            (_, None) => {}
        }
    }
}

impl<'p> NewJob<'p> {
    fn of(place: &'p Place<'_>) -> Option<Self> {
        match place.state {
            State::Stored | State::Moved => None,
            State::New { id, work, pushed_at } => Some(Self { id: id.as_uuid(), work, pushed_at: micros(pushed_at) }),
        }
    }
}

/// The two columns that name lanes.
pub(super) fn columns<'p>(keys: impl Iterator<Item = &'p LaneKey>) -> (Vec<Uuid>, Vec<Vec<u8>>) {
    keys.map(|(workspace, lane)| (workspace.as_uuid(), lane.as_str().as_bytes().to_vec())).unzip()
}
