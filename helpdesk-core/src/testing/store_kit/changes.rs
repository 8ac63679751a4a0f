//! The workspace's changes: in the order in which they became visible, so that who follows them misses none.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::StoreFixture;
use super::scene::{self, Scene, done};
use crate::id::{ChangeNumber, IdGen as _, Version, WorkspaceId};
use crate::model::{Record, RecordBody, RecordKey};
use crate::store::{Change, ChangeCursor, Changes, Key, Store, Write};
use crate::testing::samples;

/// Where the changes stand now.
async fn now(scene: &Scene<'_>) -> ChangeCursor {
    match scene.store().changes(scene.workspace.id, None, 100).await.unwrap() {
        Changes::Some { changes, cursor } => {
            assert_eq!(changes, [], "who has no cursor is told only where the changes stand");
            cursor
        }
        Changes::Resync(_) => panic!("who has no cursor has nothing to start afresh"),
    }
}

/// A page behind a cursor, in order and within its limit.
async fn page(store: &dyn Store, workspace: WorkspaceId, cursor: ChangeCursor, limit: u32) -> (Vec<Change>, ChangeCursor) {
    match store.changes(workspace, Some(cursor), limit).await.unwrap() {
        Changes::Some { changes, cursor: next } => {
            assert!(changes.len() <= limit as usize, "more changes than asked for");
            let mut known = cursor.number;
            for change in &changes {
                assert!(change.number > known, "changes come in order and behind the cursor: {changes:?}");
                known = change.number;
            }
            assert!(next.number >= known, "the cursor is behind what it came with");
            assert_eq!(next.incarnation, cursor.incarnation);
            (changes, next)
        }
        Changes::Resync(_) => panic!("a cursor of this store is good"),
    }
}

/// All changes behind a cursor, in pages, and the cursor behind them.
async fn follow(scene: &Scene<'_>, mut cursor: ChangeCursor, limit: u32) -> (Vec<Change>, ChangeCursor) {
    let mut all = Vec::new();
    loop {
        let (changes, next) = page(scene.store(), scene.workspace.id, cursor, limit).await;
        cursor = next;
        if changes.is_empty() {
            return (all, cursor);
        }
        all.extend(changes);
    }
}

fn told(changes: &[Change]) -> Vec<(Key, Version)> {
    changes.iter().map(|change| (change.key, change.version)).collect()
}

/// Changes come in the order of the commits, and within one in that of its writes; what has no version is no change.
pub async fn changes_are_told_in_order(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let start = now(&scene).await;
    assert_eq!(start.number, ChangeNumber::ZERO);
    assert_eq!(follow(&scene, start, 10).await, (Vec::new(), start));

    let contact = scene.contact();
    let conversation = scene.workspace.conversation(&fixture.ids, &contact);
    let ticket = samples::ticket(&fixture.ids, &conversation);
    let settings = Record { version: Version(1), body: RecordBody::Settings(Box::new(scene.workspace.settings.clone())) };
    scene.put([Write::Record(Box::new(settings))]).await;
    let message = samples::contact_message(1, contact.id, "hello");
    scene.put([scene::contact(&contact), scene::entry(conversation.id, &message), scene::conversation(&conversation)]).await;
    scene.put([scene::entry(conversation.id, &message)]).await;
    scene.put([Write::OpenTicket(Box::new(ticket.clone()))]).await;

    let keys = [Key::Record(RecordKey::SETTINGS), Key::Contact(contact.id), Key::Conversation(conversation.id), Key::Ticket(ticket.id)];
    let (changes, cursor) = follow(&scene, start, 10).await;
    assert_eq!(told(&changes), keys.map(|key| (key, Version(1))));
    assert_eq!(cursor, now(&scene).await);
}

/// A cursor is behind what came with it: asking on gives what is left, in pages of any size, and new changes when there are.
pub async fn a_cursor_goes_on_where_it_stands(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let start = now(&scene).await;
    let conversations: Vec<_> = (0..10).map(|_| scene.conversation()).collect();
    for some in conversations.chunks(3) {
        scene.put(some.iter().map(scene::conversation)).await;
    }
    let (whole, end) = follow(&scene, start, 100).await;
    assert_eq!(whole.len(), 10);
    for limit in 1..12 {
        assert_eq!(follow(&scene, start, limit).await, (whole.clone(), end), "pages by {limit}");
    }
    for (index, change) in whole.iter().enumerate() {
        let cursor = ChangeCursor { number: change.number, ..start };
        assert_eq!(follow(&scene, cursor, 100).await.0, whole[index + 1..]);
    }
    let late = scene.conversation();
    scene.put([scene::conversation(&late)]).await;
    assert_eq!(told(&follow(&scene, end, 100).await.0), [(Key::Conversation(late.id), Version(1))]);
    assert_eq!(follow(&scene, now(&scene).await, 100).await.0, []);
}

