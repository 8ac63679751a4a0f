//! What became of lanes and their jobs, as it is to be written.

use std::collections::HashMap;

use helpdesk_core::id::WorkspaceId;
use helpdesk_core::store::job::{Lane as LaneName, Work};
use helpdesk_core::store::judge::{CurrentLease, View};
use uuid::Uuid;

use super::load::Stored;
use crate::sql::lane::{Lane, State};
use crate::sql::value::micros;

pub(super) type LaneKey = (WorkspaceId, LaneName);

/// The row of a lane.
pub(super) struct Row<'p> {
    pub(super) key: &'p LaneKey,
    pub(super) head: i64,
    pub(super) last: i64,
    pub(super) free_at: i64,
    pub(super) lease: Option<CurrentLease>,
    /// Whether there is such a row.
    pub(super) stored: bool,
}

/// A job that is not stored yet.
pub(super) struct NewJob<'p> {
    pub(super) key: &'p LaneKey,
    pub(super) number: i64,
    pub(super) id: Uuid,
    pub(super) work: &'p Work,
    pub(super) pushed_at: i64,
    pub(super) due_at: i64,
}

/// What is to be done, statement by statement.
#[derive(Default)]
pub(super) struct Plan<'p> {
    pub(super) cleared: Vec<&'p LaneKey>,
    pub(super) removed: Vec<(&'p LaneKey, i64)>,
    pub(super) moved: Vec<(&'p LaneKey, i64, i64)>,
    pub(super) new: Vec<NewJob<'p>>,
    pub(super) ended: Vec<&'p LaneKey>,
    pub(super) kept: Vec<Row<'p>>,
}

impl<'p> Plan<'p> {
    pub(super) fn of(lanes: &'p HashMap<LaneKey, Lane<'_>>, view: &View, stored: &Stored) -> Self {
        let mut plan = Self::default();
        let mut touched: Vec<_> = lanes.iter().filter(|(_, lane)| lane.touched).collect();
        touched.sort_unstable_by_key(|(key, _)| *key);
        for (key, lane) in touched {
            plan.lane(key, lane, view, stored.lanes.contains(key));
        }
        plan
    }

    fn lane(&mut self, key: &'p LaneKey, lane: &'p Lane<'_>, view: &View, stored: bool) {
        if lane.cleared && stored {
            self.cleared.push(key);
        }
        self.removed.extend(lane.removed.iter().map(|number| (key, *number)));
        for job in &lane.jobs {
            let due_at = micros(job.due_at);
            match job.state {
                State::Stored => {}
                State::Moved => self.moved.push((key, job.number, due_at)),
                State::New { id, work, pushed_at } => {
                    self.new.push(NewJob { key, number: job.number, id: id.as_uuid(), work, pushed_at: micros(pushed_at), due_at });
                }
            }
        }
        let Some(first) = lane.jobs.front() else {
            if stored {
                self.ended.push(key);
            }
            return;
        };
        let lease = view.leases.get(key).copied();
        let free_at = lease.filter(|lease| lease.until > view.now).map_or(first.due_at, |lease| lease.until);
        let row = Row { key, head: first.number, last: lane.last, free_at: micros(free_at), lease, stored };
        self.kept.push(row);
    }
}

/// The two columns that name lanes.
pub(super) fn columns<'p>(keys: impl Iterator<Item = &'p LaneKey>) -> (Vec<Uuid>, Vec<Vec<u8>>) {
    keys.map(|(workspace, lane)| (workspace.as_uuid(), lane.as_str().as_bytes().to_vec())).unzip()
}
