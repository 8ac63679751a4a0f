//! Jobs that go wrong.

use std::time::Duration;

use super::{BrokenStore, Fault};
use crate::id::{CommitId, LeaseToken, WorkspaceId};
use crate::store::{Commit, Fence, JobOp, Leased, NewJob, Outcome, Store as _, StoreError};

impl BrokenStore {
    /// Spoils the jobs of a commit.
    pub(super) fn spoil_jobs(&self, commit: &mut Commit) {
        let workspace = commit.workspace;
        match self.fault {
            Fault::LanesAreReversed => commit.jobs.reverse(),
            Fault::DelaysAreIgnored => {
                for operation in &mut commit.jobs {
                    if let JobOp::Push(job) | JobOp::Arm(job) = operation {
                        job.delay = Duration::ZERO;
                    }
                }
            }
            Fault::ArmingPushes => {
                for operation in &mut commit.jobs {
                    if let JobOp::Arm(job) = operation {
                        *operation = JobOp::Push(job.clone());
                    }
                }
            }
            Fault::ArmingReplaces => {
                let operations = std::mem::take(&mut commit.jobs);
                for operation in operations {
                    match operation {
                        JobOp::Arm(job) => commit.jobs.extend([JobOp::Cancel(job.lane.clone()), JobOp::Push(job)]),
                        other => commit.jobs.push(other),
                    }
                }
            }
            Fault::ArmingForgetsWhileLeased => {
                let journal = self.journal();
                let finished = &commit.finished;
                commit.jobs.retain(|operation| match operation {
                    JobOp::Arm(job) => {
                        let leased = journal.leased.get(&(workspace, job.lane.clone()));
                        leased.is_none_or(|leased| finished.contains(&leased.fence))
                    }
                    JobOp::Push(_) | JobOp::Cancel(_) => true,
                });
            }
            Fault::CancellingIsForgotten => commit.jobs.retain(|operation| !matches!(operation, JobOp::Cancel(_))),
            Fault::CancellingKeepsTheLease => {
                let voided = &self.journal().voided;
                commit.finished.retain(|fence| !voided.contains(fence));
            }
            Fault::TokensAreReused => {
                for fence in &mut commit.finished {
                    *fence = self.real(workspace, fence);
                }
            }
            _ => {}
        }
    }

    /// The fence that the inner store knows.
    fn real(&self, workspace: WorkspaceId, fence: &Fence) -> Fence {
        let known = (workspace, fence.lane.clone(), fence.job, fence.token);
        let token = self.journal().real_tokens.get(&known).copied().unwrap_or_default();
        Fence { token, ..fence.clone() }
    }

    pub(super) async fn broken_lease(&self, limit: u32, keep: Duration) -> Result<Vec<Leased>, StoreError> {
        let keep = if self.is(Fault::LeasesNeverRunOut) { keep * 10_000 } else { keep };
        let limit = if self.is(Fault::LimitsAreIgnored) { u32::MAX } else { limit };
        let mut leased = self.inner.lease(limit, keep).await?;
        for job in &mut leased {
            match self.fault {
                Fault::LeasesAreGivenTwice => drop(self.inner.retry(job.workspace, &job.fence, Duration::ZERO).await?),
                Fault::AttemptsAreNotCounted => job.attempt = 1,
                Fault::TokensAreReused => {
                    let real = std::mem::replace(&mut job.fence.token, LeaseToken(u64::from(job.attempt)));
                    let known = (job.workspace, job.fence.lane.clone(), job.fence.job, job.fence.token);
                    self.journal().real_tokens.insert(known, real);
                }
                _ => {}
            }
            self.journal().leased.insert((job.workspace, job.fence.lane.clone()), job.clone());
        }
        Ok(leased)
    }

    pub(super) async fn broken_extend(&self, workspace: WorkspaceId, fence: &Fence, keep: Duration) -> Result<bool, StoreError> {
        if self.is(Fault::TokensAreReused) {
            return self.inner.extend(workspace, &self.real(workspace, fence), keep).await;
        }
        Ok(self.inner.extend(workspace, fence, keep).await? || self.is(Fault::LostLeasesCanBeExtended))
    }

    pub(super) async fn broken_retry(&self, workspace: WorkspaceId, fence: &Fence, delay: Duration) -> Result<bool, StoreError> {
        match self.fault {
            Fault::TokensAreReused => self.inner.retry(workspace, &self.real(workspace, fence), delay).await,
            Fault::RetriesLoseTheirPlace => {
                let known = self.journal().leased.get(&(workspace, fence.lane.clone())).cloned();
                let Some(leased) = known.filter(|leased| leased.fence == *fence) else { return Ok(false) };
                let again = NewJob { id: fence.job, lane: fence.lane.clone(), work: leased.work, delay };
                let mut commit = Commit::new(CommitId::generate(&self.ids), workspace);
                commit.finished.push(fence.clone());
                commit.jobs.push(JobOp::Push(again));
                Ok(matches!(self.inner.commit(commit).await?, Outcome::Committed(_)))
            }
            _ => self.inner.retry(workspace, fence, delay).await,
        }
    }
}
