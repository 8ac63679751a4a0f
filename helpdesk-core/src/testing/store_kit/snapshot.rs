//! The snapshot: all that a command needs, of one moment.

use super::StoreFixture;
use super::scene::{self, MINUTE, Scene, done, name, open_ticket_of, owner};
use super::timeline::mixed;
use crate::id::{Seq, TicketNumber, Version};
use crate::model::{RecordKey, RecordKind, Ticket, TicketLink};
use crate::store::{Claim, Owner, Snapshot, Want, Write};
use crate::testing::samples;

async fn snapshot(scene: &Scene<'_>, want: Want) -> Snapshot {
    scene.store().snapshot(scene.workspace.id, &want).await.unwrap()
}

/// Links a new ticket to a conversation of a new contact, holds the contact's slot with another, and stores it all.
pub(super) async fn case(scene: &Scene<'_>) -> (crate::model::Contact, crate::model::Conversation, Ticket, Ticket) {
    let ids = &scene.fixture.ids;
    let contact = scene.contact();
    let mut conversation = scene.workspace.conversation(ids, &contact);
    let mut linked = samples::ticket(ids, &conversation);
    let mut open = samples::ticket(ids, &scene.workspace.conversation(ids, &contact));
    conversation.ticket = Some(TicketLink { id: linked.id, status: linked.status, assignee: None });
    let mut commit = scene.writing([
        scene::contact(&contact),
        scene::conversation(&conversation),
        Write::OpenTicket(Box::new(linked.clone())),
        Write::OpenTicket(Box::new(open.clone())),
    ]);
    commit.unique.push(Claim { key: open_ticket_of(contact.id), owner: Owner::id(open.id.as_uuid()), keep: None });
    let numbers = done(scene.commit(commit).await).tickets;
    let number = |ticket: &Ticket| numbers.iter().find(|(id, _)| *id == ticket.id).map_or(TicketNumber::ZERO, |(_, number)| *number);
    linked.number = number(&linked);
    open.number = number(&open);
    (contact, conversation, linked, open)
}

/// A conversation brings its contact, its ticket, the contact's open ticket, its assistant and the settings.
pub async fn a_snapshot_has_all_that_belongs_to_a_conversation(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    done(scene.commit(scene.workspace.founding(&fixture.ids)).await);
    let (contact, conversation, linked, open) = case(&scene).await;
    let found = snapshot(&scene, Want { conversation: Some(conversation.id), ..Want::default() }).await;
    assert_eq!(found.conversation.as_deref(), Some(&conversation));
    assert_eq!(found.contact, Some(contact));
    assert_eq!(found.ticket, Some(linked));
    assert_eq!(found.open_ticket, Some(open));
    assert_eq!(found.settings(), scene.workspace.settings);
    assert_eq!(found.assistant(scene.workspace.assistant.id), Some(&scene.workspace.assistant));
    assert_eq!(found.records.len(), 2, "nothing but settings and assistant was asked for");
    assert_eq!((found.owners, found.contact_messages_after, found.other_messages_after), (Vec::new(), 0, 0));
}

/// What is absent is left out, and nothing is an error.
pub async fn a_snapshot_of_nothing_is_empty(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    assert_eq!(snapshot(&scene, Want::default()).await, Snapshot::default());
    let absent = scene.conversation();
    let want = Want {
        conversation: Some(absent.id),
        contact: Some(absent.contact),
        records: vec![RecordKey::SETTINGS, RecordKey::new(RecordKind::Operator, scene.workspace.owner.id.as_uuid())],
        keys: vec![name("nobody's"), open_ticket_of(absent.contact)],
        count_after: Some(Seq(3)),
    };
    assert_eq!(snapshot(&scene, want).await, Snapshot::default());
}

/// A contact can be asked for alone; if a conversation is asked for beside it, the contact asked for is the one that comes.
pub async fn a_contact_comes_with_its_open_ticket(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (contact, conversation, linked, open) = case(&scene).await;
    let found = snapshot(&scene, Want { contact: Some(contact.id), ..Want::default() }).await;
    assert_eq!((found.conversation, found.ticket), (None, None));
    assert_eq!((found.contact, found.open_ticket), (Some(contact), Some(open)));

    let other = scene.contact();
    scene.put([scene::contact(&other)]).await;
    let want = Want { conversation: Some(conversation.id), contact: Some(other.id), ..Want::default() };
    let found = snapshot(&scene, want).await;
    assert_eq!((found.conversation.as_deref(), found.ticket), (Some(&conversation), Some(linked)));
    assert_eq!((found.contact, found.open_ticket), (Some(other), None));
}

