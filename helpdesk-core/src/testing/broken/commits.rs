//! Commits that go wrong.

use std::sync::Arc;

use chrono::SubsecRound as _;

use super::{BrokenStore, Fault};
use crate::id::{CommitId, WorkspaceId};
use crate::store::{Commit, Guard, JobOp, Outcome, Settled, Store as _, StoreError, UniqueKey, Want, Write};

impl BrokenStore {
    pub(super) async fn broken_commit(&self, mut commit: Commit) -> Result<Outcome, StoreError> {
        let sent = commit.clone();
        self.journal().workspaces.insert(commit.workspace);
        if let Some(outcome) = self.judge_beforehand(&commit).await? {
            return Ok(outcome);
        }
        self.spoil(&mut commit).await?;
        self.spoil_jobs(&mut commit);
        if self.is(Fault::CommitsAreAppliedInSteps) && commit.writes.len() > 1 {
            let mut step = Commit::new(self.fresh_id(), commit.workspace);
            step.guards.clone_from(&commit.guards);
            step.writes.push(commit.writes.remove(0));
            if let refused @ (Outcome::Conflict(_) | Outcome::LeaseLost) = self.inner.commit(step).await? {
                return Ok(refused);
            }
            commit.guards.clear();
            tokio::task::yield_now().await;
        }
        let mut outcome = self.inner.commit(commit.clone()).await?;
        match (self.fault, &outcome) {
            (Fault::RefusedCommitsAreHalfApplied, Outcome::LeaseLost | Outcome::Taken(_) | Outcome::Conflict(_)) => {
                let mut half = Commit::new(self.fresh_id(), commit.workspace);
                half.writes = commit.writes.into_iter().take(1).collect();
                self.inner.commit(half).await?;
            }
            (Fault::NamesAreIgnored, Outcome::Taken(taken)) => {
                commit.unique.retain(|claim| taken.iter().all(|(key, _)| *key != claim.key));
                outcome = self.inner.commit(commit).await?;
            }
            (Fault::StaleLeasesFinishJobs, Outcome::LeaseLost) => {
                commit.finished.clear();
                outcome = self.inner.commit(commit).await?;
            }
            (Fault::RefusalsUseTheIdUp, Outcome::LeaseLost | Outcome::Taken(_) | Outcome::Conflict(_)) => {
                self.inner.settle(commit.workspace, commit.id).await?;
            }
            _ => {}
        }
        if let Outcome::Committed(_) = outcome {
            self.note_committed(&sent);
        }
        Ok(outcome)
    }

    fn fresh_id(&self) -> CommitId {
        CommitId::generate(&self.ids)
    }

    /// Answers without the state under the lock, as stores do that look first and write later.
    async fn judge_beforehand(&self, commit: &Commit) -> Result<Option<Outcome>, StoreError> {
        let mut look = Commit::new(self.fresh_id(), commit.workspace);
        match self.fault {
            Fault::CommitIdsAreSharedByWorkspaces => {
                let known = self.journal().committed.get(&commit.id).cloned();
                return Ok(known.map(Outcome::Already));
            }
            Fault::ConflictsAreJudgedFirst => look.guards.clone_from(&commit.guards),
            Fault::GuardsAreCheckedBeforeTheLock => {
                look.guards.clone_from(&commit.guards);
                let outcome = self.inner.commit(look).await?;
                // Time for others to do the same.
                for _ in 0..10 {
                    tokio::task::yield_now().await;
                }
                return Ok(Some(outcome).filter(|outcome| matches!(outcome, Outcome::Conflict(_))));
            }
            Fault::NamesAreClaimedBeforeTheyAreReleased => {
                let keys = commit.unique.iter().map(|claim| claim.key.clone()).collect();
                let held = self.inner.snapshot(commit.workspace, &Want { keys, ..Want::default() }).await?;
                let taken: Vec<_> = (commit.unique.iter())
                    .filter_map(|claim| {
                        Some((claim.key.clone(), held.owner(&claim.key)?.clone())).filter(|(_, owner)| *owner != claim.owner)
                    })
                    .collect();
                return Ok((!taken.is_empty()).then_some(Outcome::Taken(taken)));
            }
            _ => return Ok(None),
        }
        let outcome = self.inner.commit(look).await?;
        Ok(Some(outcome).filter(|outcome| matches!(outcome, Outcome::Conflict(_))))
    }

