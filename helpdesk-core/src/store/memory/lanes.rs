//! Jobs in their lanes. Who holds a lease is kept in the [`View`], because commits are judged by it.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use super::after;
use crate::clock::Timestamp;
use crate::id::{JobId, LeaseToken, WorkspaceId};
use crate::store::judge::CurrentLease;
use crate::store::{Fence, JobOp, Lane, Leased, NewJob, View, Work};

type Place = (WorkspaceId, Lane);

/// A job that waits or is being done.
#[derive(Debug)]
struct Job {
    id: JobId,
    work: Work,
    pushed_at: Timestamp,
    due: Timestamp,
    /// How often it was leased.
    attempts: u32,
}

impl Job {
    fn new(job: NewJob, now: Timestamp) -> (Lane, Self) {
        let NewJob { id, lane, work, delay } = job;
        (lane, Self { id, work, pushed_at: now, due: after(now, delay), attempts: 0 })
    }
}

/// The jobs of a lane, oldest first; only the first is ever leased.
#[derive(Debug, Default)]
struct Queue {
    jobs: VecDeque<Job>,
    /// When there is something to do next, as `waking` has it: the first job is due, or its lease is over.
    wakes_at: Option<Timestamp>,
}

/// All lanes that have jobs.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    queues: HashMap<Place, Queue>,
    waking: BTreeSet<(Timestamp, WorkspaceId, Lane)>,
    last_token: LeaseToken,
}

impl Lanes {
    /// Takes the jobs of an accepted commit out of their lanes; the view no longer shows their leases.
    pub(super) fn finish(&mut self, view: &View, workspace: WorkspaceId, finished: &[Fence]) {
        for fence in finished {
            let place = (workspace, fence.lane.clone());
            if let Some(queue) = self.queues.get_mut(&place) {
                queue.jobs.retain(|job| job.id != fence.job);
            }
            self.keep_waking(view, &place);
        }
    }

    /// Applies the job operations of an accepted commit, in order.
    pub(super) fn apply(&mut self, view: &View, workspace: WorkspaceId, operations: Vec<JobOp>) {
        for operation in operations {
            let place = match operation {
                JobOp::Push(job) => {
                    let (lane, job) = Job::new(job, view.now);
                    let place = (workspace, lane);
                    self.queues.entry(place.clone()).or_default().jobs.push_back(job);
                    place
                }
                JobOp::Arm(job) => {
                    let (lane, job) = Job::new(job, view.now);
                    let place = (workspace, lane);
                    // The first job is being done; what is armed is the one behind it.
                    let leased = usize::from(is_leased(view, &place));
                    let jobs = &mut self.queues.entry(place.clone()).or_default().jobs;
                    match jobs.get_mut(leased) {
                        Some(waiting) => waiting.due = waiting.due.min(job.due),
                        None => jobs.push_back(job),
                    }
                    place
                }
                JobOp::Cancel(lane) => {
                    let place = (workspace, lane);
                    if let Some(queue) = self.queues.get_mut(&place) {
                        queue.jobs.clear();
                    }
                    place
                }
            };
            self.keep_waking(view, &place);
        }
    }

    #[cfg(test)]
    pub(super) fn are_gone(&self) -> bool {
        self.queues.is_empty() && self.waking.is_empty()
    }

    pub(super) fn lease(&mut self, view: &mut View, limit: usize, keep: Duration) -> Vec<Leased> {
        let due: Vec<Place> = self
            .waking
            .iter()
            .take_while(|(at, ..)| *at <= view.now)
            .take(limit)
            .map(|(_, workspace, lane)| (*workspace, lane.clone()))
            .collect();
        let until = after(view.now, keep);
        due.into_iter().filter_map(|place| self.lease_first(view, place, until)).collect()
    }

    fn lease_first(&mut self, view: &mut View, place: Place, until: Timestamp) -> Option<Leased> {
        let job = self.queues.get_mut(&place)?.jobs.front_mut()?;
        job.attempts = job.attempts.saturating_add(1);
        self.last_token = self.last_token.next();
        let token = self.last_token;
        view.leases.insert(place.clone(), CurrentLease { job: job.id, token, until });
        let leased = Leased {
            workspace: place.0,
            fence: Fence { lane: place.1.clone(), job: job.id, token },
            work: job.work.clone(),
            attempt: job.attempts,
            pushed_at: job.pushed_at,
        };
        self.keep_waking(view, &place);
        Some(leased)
    }

    pub(super) fn extend(&mut self, view: &mut View, workspace: WorkspaceId, fence: &Fence, keep: Duration) -> bool {
        if !view.holds_lease(workspace, fence) {
            return false;
        }
        let place = (workspace, fence.lane.clone());
        let until = after(view.now, keep);
        if let Some(lease) = view.leases.get_mut(&place) {
            lease.until = until;
        }
        self.keep_waking(view, &place);
        true
    }

    pub(super) fn retry(&mut self, view: &mut View, workspace: WorkspaceId, fence: &Fence, delay: Duration) -> bool {
        if !view.holds_lease(workspace, fence) {
            return false;
        }
        let place = (workspace, fence.lane.clone());
        view.leases.remove(&place);
        if let Some(job) = self.queues.get_mut(&place).and_then(|queue| queue.jobs.front_mut()) {
            job.due = after(view.now, delay);
        }
        self.keep_waking(view, &place);
        true
    }

    pub(super) fn next_due(&self, now: Timestamp) -> Option<Duration> {
        let (at, ..) = self.waking.first()?;
        Some((*at - now).to_std().unwrap_or_default())
    }

    /// Notes anew when there is something to do in a lane, after anything that may have changed it.
    fn keep_waking(&mut self, view: &View, place: &Place) {
        let Some(queue) = self.queues.get_mut(place) else { return };
        let wakes_at = queue.jobs.front().map(|job| match view.leases.get(place) {
            Some(lease) => lease.until,
            None => job.due,
        });
        if wakes_at != queue.wakes_at {
            let (workspace, lane) = place.clone();
            if let Some(before) = queue.wakes_at.take() {
                self.waking.remove(&(before, workspace, lane.clone()));
            }
            if let Some(at) = wakes_at {
                self.waking.insert((at, workspace, lane));
            }
            queue.wakes_at = wakes_at;
        }
        if queue.jobs.is_empty() {
            self.queues.remove(place);
        }
    }
}

fn is_leased(view: &View, place: &Place) -> bool {
    view.leases.get(place).is_some_and(|lease| lease.until > view.now)
}