/// Records come once each, however often and by whatever path they are asked for.
pub async fn records_come_once_and_the_settings_always(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    done(scene.commit(scene.workspace.founding(&fixture.ids)).await);
    let (_, conversation, ..) = case(&scene).await;
    let found = snapshot(&scene, Want::default()).await;
    assert_eq!(found.records.len(), 1);
    assert_eq!(found.settings(), scene.workspace.settings);

    let owner = RecordKey::new(RecordKind::Operator, scene.workspace.owner.id.as_uuid());
    let assistant = RecordKey::new(RecordKind::Assistant, scene.workspace.assistant.id.as_uuid());
    let records = vec![owner, RecordKey::SETTINGS, assistant, owner, RecordKey::WORKSPACE];
    let mut found = snapshot(&scene, Want { conversation: Some(conversation.id), records, ..Want::default() }).await;
    found.records.sort_unstable_by_key(|record| record.body.key());
    let mut expected: Vec<_> = scene.workspace.records();
    expected.retain(|record| [owner, RecordKey::SETTINGS, assistant, RecordKey::WORKSPACE].contains(&record.body.key()));
    expected.sort_unstable_by_key(|record| record.body.key());
    assert_eq!(found.records, expected);
}

/// Of the names asked for those that are held now are told, with their owners.
pub async fn owners_are_told_while_they_hold_a_name(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (kept, short, free, other) = (name("kept"), name("short"), name("free"), name("other"));
    done(scene.take(&kept, &owner("first")).await);
    done(scene.take_for(&short, &owner("second"), Some(MINUTE)).await);
    done(scene.take(&other, &owner("third")).await);
    let want = Want { keys: vec![kept.clone(), short.clone(), free.clone()], ..Want::default() };
    let found = snapshot(&scene, want.clone()).await;
    assert_eq!(found.owners.len(), 2);
    assert_eq!((found.owner(&kept), found.owner(&short)), (Some(&owner("first")), Some(&owner("second"))));
    fixture.advance(MINUTE).await;
    assert_eq!(snapshot(&scene, want).await.owners, [(kept, owner("first"))]);
}

/// Messages are counted by whether the contact wrote them; notes, activities and what was erased are no messages.
pub async fn messages_are_counted_by_side(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (id, _) = mixed(&scene).await;
    let last = samples::contact_message(13, scene.contact().id, "one more");
    scene.put([scene::entry(id, &last)]).await;
    for (after, of_contact, of_others) in
        [(0, 2, 3), (1, 1, 3), (2, 1, 2), (5, 1, 2), (6, 1, 1), (8, 1, 0), (12, 1, 0), (13, 0, 0), (99, 0, 0)]
    {
        let want = Want { conversation: Some(id), count_after: Some(Seq(after)), ..Want::default() };
        let found = snapshot(&scene, want).await;
        assert_eq!((found.contact_messages_after, found.other_messages_after), (of_contact, of_others), "above {after}");
    }
}

/// While somebody writes, the parts of a snapshot fit each other.
pub async fn a_snapshot_is_of_one_moment(fixture: &StoreFixture) {
    const WRITES: u64 = 150;
    let scene = Scene::new(fixture);
    let (mut contact, mut conversation, mut linked, _) = case(&scene).await;
    let want = Want { conversation: Some(conversation.id), keys: vec![name("version")], count_after: Some(Seq::ZERO), ..Want::default() };
    let mut commits = Vec::new();
    for version in 2..WRITES + 2 {
        conversation.version = Version(version);
        conversation.seq = Seq(version - 1);
        contact.version = Version(version);
        linked.version = Version(version);
        let entry = samples::contact_message(version - 1, contact.id, "more");
        let mut commit = scene.writing([
            scene::contact(&contact),
            scene::entry(conversation.id, &entry),
            Write::Ticket(Box::new(linked.clone())),
            scene::conversation(&conversation),
        ]);
        let version_as_owner = |version: u64| Owner(bytes::Bytes::copy_from_slice(&version.to_be_bytes()));
        commit.release.push((name("version"), version_as_owner(version - 1)));
        commit.unique.push(Claim { key: name("version"), owner: version_as_owner(version), keep: None });
        commits.push(commit);
    }
    let check = async || {
        let found = snapshot(&scene, want.clone()).await;
        let version = found.conversation.unwrap().version;
        assert_eq!(found.contact.unwrap().version, version, "contact and conversation are of two moments");
        assert_eq!(found.ticket.unwrap().version, version, "ticket and conversation are of two moments");
        assert_eq!(found.contact_messages_after + 1, version.0, "counts and conversation are of two moments");
        let named = found.owners.first().map_or(Version(1), |(_, owner)| Version(u64::from_be_bytes(owner.0[..].try_into().unwrap())));
        assert_eq!(named, version, "names and conversation are of two moments");
        version.0
    };
    // Before, during and after the writes, so that a reader who remembers too much is caught even if it comes late.
    assert_eq!(check().await, 1);
    let store = fixture.store.clone();
    let writing = tokio::spawn(async move {
        for commit in commits {
            done(store.commit(commit).await.unwrap());
            tokio::task::yield_now().await;
        }
    });
    while !writing.is_finished() {
        check().await;
    }
    writing.await.unwrap();
    assert_eq!(check().await, WRITES + 1);
}