    async fn spoil(&self, commit: &mut Commit) -> Result<(), StoreError> {
        match self.fault {
            Fault::GuardsAreIgnored | Fault::GuardsAreCheckedBeforeTheLock => commit.guards.clear(),
            Fault::OnlyWrittenThingsAreGuarded => {
                let written: Vec<_> = commit.writes.iter().filter_map(Write::key).map(|(key, _)| key).collect();
                commit.guards.retain(|Guard { key, .. }| written.is_empty() || written.contains(key));
            }
            Fault::TheLastWriteIsForgotten => drop(commit.writes.pop()),
            Fault::TheLastJobIsForgotten if commit.jobs.len() > 1 => drop(commit.jobs.pop()),
            Fault::CommitIdsAreForgotten => commit.id = self.fresh_id(),
            Fault::ResultsAreForgotten => commit.result.clear(),
            Fault::NamesNeverRunOut => commit.unique.iter_mut().for_each(|claim| claim.keep = None),
            Fault::NamesAreFoldedToLowerCase => {
                let fold = |key: &mut UniqueKey| *key = UniqueKey::from_stored(key.as_str().to_lowercase());
                commit.unique.iter_mut().for_each(|claim| fold(&mut claim.key));
                commit.release.iter_mut().for_each(|(key, _)| fold(key));
            }
            Fault::TheLastOfTwinClaimsWins => {
                let claims = std::mem::take(&mut commit.unique);
                for (index, claim) in claims.iter().enumerate() {
                    if claims[index + 1..].iter().all(|later| later.key != claim.key) {
                        commit.unique.push(claim.clone());
                    }
                }
            }
            Fault::ForeignReleasesAreSkipped => {
                let keys = commit.release.iter().map(|(key, _)| key.clone()).collect();
                let held = self.inner.snapshot(commit.workspace, &Want { keys, ..Want::default() }).await?;
                commit.release.retain(|(key, owner)| held.owner(key) == Some(owner));
            }
            Fault::TicketsAreRenumbered => {
                for write in &mut commit.writes {
                    if let Write::Ticket(ticket) = write {
                        *write = Write::OpenTicket(ticket.clone());
                    }
                }
            }
            Fault::TimesAreCutToMilliseconds => {
                for write in &mut commit.writes {
                    if let Write::Conversation(conversation) = write {
                        let conversation = Arc::make_mut(conversation);
                        conversation.created_at = conversation.created_at.trunc_subsecs(3);
                    }
                }
            }
            Fault::EmptyTextsBecomeNone => {
                for write in &mut commit.writes {
                    if let Write::Contact(contact) = write {
                        contact.name = contact.name.take().filter(|name| !name.is_empty());
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn note_committed(&self, commit: &Commit) {
        let mut journal = self.journal();
        journal.committed.insert(commit.id, commit.result.clone());
        for write in &commit.writes {
            if let Write::Conversation(_) = write {
                *journal.conversations_written.entry(commit.workspace).or_default() += 1;
            }
        }
        for fence in &commit.finished {
            journal.leased.remove(&(commit.workspace, fence.lane.clone()));
        }
        for operation in &commit.jobs {
            if let JobOp::Cancel(lane) = operation
                && let Some(leased) = journal.leased.remove(&(commit.workspace, lane.clone()))
            {
                journal.voided.push(leased.fence);
            }
        }
    }

    pub(super) async fn broken_settle(&self, workspace: WorkspaceId, commit: CommitId) -> Result<Settled, StoreError> {
        if self.is(Fault::SettlingDoesNotStick) && !self.journal().committed.contains_key(&commit) {
            return Ok(Settled::Refused);
        }
        self.inner.settle(workspace, commit).await
    }
}
