//! A commit is one thing: applied whole or not at all, and once.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::scene::{self, MINUTE, Scene, done, guard, name, owner};
use super::{StoreFixture, scene::open_ticket_of};
use crate::id::{AuditId, Seq, Version};
use crate::model::{Audience, Audit, AuditActor, Record, RecordBody, RecordKey, RecordKind};
use crate::store::{
    ChangedAfter, Claim, Commit, Fence, JobOp, Key, Lane, Outcome, Owner, QueueQuery, QueueView, Snapshot, TicketRef, TimelineRange, Want,
    Write,
};
use crate::testing::samples;

/// A commit that has something of everything: what it writes can be looked for by [`traces`].
fn full(scene: &Scene<'_>) -> Commit {
    let ids = &scene.fixture.ids;
    let contact = scene.contact();
    let mut conversation = scene.workspace.conversation(ids, &contact);
    conversation.seq = Seq(1);
    let ticket = samples::ticket(ids, &conversation);
    let message = samples::contact_message(1, contact.id, "hello");
    let assistant = Record { version: Version(1), body: RecordBody::Assistant(Box::new(scene.workspace.assistant.clone())) };
    let audit = Audit {
        id: AuditId::generate(ids),
        at: samples::moment(0),
        actor: AuditActor::System,
        action: "settings.updated".to_owned(),
        subject: "settings".to_owned(),
        detail: serde_json::json!({}),
    };
    let mut commit = scene.writing([
        Write::Contact(Box::new(contact.clone())),
        Write::Conversation(Arc::new(conversation.clone())),
        Write::Entry { conversation: conversation.id, entry: Arc::new(message) },
        Write::OpenTicket(Box::new(ticket.clone())),
        Write::Record(Box::new(assistant)),
        Write::ReadPointer { operator: scene.workspace.owner.id, conversation: conversation.id, seq: Seq(1) },
        Write::Audit(Box::new(audit)),
    ]);
    commit.unique.push(Claim { key: open_ticket_of(contact.id), owner: Owner::id(ticket.id.as_uuid()), keep: None });
    commit.jobs.push(JobOp::Push(scene.job("full")));
    commit
}

/// How much of a [`full`] commit can be seen, read in every way there is.
async fn traces(scene: &Scene<'_>, commit: &Commit) -> Vec<&'static str> {
    let mut seen = Vec::new();
    let mut look = |what: &'static str, there: bool| {
        if there {
            seen.push(what);
        }
    };
    let (store, workspace) = (scene.store(), scene.workspace.id);
    for write in &commit.writes {
        match write {
            Write::Conversation(conversation) => {
                look("conversation", scene.stored(conversation.id).await.is_some());
                let queue = store.queue(workspace, &QueueQuery::of(scene.workspace.owner.id, QueueView::All)).await.unwrap();
                look("queue", queue.items.iter().any(|row| row.conversation.id == conversation.id));
                let of_contact = store.conversations_of(workspace, conversation.contact, None, 10).await.unwrap();
                look("conversations of the contact", !of_contact.items.is_empty());
                let counts = store.counts(workspace, scene.workspace.owner.id).await.unwrap();
                look("counts", counts.all > 0);
                let want = Want { conversation: Some(conversation.id), ..Want::default() };
                let snapshot = store.snapshot(workspace, &want).await.unwrap();
                look("snapshot", snapshot != Snapshot::default());
            }
            Write::Entry { conversation, .. } => {
                let entries = store.timeline(workspace, *conversation, TimelineRange::After(Seq::ZERO), Audience::Team, 10).await.unwrap();
                look("timeline", !entries.is_empty());
                let changed = store.changed(workspace, *conversation, ChangedAfter::default(), Audience::Team, 10).await.unwrap();
                look("changed", changed.is_some_and(|changed| !changed.entries.is_empty()));
            }
            Write::OpenTicket(ticket) => {
                look("ticket", !store.tickets(workspace, &[TicketRef::Id(ticket.id)]).await.unwrap().is_empty());
                look("open ticket", scene.owner(&open_ticket_of(ticket.requester)).await.is_some());
            }
            Write::Contact(contact) => look("contact", !store.contacts(workspace, &[contact.id]).await.unwrap().is_empty()),
            Write::Record(record) => {
                let key: RecordKey = record.body.key();
                look("record", store.record(workspace, key).await.unwrap().is_some());
                look("records", !store.records(workspace, RecordKind::Assistant, None, 10).await.unwrap().is_empty());
            }
            Write::Audit(_) => look("audit", !store.audit(workspace, None, 10).await.unwrap().is_empty()),
            Write::Ticket(_) | Write::DeleteRecord(_) | Write::ReadPointer { .. } => {}
        }
    }
    look("job", store.next_due().await.unwrap().is_some());
    seen
}

/// All that a commit holds can be read once it was answered.
pub async fn everything_of_a_commit_is_applied(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let commit = full(&scene);
    let committed = done(scene.commit(commit.clone()).await);
    assert_eq!(committed.tickets.len(), 1);
    assert!(committed.change.is_some());
    let all = [
        "contact",
        "conversation",
        "queue",
        "conversations of the contact",
        "counts",
        "snapshot",
        "timeline",
        "changed",
        "ticket",
        "open ticket",
        "record",
        "records",
        "audit",
        "job",
    ];
    assert_eq!(traces(&scene, &commit).await, all);
}

