//! Workers: lease what is due, do it, and sleep until there is more.

use std::future::Future;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Helpdesk;
use super::turn::Ended;
use crate::error::Error;
use crate::id::CommitId;
use crate::store::{Commit, Leased, Outcome, Work};

/// How long a job is leased; extended while it runs. A worker that died gives its jobs up after this time.
const LEASE: Duration = Duration::from_secs(30);
/// How often a lease is extended.
const EXTEND: Duration = Duration::from_secs(10);
/// Jobs done at once on a node.
const CONCURRENCY: usize = 64;
/// How often the store is asked although nobody said that there is something: hints may be lost.
const POLL: Duration = Duration::from_secs(1);
/// How long workers rest at least, for a clock that says that a job is due which cannot be leased yet.
const SHORTEST_PAUSE: Duration = Duration::from_millis(5);

/// The workers of a node. Dropping it has them lease nothing more and finish what they do in the background;
/// [`shutdown`](Self::shutdown) waits for that.
#[derive(Debug)]
pub struct Workers {
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Workers {
    /// Leases nothing more, waits for up to `grace` for what is being done, and gives up the rest: another node, or this
    /// one when it is back, does it again.
    pub async fn shutdown(mut self, grace: Duration) {
        self.stop.cancel();
        if tokio::time::timeout(grace, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Helpdesk {
    /// Starts the workers of this node in the background.
    pub fn spawn_workers(&self) -> Workers {
        let stop = CancellationToken::new();
        let task = tokio::spawn(self.clone().work(stop.clone()));
        Workers { stop, task }
    }

    /// Works until `shutdown` is done, for hosts that own the task.
    pub async fn run(&self, shutdown: impl Future<Output = ()>) {
        let stop = CancellationToken::new();
        let guard = stop.clone().drop_guard();
        let work = self.clone().work(stop.clone());
        tokio::pin!(work);
        tokio::select! {
            () = shutdown => drop(guard),
            () = &mut work => return,
        }
        work.await;
    }

    /// Does every job that is due now, and those that they cause, until nothing is due. For tests and for hosts that have
    /// their own loop.
    ///
    /// # Errors
    /// [`Error::Store`] if jobs cannot be leased.
    pub async fn step(&self) -> Result<usize, Error> {
        let mut done = 0;
        loop {
            let jobs = self.inner.store.lease(CONCURRENCY as u32, LEASE).await?;
            if jobs.is_empty() {
                return Ok(done);
            }
            done += jobs.len();
            let mut running = JoinSet::new();
            for job in jobs {
                running.spawn(self.clone().carry_out(job));
            }
            while running.join_next().await.is_some() {}
        }
    }

    async fn work(self, stop: CancellationToken) {
        let mut running = JoinSet::new();
        while !stop.is_cancelled() {
            while running.try_join_next().is_some() {}
            let free = CONCURRENCY - running.len();
            let pause = match self.inner.store.lease(free as u32, LEASE).await {
                Ok(jobs) if !jobs.is_empty() => {
                    for job in jobs {
                        running.spawn(self.clone().carry_out(job));
                    }
                    // With every place taken there is nothing to do but wait for one.
                    if running.len() >= CONCURRENCY {
                        tokio::select! {
                            () = stop.cancelled() => {}
                            _ = running.join_next() => {}
                        }
                    }
                    continue;
                }
                Ok(_) => self.inner.store.next_due().await.ok().flatten().unwrap_or(POLL).clamp(SHORTEST_PAUSE, POLL),
                Err(error) => {
                    // What is wrong with the storage, the store tells; not once a second.
                    match error.storage_fault() {
                        Some(_) => tracing::debug!(%error, "jobs cannot be leased"),
                        None => tracing::error!(%error, "jobs cannot be leased"),
                    }
                    POLL
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.inner.wake.notified() => {}
                () = tokio::time::sleep(pause) => {}
                Some(_) = running.join_next(), if !running.is_empty() => {}
            }
        }
        while running.join_next().await.is_some() {}
    }

    async fn carry_out(self, job: Leased) {
        let extended = async {
            loop {
                tokio::time::sleep(EXTEND).await;
                if let Ok(false) = self.inner.store.extend(job.workspace, &job.fence, LEASE).await {
                    return;
                }
            }
        };
        let doing = std::panic::AssertUnwindSafe(self.perform(&job)).catch_unwind();
        let ended = tokio::select! {
            ended = doing => ended,
            // The lease is lost: somebody else does it.
            () = extended => return,
        };
        match ended {
            Ok(Ok(Ended::Over)) => self.finish(&job).await,
            Ok(Ok(Ended::Again(delay))) => self.give_back(&job, delay).await,
            Ok(Err(error)) => {
                tracing::error!(lane = %job.fence.lane, attempt = job.attempt, %error, "a job failed");
                self.give_back(&job, Duration::from_secs(u64::from(job.attempt.min(30)))).await;
            }
            Err(_) => {
                tracing::error!(lane = %job.fence.lane, attempt = job.attempt, "a job panicked");
                self.give_back(&job, Duration::from_secs(5)).await;
            }
        }
    }

    async fn perform(&self, job: &Leased) -> Result<Ended, Error> {
        match &job.work {
            Work::Answer { conversation, turn } => self.answer(job, *conversation, *turn).await,
            Work::Confirm { conversation, requested_at } => self.confirm(job, *conversation, *requested_at).await,
            Work::Relink { ticket, contact } => self.relink(job.workspace, *ticket, *contact).await,
        }
    }

    /// Takes a job out of its lane, unless its own commit did that already.
    async fn finish(&self, job: &Leased) {
        let mut commit = Commit::new(CommitId::generate(&*self.inner.ids), job.workspace);
        commit.finished.push(job.fence.clone());
        match self.inner.store.commit(commit).await {
            Ok(Outcome::Committed(_) | Outcome::LeaseLost) => self.inner.wake.notify_one(),
            Ok(outcome) => tracing::error!(lane = %job.fence.lane, ?outcome, "a job could not be finished"),
            Err(error) => tracing::error!(lane = %job.fence.lane, %error, "a job could not be finished"),
        }
    }

    async fn give_back(&self, job: &Leased, delay: Duration) {
        match self.inner.store.retry(job.workspace, &job.fence, delay).await {
            Ok(_) => self.inner.wake.notify_one(),
            // Its lease will run out, and then it is tried again.
            Err(error) => tracing::error!(lane = %job.fence.lane, %error, "a job could not be given back"),
        }
    }
}