/// Of something that changed often the last version is told for certain, at the place where it changed last.
pub async fn the_last_version_of_everything_is_told(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let start = now(&scene).await;
    let mut conversations: Vec<_> = (0..5).map(|_| scene.conversation()).collect();
    scene.put(conversations.iter().map(scene::conversation)).await;
    let middle = follow(&scene, start, 100).await.1;
    for (version, index) in [(2, 3), (3, 1), (4, 3), (5, 0)] {
        conversations[index].version = Version(version);
        scene.put([scene::conversation(&conversations[index])]).await;
    }
    for cursor in [start, middle] {
        let mut last = BTreeMap::new();
        for change in follow(&scene, cursor, 2).await.0 {
            last.insert(change.key, (change.number, change.version));
        }
        let mut order: Vec<_> = last.iter().map(|(key, (number, version))| (*number, *key, *version)).collect();
        order.sort_unstable();
        let changed = |indices: &[usize]| {
            indices.iter().map(|index| (Key::Conversation(conversations[*index].id), conversations[*index].version)).collect::<Vec<_>>()
        };
        let expected = if cursor == start { changed(&[2, 4, 1, 3, 0]) } else { changed(&[1, 3, 0]) };
        assert_eq!(order.into_iter().map(|(_, key, version)| (key, version)).collect::<Vec<_>>(), expected);
    }
    // Written twice in one commit it changed once, to the last.
    let before = now(&scene).await;
    let mut twice = Vec::new();
    for version in [6, 7] {
        conversations[4].version = Version(version);
        twice.push(scene::conversation(&conversations[4]));
    }
    scene.put(twice).await;
    let changes = follow(&scene, before, 100).await.0;
    assert_eq!(told(&changes).last(), Some(&(Key::Conversation(conversations[4].id), Version(7))));
}

/// What was removed is told with version zero.
pub async fn a_removal_is_told(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let settings = Record { version: Version(1), body: RecordBody::Settings(Box::new(scene.workspace.settings.clone())) };
    scene.put([Write::Record(Box::new(settings))]).await;
    let before = now(&scene).await;
    scene.put([Write::DeleteRecord(RecordKey::SETTINGS)]).await;
    assert_eq!(told(&follow(&scene, before, 100).await.0), [(Key::Record(RecordKey::SETTINGS), Version::ZERO)]);
}

/// The number that a commit comes back with is that of its last change.
pub async fn a_commit_knows_its_last_change(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let start = now(&scene).await;
    let (first, second) = (scene.conversation(), scene.conversation());
    let committed = scene.put([scene::conversation(&first), scene::conversation(&second)]).await;
    let changes = follow(&scene, start, 100).await.0;
    assert_eq!(changes.iter().map(|change| change.key).collect::<Vec<_>>(), [Key::Conversation(first.id), Key::Conversation(second.id)]);
    assert_eq!(committed.change, changes.last().map(|change| change.number));
    assert_eq!(committed.change, Some(now(&scene).await.number));
    let message = samples::contact_message(1, first.contact, "hello");
    assert_eq!(scene.put([scene::entry(first.id, &message)]).await.change, None);
    assert_eq!(scene.put([]).await.change, None);
}

/// A cursor of another store, or of another life of this one, is worth nothing; who holds it is told where to go on.
pub async fn a_foreign_cursor_is_told_to_start_afresh(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let conversation = scene.conversation();
    scene.put([scene::conversation(&conversation)]).await;
    let good = now(&scene).await;
    for (incarnation, number) in [(fixture.ids.next(), good.number), (Uuid::nil(), ChangeNumber::ZERO), (Uuid::max(), ChangeNumber(1_000))]
    {
        let foreign = ChangeCursor { incarnation, number };
        assert_eq!(scene.store().changes(scene.workspace.id, Some(foreign), 100).await.unwrap(), Changes::Resync(good));
    }
    assert_eq!(follow(&scene, ChangeCursor::start(good.incarnation), 100).await.0.len(), 1);
}

/// While many commit at once, who follows the changes sees the last version of everything, and never has to look back:
/// numbers become visible in their order.
pub async fn nobody_who_follows_misses_a_change(fixture: &StoreFixture) {
    const WRITERS: usize = 8;
    const VERSIONS: u64 = 40;
    let scene = Scene::new(fixture);
    let workspace = scene.workspace.id;
    let start = now(&scene).await;
    let mut writers = Vec::new();
    let mut expected: BTreeMap<Key, Version> = BTreeMap::new();
    for _ in 0..WRITERS {
        let mut pair = [scene.conversation(), scene.conversation()];
        let mut commits = Vec::new();
        for version in 1..=VERSIONS {
            for conversation in &mut pair {
                conversation.version = Version(version);
            }
            commits.push(scene.writing(pair.iter().map(scene::conversation)));
        }
        expected.extend(pair.iter().map(|conversation| (Key::Conversation(conversation.id), conversation.version)));
        let store = fixture.store.clone();
        writers.push(tokio::spawn(async move {
            for commit in commits {
                let committed = done(store.commit(commit).await.unwrap());
                assert!(committed.change.is_some());
                tokio::task::yield_now().await;
            }
        }));
    }
    let mut seen: BTreeMap<Key, Version> = BTreeMap::new();
    let mut cursor = start;
    let mut finished = false;
    loop {
        let (changes, next) = page(&*fixture.store, workspace, cursor, 5).await;
        cursor = next;
        if changes.is_empty() && finished {
            break;
        }
        for change in changes {
            let before = seen.insert(change.key, change.version).unwrap_or_default();
            assert!(before < change.version, "{:?} went from {before} to {}", change.key, change.version);
        }
        // Asked before the next page is read: what was committed by then is in it.
        finished = writers.iter().all(tokio::task::JoinHandle::is_finished);
        tokio::task::yield_now().await;
    }
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(seen, expected, "changes were missed");
}
