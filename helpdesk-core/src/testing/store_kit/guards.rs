//! Guards: what a commit was decided on must not have changed.

use super::StoreFixture;
use super::scene::{self, Scene, done, guard};
use crate::id::{ContactId, TicketId, Version};
use crate::model::{Record, RecordBody, RecordKey};
use crate::store::{Commit, Guard, Key, Outcome, Write};
use crate::testing::samples;

/// The second of two decisions on the same version loses, and learns the version now.
pub async fn a_guard_refuses_what_changed(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let mut conversation = scene.conversation();
    scene.put([scene::conversation(&conversation)]).await;

    conversation.version = Version(2);
    let mut first = scene.writing([scene::conversation(&conversation)]);
    first.guards.push(guard(conversation.id, 1));
    conversation.flagged = true;
    let mut second = scene.writing([scene::conversation(&conversation)]);
    second.guards.push(guard(conversation.id, 1));

    done(scene.commit(first).await);
    assert_eq!(scene.commit(second).await, Outcome::Conflict(vec![(Key::Conversation(conversation.id), Version(2))]));
    let stored = scene.stored(conversation.id).await.unwrap();
    assert!(!stored.flagged && stored.version == Version(2), "an update was lost");
}

/// Version zero means that the thing must not exist.
pub async fn a_guard_can_ask_for_absence(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let conversation = scene.conversation();
    let mut make = scene.writing([scene::conversation(&conversation)]);
    make.guards.push(guard(conversation.id, 0));
    done(scene.commit(make).await);

    let mut again = scene.draft();
    again.guards.push(guard(conversation.id, 0));
    assert_eq!(scene.commit(again).await, Outcome::Conflict(vec![(Key::Conversation(conversation.id), Version(1))]));
}

/// What does not exist has version zero, whatever kind of thing it is.
pub async fn a_guard_refuses_what_is_absent(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let keys = [
        Key::Conversation(scene.conversation().id),
        Key::Ticket(TicketId::generate(&fixture.ids)),
        Key::Contact(ContactId::generate(&fixture.ids)),
        Key::Record(RecordKey::SETTINGS),
    ];
    for key in keys {
        let commit = Commit { guards: vec![Guard { key, version: Version(1) }], ..scene.draft() };
        assert_eq!(scene.commit(commit).await, Outcome::Conflict(vec![(key, Version::ZERO)]));
    }
}

/// A guard on something that the commit only read counts like any other.
pub async fn a_guard_counts_though_nothing_is_written_to_it(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (read, written) = (scene.conversation(), scene.conversation());
    scene.put([scene::conversation(&read)]).await;

    let mut commit = scene.writing([scene::conversation(&written)]);
    commit.guards = vec![guard(written.id, 0), guard(read.id, 2)];
    assert_eq!(scene.commit(commit).await, Outcome::Conflict(vec![(Key::Conversation(read.id), Version(1))]));
    assert_eq!(scene.stored(written.id).await, None);
}

/// Of several things all that changed are named, and no other.
pub async fn every_changed_thing_is_named(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let contact = scene.contact();
    let conversation = scene.workspace.conversation(&fixture.ids, &contact);
    let ticket = samples::ticket(&fixture.ids, &conversation);
    let settings = Record { version: Version(1), body: RecordBody::Settings(Box::new(scene.workspace.settings.clone())) };
    scene
        .put([
            scene::contact(&contact),
            scene::conversation(&conversation),
            Write::OpenTicket(Box::new(ticket.clone())),
            Write::Record(Box::new(settings)),
        ])
        .await;

    let keys = [Key::Contact(contact.id), Key::Conversation(conversation.id), Key::Ticket(ticket.id), Key::Record(RecordKey::SETTINGS)];
    let all_as_read = Commit { guards: keys.map(|key| Guard { key, version: Version(1) }).to_vec(), ..scene.draft() };
    done(scene.commit(all_as_read).await);

    let mut commit = Commit { guards: keys.map(|key| Guard { key, version: Version(4) }).to_vec(), ..scene.draft() };
    commit.guards[2].version = Version(1);
    match scene.commit(commit).await {
        Outcome::Conflict(mut conflicts) => {
            conflicts.sort_unstable();
            let mut changed = [keys[0], keys[1], keys[3]].map(|key| (key, Version(1)));
            changed.sort_unstable();
            assert_eq!(conflicts, changed);
        }
        other => panic!("three things changed, yet the commit was answered {other:?}"),
    }
}

/// A record that was removed has version zero again.
pub async fn a_removed_record_counts_as_absent(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let record = Record { version: Version(1), body: RecordBody::Settings(Box::new(scene.workspace.settings.clone())) };
    scene.put([Write::Record(Box::new(record.clone()))]).await;
    scene.put([Write::DeleteRecord(RecordKey::SETTINGS)]).await;

    let key = Key::Record(RecordKey::SETTINGS);
    let stale = Commit { guards: vec![Guard { key, version: Version(1) }], ..scene.draft() };
    assert_eq!(scene.commit(stale).await, Outcome::Conflict(vec![(key, Version::ZERO)]));
    let mut make = scene.writing([Write::Record(Box::new(record))]);
    make.guards.push(Guard { key, version: Version::ZERO });
    done(scene.commit(make).await);
}

/// Stores do not count versions, they keep the value's own: one that covers several commands may skip some.
pub async fn the_written_version_is_the_one_that_counts(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let mut conversation = scene.conversation();
    for version in [3, 4, 9] {
        conversation.version = Version(version);
        scene.put([scene::conversation(&conversation)]).await;
        let commit = Commit { guards: vec![guard(conversation.id, version)], ..scene.draft() };
        done(scene.commit(commit).await);
        assert_eq!(scene.stored(conversation.id).await.unwrap().version, Version(version));
    }
}
