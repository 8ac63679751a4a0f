//! Workspaces: nothing of one is read or written with the ids of another, not even with the same ids.

use std::collections::BTreeSet;

use bytes::Bytes;

use super::StoreFixture;
use super::scene::{self, MINUTE, Scene, done, name, open_ticket_of, owner};
use super::timeline::mixed;
use crate::id::{AuditId, ChangeNumber, Seq, TicketNumber, Version};
use crate::model::{Audience, Audit, AuditActor, RecordKey, RecordKind, Ticket, TicketLink};
use crate::store::{
    ChangeCursor, ChangedAfter, Changes, Claim, Commit, JobOp, Lane, Outcome, Owner, QueueQuery, QueueView, Settled, Snapshot, TicketRef,
    TimelineRange, ViewCounts, Want, Write,
};
use crate::testing::samples;

/// Every read with another workspace's id finds nothing, whatever other ids it is given.
pub async fn nothing_is_read_across_workspaces(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    done(scene.commit(scene.workspace.founding(&fixture.ids)).await);
    let (id, _) = mixed(&scene).await;
    let conversation = scene.stored(id).await.unwrap();
    let contact = scene.contact();
    let ticket = samples::ticket(&fixture.ids, &conversation);
    let audit = Audit {
        id: AuditId::generate(&fixture.ids),
        at: samples::moment(0),
        actor: AuditActor::System,
        action: "action".to_owned(),
        subject: "subject".to_owned(),
        detail: serde_json::Value::Null,
    };
    let mut commit = scene.writing([scene::contact(&contact), Write::OpenTicket(Box::new(ticket.clone())), Write::Audit(Box::new(audit))]);
    commit.unique.push(Claim { key: open_ticket_of(contact.id), owner: Owner::id(ticket.id.as_uuid()), keep: None });
    let number = done(scene.commit(commit).await).tickets[0].1;

    let stranger = Scene::new(fixture);
    // A workspace that nobody ever heard of, then one that has something of its own.
    for _ in 0..2 {
        let (store, workspace) = (stranger.store(), stranger.workspace.id);
        assert_eq!(store.conversations(workspace, &[id]).await.unwrap(), []);
        assert_eq!(store.contacts(workspace, &[contact.id, conversation.contact]).await.unwrap(), []);
        assert_eq!(store.tickets(workspace, &[TicketRef::Id(ticket.id), TicketRef::Number(number)]).await.unwrap(), []);
        assert_eq!(store.record(workspace, RecordKey::SETTINGS).await.unwrap(), None);
        assert_eq!(store.records(workspace, RecordKind::Operator, None, 100).await.unwrap(), []);
        assert_eq!(store.audit(workspace, None, 100).await.unwrap(), []);
        assert_eq!(store.changed(workspace, id, ChangedAfter::default(), Audience::Team, 100).await.unwrap(), None);
        for range in [TimelineRange::After(Seq::ZERO), TimelineRange::Before(Seq(100))] {
            assert_eq!(store.timeline(workspace, id, range, Audience::Team, 100).await.unwrap(), []);
        }
        let queue = store.queue(workspace, &QueueQuery::of(scene.workspace.owner.id, QueueView::All)).await.unwrap();
        assert!(queue.items.iter().all(|row| row.conversation.id != id));
        assert_eq!(store.conversations_of(workspace, conversation.contact, None, 100).await.unwrap().items, []);
        let want = Want {
            conversation: Some(id),
            contact: Some(contact.id),
            records: vec![RecordKey::WORKSPACE],
            keys: vec![open_ticket_of(contact.id)],
            count_after: Some(Seq::ZERO),
        };
        assert_eq!(store.snapshot(workspace, &want).await.unwrap(), Snapshot::default());
        let counts = store.counts(workspace, scene.workspace.owner.id).await.unwrap();
        assert!(counts == ViewCounts::default() || counts.all == 1);
        match store.changes(workspace, None, 100).await.unwrap() {
            Changes::Some { cursor, .. } => {
                let start = ChangeCursor::start(cursor.incarnation);
                let Changes::Some { changes, .. } = store.changes(workspace, Some(start), 100).await.unwrap() else {
                    panic!("the cursor is of this store")
                };
                assert!(changes.len() <= 1, "another workspace's changes were told: {changes:?}");
            }
            Changes::Resync(_) => panic!("who has no cursor has nothing to start afresh"),
        }
        stranger.put([scene::conversation(&stranger.conversation())]).await;
    }
}

