//! What cases have in common: a workspace to work in, and short ways to commit, push and lease.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::StoreFixture;
use crate::id::{CommitId, ContactId, ConversationId, JobId, TurnNumber, Version};
use crate::model::{Contact, Conversation, Entry};
use crate::store::{
    Claim, Commit, Committed, Guard, JobOp, Key, Lane, Leased, NewJob, Outcome, Owner, Store, UniqueKey, Want, Work, Write,
};
use crate::testing::samples::{self, SampleWorkspace};

/// How long cases lease jobs for.
pub(super) const MINUTE: Duration = Duration::from_mins(1);

/// A workspace of its own, and a store to keep it in.
pub(super) struct Scene<'a> {
    pub(super) fixture: &'a StoreFixture,
    pub(super) workspace: SampleWorkspace,
}

impl<'a> Scene<'a> {
    /// A workspace of which nothing is stored yet.
    pub(super) fn new(fixture: &'a StoreFixture) -> Self {
        Self { fixture, workspace: SampleWorkspace::new(&fixture.ids) }
    }

    pub(super) fn store(&self) -> &dyn Store {
        &*self.fixture.store
    }

    /// A commit that changes nothing yet.
    pub(super) fn draft(&self) -> Commit {
        Commit::new(CommitId::generate(&self.fixture.ids), self.workspace.id)
    }

    /// A commit of these writes.
    pub(super) fn writing(&self, writes: impl IntoIterator<Item = Write>) -> Commit {
        Commit { writes: writes.into_iter().collect(), ..self.draft() }
    }

    pub(super) async fn commit(&self, commit: Commit) -> Outcome {
        self.store().commit(commit).await.unwrap()
    }

    /// Commits writes that nothing speaks against.
    pub(super) async fn put(&self, writes: impl IntoIterator<Item = Write>) -> Committed {
        done(self.commit(self.writing(writes)).await)
    }

    /// A contact that is not stored yet.
    pub(super) fn contact(&self) -> Contact {
        samples::contact(&self.fixture.ids)
    }

    /// A conversation that is not stored yet, of a contact that is not either.
    pub(super) fn conversation(&self) -> Conversation {
        self.workspace.conversation(&self.fixture.ids, &self.contact())
    }

    /// The conversation as it is stored.
    pub(super) async fn stored(&self, id: ConversationId) -> Option<Conversation> {
        self.store().conversations(self.workspace.id, &[id]).await.unwrap().pop()
    }

    /// A job for the lane of this name that is due at once.
    pub(super) fn job(&self, lane: &str) -> NewJob {
        let work = Work::Answer { conversation: ConversationId::generate(&self.fixture.ids), turn: TurnNumber(1) };
        NewJob { id: JobId::generate(&self.fixture.ids), lane: Lane::named(lane), work, delay: Duration::ZERO }
    }

    /// Commits job operations.
    pub(super) async fn operate(&self, jobs: impl IntoIterator<Item = JobOp>) {
        done(self.commit(Commit { jobs: jobs.into_iter().collect(), ..self.draft() }).await);
    }

    /// Pushes a job that is due at once.
    pub(super) async fn push(&self, lane: &str) -> JobId {
        let job = self.job(lane);
        let id = job.id;
        self.operate([JobOp::Push(job)]).await;
        id
    }

    /// Leases all jobs that can be had, for a minute.
    pub(super) async fn lease(&self) -> Vec<Leased> {
        self.store().lease(100, MINUTE).await.unwrap()
    }

    /// Leases the one job that can be had, for a minute.
    pub(super) async fn lease_one(&self) -> Leased {
        let mut leased = self.lease().await;
        assert_eq!(leased.len(), 1, "one job can be leased: {leased:?}");
        leased.remove(0)
    }

    /// Commits the result of a job.
    pub(super) async fn finish(&self, leased: &Leased) -> Outcome {
        self.commit(Commit { finished: vec![leased.fence.clone()], ..self.draft() }).await
    }

    /// Takes a name until it is released.
    pub(super) async fn take(&self, key: &UniqueKey, owner: &Owner) -> Outcome {
        self.take_for(key, owner, None).await
    }

    /// Takes a name for some time.
    pub(super) async fn take_for(&self, key: &UniqueKey, owner: &Owner, keep: Option<Duration>) -> Outcome {
        let claim = Claim { key: key.clone(), owner: owner.clone(), keep };
        self.commit(Commit { unique: vec![claim], ..self.draft() }).await
    }

    /// Gives a name up.
    pub(super) async fn release(&self, key: &UniqueKey, owner: &Owner) -> Outcome {
        self.commit(Commit { release: vec![(key.clone(), owner.clone())], ..self.draft() }).await
    }

    /// Who holds a name.
    pub(super) async fn owner(&self, key: &UniqueKey) -> Option<Owner> {
        let want = Want { keys: vec![key.clone()], ..Want::default() };
        self.store().snapshot(self.workspace.id, &want).await.unwrap().owner(key).cloned()
    }
}

/// What a commit drew that nothing spoke against.
#[track_caller]
pub(super) fn done(outcome: Outcome) -> Committed {
    match outcome {
        Outcome::Committed(committed) => committed,
        refused => panic!("nothing speaks against this commit, yet it was answered {refused:?}"),
    }
}

pub(super) fn conversation(conversation: &Conversation) -> Write {
    Write::Conversation(Arc::new(conversation.clone()))
}

pub(super) fn contact(contact: &Contact) -> Write {
    Write::Contact(Box::new(contact.clone()))
}

pub(super) fn entry(conversation: ConversationId, entry: &Entry) -> Write {
    Write::Entry { conversation, entry: Arc::new(entry.clone()) }
}

/// The condition that this conversation stands at this version.
pub(super) fn guard(conversation: ConversationId, version: u64) -> Guard {
    Guard { key: Key::Conversation(conversation), version: Version(version) }
}

/// A name of no particular meaning.
pub(super) fn name(name: &str) -> UniqueKey {
    UniqueKey::from_stored(name.to_owned())
}

/// An owner of no particular meaning.
pub(super) fn owner(owner: &'static str) -> Owner {
    Owner(Bytes::from_static(owner.as_bytes()))
}

/// The name of a contact's open conversation in the sample workspace's stead.
pub(super) fn open_ticket_of(contact: ContactId) -> UniqueKey {
    UniqueKey::open_ticket(contact)
}