/// Whatever speaks against a commit, nothing of it is to be seen, and it draws no change.
pub async fn a_refused_commit_leaves_no_trace(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let key = name("taken");
    done(scene.take(&key, &owner("somebody")).await);
    let before = scene.store().changes(scene.workspace.id, None, 10).await.unwrap();

    let mut conflict = full(&scene);
    // Last, so that a store that applies as it checks has applied everything by then.
    conflict.guards.push(guard(scene.conversation().id, 7));
    let mut taken = full(&scene);
    taken.unique.push(Claim { key: key.clone(), owner: owner("somebody else"), keep: None });
    let mut foreign_release = full(&scene);
    foreign_release.release.push((key, owner("somebody else")));
    let mut lost = full(&scene);
    let nothing = scene.job("nothing");
    lost.finished.push(Fence { lane: nothing.lane, job: nothing.id, token: crate::id::LeaseToken(1) });

    for refused in [conflict, taken, foreign_release, lost] {
        let outcome = scene.commit(refused.clone()).await;
        assert!(!matches!(outcome, Outcome::Committed(_)), "something speaks against this commit");
        assert_eq!(traces(&scene, &refused).await, [""; 0], "of a commit that was answered {outcome:?}");
        assert_eq!(scene.store().changes(scene.workspace.id, None, 10).await.unwrap(), before);
    }
}

/// The second attempt gets the result of the first and writes nothing, whatever it holds.
pub async fn an_id_is_committed_once(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let mut conversation = scene.conversation();
    let mut first = scene.writing([scene::conversation(&conversation)]);
    first.result = Bytes::from_static(b"the first outcome");
    done(scene.commit(first.clone()).await);

    assert_eq!(scene.commit(first.clone()).await, Outcome::Already(first.result.clone()));

    conversation.flagged = true;
    conversation.version = Version(2);
    let mut second = scene.writing([scene::conversation(&conversation)]);
    second.id = first.id;
    second.result = Bytes::from_static(b"another");
    second.jobs.push(JobOp::Push(scene.job("again")));
    assert_eq!(scene.commit(second).await, Outcome::Already(first.result));
    assert!(!scene.stored(conversation.id).await.unwrap().flagged, "a second attempt wrote something");
    assert_eq!(scene.lease().await, [], "a second attempt pushed a job");
}

/// An id is known even if its commit changed nothing.
pub async fn an_id_is_remembered_though_nothing_was_written(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let empty = scene.draft();
    let committed = done(scene.commit(empty.clone()).await);
    assert_eq!(committed, crate::store::Committed::default(), "nothing was drawn");
    assert_eq!(scene.commit(empty).await, Outcome::Already(Bytes::new()));
}

/// A refusal does not use the id up: the commands are decided again, and committed under the same id.
pub async fn a_refused_attempt_may_be_made_again(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let conversation = scene.conversation();
    let mut commit = scene.writing([scene::conversation(&conversation)]);
    commit.guards.push(guard(conversation.id, 3));
    let conflict = Outcome::Conflict(vec![(Key::Conversation(conversation.id), Version::ZERO)]);
    assert_eq!(scene.commit(commit.clone()).await, conflict);
    assert_eq!(scene.commit(commit.clone()).await, conflict);
    commit.guards = vec![guard(conversation.id, 0)];
    done(scene.commit(commit).await);
}

/// Known ids come first, then lost leases, taken names, conflicts.
pub async fn outcomes_are_judged_in_their_order(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let key = name("taken");
    done(scene.take(&key, &owner("somebody")).await);
    let (nothing, conversation) = (scene.job("nothing"), scene.conversation());

    let mut commit = scene.draft();
    commit.guards.push(guard(conversation.id, 7));
    assert_eq!(scene.commit(commit.clone()).await, Outcome::Conflict(vec![(Key::Conversation(conversation.id), Version::ZERO)]));

    commit.unique.push(Claim { key: key.clone(), owner: owner("somebody else"), keep: Some(MINUTE) });
    assert_eq!(scene.commit(commit.clone()).await, Outcome::Taken(vec![(key, owner("somebody"))]));

    commit.finished.push(Fence { lane: Lane::named("nothing"), job: nothing.id, token: crate::id::LeaseToken(1) });
    assert_eq!(scene.commit(commit.clone()).await, Outcome::LeaseLost);

    let known = scene.draft();
    done(scene.commit(known.clone()).await);
    commit.id = known.id;
    assert_eq!(scene.commit(commit).await, Outcome::Already(Bytes::new()));
}

/// Results are bytes: empty ones, long ones, and those that are no text.
pub async fn the_result_is_kept_byte_by_byte(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let long: Vec<u8> = (0..=u8::MAX).cycle().take(100_000).collect();
    for result in [Bytes::new(), Bytes::from_static(&[0, 255, 0, 39, 92]), Bytes::from(long)] {
        let commit = Commit { result: result.clone(), ..scene.draft() };
        done(scene.commit(commit.clone()).await);
        assert_eq!(scene.commit(commit).await, Outcome::Already(result));
    }
}

/// An attempt that comes back within a day finds its outcome.
pub async fn ids_are_kept_for_a_day(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let commit = Commit { result: Bytes::from_static(b"kept"), ..scene.draft() };
    done(scene.commit(commit.clone()).await);
    fixture.advance(Duration::from_hours(24) - MINUTE).await;
    // Something else happens, which may make a store clean up.
    done(scene.commit(scene.draft()).await);
    assert_eq!(scene.commit(commit).await, Outcome::Already(Bytes::from_static(b"kept")));
}