/// Ids are led by the workspace: the same id is two things in two workspaces, and writing one leaves the other as it is.
pub async fn the_same_ids_are_other_things_elsewhere(fixture: &StoreFixture) {
    let (here, there) = (Scene::new(fixture), Scene::new(fixture));
    let contact = here.contact();
    let conversation = here.workspace.conversation(&fixture.ids, &contact);
    let ticket = samples::ticket(&fixture.ids, &conversation);
    let message = samples::contact_message(1, contact.id, "here");
    let mut stored: Vec<Ticket> = Vec::new();
    for (scene, text) in [(&here, "here"), (&there, "there")] {
        let mut contact = contact.clone();
        contact.name = Some(text.to_owned());
        let mut conversation = conversation.clone();
        conversation.labels = vec![text.to_owned()];
        conversation.ticket = Some(TicketLink { id: ticket.id, status: ticket.status, assignee: None });
        let mut ticket = ticket.clone();
        ticket.subject = text.to_owned();
        let mut entry = message.clone();
        if let crate::model::Body::Message(message) = &mut entry.body {
            message.text = text.to_owned();
        }
        let mut commit = scene.writing([
            scene::contact(&contact),
            scene::conversation(&conversation),
            scene::entry(conversation.id, &entry),
            Write::OpenTicket(Box::new(ticket.clone())),
        ]);
        commit.guards.push(scene::guard(conversation.id, 0));
        ticket.number = done(scene.commit(commit).await).tickets[0].1;
        stored.push(ticket);
    }
    for (scene, text, ticket) in [(&here, "here", &stored[0]), (&there, "there", &stored[1])] {
        let (store, workspace) = (scene.store(), scene.workspace.id);
        assert_eq!(scene.stored(conversation.id).await.unwrap().labels, [text]);
        assert_eq!(store.contacts(workspace, &[contact.id]).await.unwrap()[0].name.as_deref(), Some(text));
        let queue = store.queue(workspace, &QueueQuery::of(scene.workspace.owner.id, QueueView::All)).await.unwrap().items;
        assert_eq!(queue[0].conversation.labels, [text]);
        assert_eq!(queue[0].contact.as_ref().unwrap().name.as_deref(), Some(text));
        assert_eq!(queue[0].ticket.as_deref(), Some(ticket));
        assert_eq!(store.tickets(workspace, &[TicketRef::Id(ticket.id)]).await.unwrap(), std::slice::from_ref(ticket));
        assert_eq!(store.tickets(workspace, &[TicketRef::Number(ticket.number)]).await.unwrap(), std::slice::from_ref(ticket));
        let entries = store.timeline(workspace, conversation.id, TimelineRange::After(Seq::ZERO), Audience::Team, 10).await.unwrap();
        assert_eq!(entries.len(), 1);
        assert!(format!("{:?}", entries[0].body).contains(&format!("{text:?}")));
        assert_eq!(store.counts(workspace, scene.workspace.owner.id).await.unwrap().all, 1);
    }

    // A version is of one workspace too.
    let mut changed = conversation.clone();
    changed.version = Version(2);
    here.put([scene::conversation(&changed)]).await;
    let mut commit = there.draft();
    commit.guards.push(scene::guard(conversation.id, 1));
    done(there.commit(commit).await);

    // So is a record, and its removal.
    let records = here.workspace.records();
    for scene in [&here, &there] {
        scene.put(records.iter().map(|record| Write::Record(Box::new(record.clone())))).await;
    }
    there.put([Write::DeleteRecord(RecordKey::SETTINGS)]).await;
    assert!(here.store().record(here.workspace.id, RecordKey::SETTINGS).await.unwrap().is_some());
    assert!(there.store().record(there.workspace.id, RecordKey::SETTINGS).await.unwrap().is_none());
}

/// A name may be held in each workspace, and an id committed in each.
pub async fn names_and_commit_ids_belong_to_a_workspace(fixture: &StoreFixture) {
    let (here, there) = (Scene::new(fixture), Scene::new(fixture));
    let key = name("name");
    done(here.take(&key, &owner("first")).await);
    done(there.take(&key, &owner("second")).await);
    assert_eq!((here.owner(&key).await, there.owner(&key).await), (Some(owner("first")), Some(owner("second"))));
    done(there.release(&key, &owner("second")).await);
    assert_eq!((here.owner(&key).await, there.owner(&key).await), (Some(owner("first")), None));

    let mut commit = here.draft();
    commit.result = Bytes::from_static(b"here");
    done(here.commit(commit.clone()).await);
    let store = fixture.store.clone();
    let elsewhere = Commit { workspace: there.workspace.id, result: Bytes::from_static(b"there"), ..commit.clone() };
    done(there.commit(elsewhere.clone()).await);
    assert_eq!(here.commit(commit.clone()).await, Outcome::Already(Bytes::from_static(b"here")));
    assert_eq!(there.commit(elsewhere).await, Outcome::Already(Bytes::from_static(b"there")));
    assert_eq!(store.settle(here.workspace.id, commit.id).await.unwrap(), Settled::Committed(Bytes::from_static(b"here")));

    let fresh = here.draft();
    assert_eq!(store.settle(there.workspace.id, fresh.id).await.unwrap(), Settled::Refused);
    done(here.commit(fresh).await);
}

/// Lanes of the same name are two in two workspaces; leasing spans them all.
pub async fn lanes_belong_to_a_workspace(fixture: &StoreFixture) {
    let (here, there) = (Scene::new(fixture), Scene::new(fixture));
    let first = here.push("lane").await;
    let second = there.push("lane").await;
    let leased = here.lease().await;
    let jobs: BTreeSet<_> = leased.iter().map(|job| (job.workspace, job.fence.job)).collect();
    assert_eq!(jobs, BTreeSet::from([(here.workspace.id, first), (there.workspace.id, second)]));

    let theirs = leased.iter().find(|job| job.workspace == there.workspace.id).unwrap();
    assert_eq!(here.finish(theirs).await, Outcome::LeaseLost);
    assert!(!here.store().extend(here.workspace.id, &theirs.fence, MINUTE).await.unwrap());
    here.operate([JobOp::Cancel(Lane::named("lane")), JobOp::Arm(here.job("lane"))]).await;
    done(there.finish(theirs).await);
    assert_eq!(here.lease().await.len(), 1);
}

/// Tickets and changes are counted in each workspace from 1.
pub async fn numbers_are_counted_by_workspace(fixture: &StoreFixture) {
    for _ in 0..2 {
        let scene = Scene::new(fixture);
        let conversation = scene.conversation();
        let open = Write::OpenTicket(Box::new(samples::ticket(&fixture.ids, &conversation)));
        let committed = scene.put([open]).await;
        assert_eq!((committed.tickets[0].1, committed.change), (TicketNumber(1), Some(ChangeNumber(1))));
    }
}
