//! What changed in a conversation behind a version: how live clients catch up and miss nothing.

use std::collections::BTreeMap;

use super::StoreFixture;
use super::scene::{self, Scene};
use super::timeline::mixed;
use crate::id::{ConversationId, Seq, Version};
use crate::model::{Audience, Body, Entry};
use crate::store::{Changed, ChangedAfter};
use crate::testing::samples;

async fn changed(scene: &Scene<'_>, id: ConversationId, after: ChangedAfter, audience: Audience, limit: u32) -> Changed {
    scene.store().changed(scene.workspace.id, id, after, audience, limit).await.unwrap().expect("the conversation exists")
}

fn behind(version: u64) -> ChangedAfter {
    ChangedAfter { version: Version(version), seq: Seq::ZERO }
}

fn places(entries: &[Entry]) -> Vec<(u64, u64)> {
    entries.iter().map(|entry| (entry.rev.0, entry.seq.0)).collect()
}

/// Rewrites some of the entries of [`mixed`]: version 13 touches 10, 1 and 5, version 14 touches 2, version 15 adds 13 and 14.
async fn rewrite(scene: &Scene<'_>, id: ConversationId, entries: &mut Vec<Entry>) {
    let operator = &scene.workspace.operators[1];
    entries.extend([samples::operator_message(13, operator, "one"), samples::note(14, operator, "two")]);
    let mut writes = Vec::new();
    for (seq, rev) in [(10, 13), (1, 13), (5, 13), (2, 14), (13, 15), (14, 15)] {
        let entry = &mut entries[seq - 1];
        entry.rev = Version(rev);
        writes.push(scene::entry(id, entry));
    }
    let mut conversation = scene.stored(id).await.unwrap();
    conversation.seq = Seq(14);
    conversation.version = Version(15);
    writes.push(scene::conversation(&conversation));
    scene.put(writes).await;
}

/// Entries come by the version that last changed them and within one by place, with the conversation as it is now.
pub async fn changes_come_by_revision_and_then_by_place(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (id, mut entries) = mixed(&scene).await;
    rewrite(&scene, id, &mut entries).await;
    entries.sort_by_key(|entry| (entry.rev, entry.seq));

    let all = changed(&scene, id, behind(0), Audience::Team, 100).await;
    assert_eq!(all.entries, entries);
    assert_eq!(all.more, None);
    assert_eq!(Some(all.conversation), scene.stored(id).await);
    for version in 0..=15 {
        let expected: Vec<_> = entries.iter().filter(|entry| entry.rev > Version(version)).cloned().collect();
        let found = changed(&scene, id, behind(version), Audience::Team, 100).await;
        assert_eq!(places(&found.entries), places(&expected), "behind version {version}");
        assert_eq!(found.entries, expected);
    }
}

/// However unevenly the versions lie along a long timeline, and whatever was revised of it, before what was written after it or
/// at once with it: from each version on, what changed behind it is found.
pub async fn a_long_timeline_is_found_from_every_version(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let operator = &scene.workspace.operators[0];
    let mut conversation = scene.conversation();
    let (mut entries, mut version) = (Vec::<Entry>::new(), 0);
    // Versions that write nothing, one entry or many, and revise one or none: of long ago, or of just now.
    for (silent, written, revised) in [(0, 1, 0), (3, 9, 4), (0, 0, 7), (20, 1, 11), (0, 17, 2), (0, 1, 27), (1, 0, 28), (0, 1, 5)] {
        version += silent + 1;
        let mut writes = Vec::new();
        for _ in 0..written {
            let mut entry = samples::operator_message(entries.len() as u64 + 1, operator, "written");
            entry.rev = Version(version);
            writes.push(scene::entry(conversation.id, &entry));
            entries.push(entry);
        }
        let places = entries.len() - written;
        if let Some(entry) = entries[..places].get_mut(revised) {
            entry.rev = Version(version);
            writes.push(scene::entry(conversation.id, entry));
        }
        conversation.version = Version(version);
        conversation.seq = Seq(entries.len() as u64);
        writes.push(scene::conversation(&conversation));
        scene.put(writes).await;
    }
    entries.sort_by_key(|entry| (entry.rev, entry.seq));
    for known in 0..=version {
        let expected: Vec<_> = entries.iter().filter(|entry| entry.rev > Version(known)).cloned().collect();
        let (mut after, mut found) = (behind(known), Vec::new());
        loop {
            let page = changed(&scene, conversation.id, after, Audience::Team, 4).await;
            found.extend(page.entries);
            let Some(more) = page.more else { break };
            assert!(found.len() < expected.len(), "pages behind version {known} do not end");
            after = more;
        }
        assert_eq!(places(&found), places(&expected), "behind version {known}");
    }
}

/// Pages of any size give every entry once, though several share a version; the last page says that it is the last.
pub async fn pages_add_up_to_the_whole(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (id, mut entries) = mixed(&scene).await;
    rewrite(&scene, id, &mut entries).await;
    for audience in [Audience::Team, Audience::Contact] {
        for version in [0, 5, 12, 13] {
            let whole = changed(&scene, id, behind(version), audience, 100).await.entries;
            for limit in 1..=whole.len() {
                let mut after = behind(version);
                let mut paged = Vec::new();
                loop {
                    let page = changed(&scene, id, after, audience, u32::try_from(limit).unwrap()).await;
                    assert!(page.entries.len() <= limit, "more entries than asked for");
                    paged.extend(page.entries);
                    assert!(paged.len() <= whole.len(), "pages by {limit} behind version {version} repeat themselves");
                    match page.more {
                        Some(more) => after = more,
                        None => break,
                    }
                }
                assert_eq!(places(&paged), places(&whole), "pages by {limit} behind version {version}");
            }
        }
    }
}

/// Contacts get no notes and only the activities meant for them, by this path too.
pub async fn contacts_get_their_part_only(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (id, mut entries) = mixed(&scene).await;
    rewrite(&scene, id, &mut entries).await;
    let found = changed(&scene, id, behind(0), Audience::Contact, 100).await;
    assert_eq!(
        places(&found.entries),
        [(6, 6), (7, 7), (8, 8), (11, 11), (12, 12), (13, 1), (13, 5), (14, 2), (15, 13)],
        "what a contact gets of it all"
    );
    assert!(changed(&scene, id, behind(8), Audience::Contact, 3).await.entries.iter().all(|entry| !matches!(entry.body, Body::Note(_))));
    // Nothing a contact may see is left: what is left for the team does not make another page.
    assert_eq!(changed(&scene, id, behind(14), Audience::Contact, 1).await.more, None);
}

/// An entry that moves to a later version while somebody pages is on a later page, even if the version paged through has
/// nothing left in it.
pub async fn an_edit_between_two_pages_is_not_lost(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let mut conversation = scene.conversation();
    let operator = &scene.workspace.operators[0];
    let mut entries: Vec<_> = (1..=3).map(|seq| samples::operator_message(seq, operator, "draft")).collect();
    for entry in &mut entries {
        entry.rev = Version(1);
    }
    conversation.seq = Seq(3);
    let writes = entries.iter().map(|entry| scene::entry(conversation.id, entry));
    scene.put(std::iter::once(scene::conversation(&conversation)).chain(writes)).await;

    let page = changed(&scene, conversation.id, behind(0), Audience::Team, 2).await;
    assert_eq!(places(&page.entries), [(1, 1), (1, 2)]);
    let more = page.more.expect("a third entry is left");

    conversation.version = Version(2);
    let mut writes = vec![scene::conversation(&conversation)];
    for entry in &mut entries {
        entry.rev = Version(2);
        writes.push(scene::entry(conversation.id, entry));
    }
    scene.put(writes).await;
    let page = changed(&scene, conversation.id, more, Audience::Team, 10).await;
    assert_eq!(places(&page.entries), [(2, 1), (2, 2), (2, 3)], "all three changed behind the first page");
}

/// A summary comes even where no entry does: states change without entries.
pub async fn nothing_new_is_told_with_the_conversation(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (id, _) = mixed(&scene).await;
    for version in [12, 13, 1_000_000] {
        let found = changed(&scene, id, behind(version), Audience::Team, 10).await;
        assert_eq!((found.entries, found.more), (Vec::new(), None));
        assert_eq!(found.conversation.version, Version(12));
    }
    let empty = scene.conversation();
    scene.put([scene::conversation(&empty)]).await;
    assert_eq!(
        changed(&scene, empty.id, behind(0), Audience::Team, 10).await,
        Changed { conversation: empty, entries: Vec::new(), more: None }
    );
}

/// What does not exist is told by its absence.
pub async fn an_absent_conversation_has_no_changes(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    mixed(&scene).await;
    let absent = scene.conversation().id;
    assert_eq!(scene.store().changed(scene.workspace.id, absent, behind(0), Audience::Team, 10).await.unwrap(), None);
}

/// While somebody writes, the summary that a reader gets fits the entries that come with it.
pub async fn summary_and_entries_are_of_one_moment(fixture: &StoreFixture) {
    const WRITES: u64 = 150;
    let scene = Scene::new(fixture);
    let mut conversation = scene.conversation();
    scene.put([scene::conversation(&conversation)]).await;
    let (id, contact, workspace) = (conversation.id, conversation.contact, scene.workspace.id);

    let mut commits = Vec::new();
    for seq in 1..=WRITES {
        conversation.version = Version(seq + 1);
        conversation.seq = Seq(seq);
        conversation.messages = seq;
        let mut entry = samples::contact_message(seq, contact, "more");
        entry.rev = conversation.version;
        commits.push(scene.writing([scene::entry(id, &entry), scene::conversation(&conversation)]));
    }
    // Read before, during and after the writes, so that a reader who remembers too much is caught even if it comes late.
    assert_eq!(changed(&scene, id, behind(0), Audience::Team, 10).await.conversation, scene.stored(id).await.unwrap());
    let store = fixture.store.clone();
    let writing = tokio::spawn(async move {
        for commit in commits {
            scene::done(store.commit(commit).await.unwrap());
            tokio::task::yield_now().await;
        }
    });

    let mut known = BTreeMap::new();
    let mut after = behind(0);
    let mut finished = false;
    while !finished {
        finished = writing.is_finished();
        let found = fixture.store.changed(workspace, id, after, Audience::Team, 10).await.unwrap().unwrap();
        known.extend(found.entries.iter().map(|entry| (entry.seq, entry.rev)));
        match found.more {
            Some(more) => {
                finished = false;
                after = more;
            }
            None => {
                let Changed { conversation, .. } = found;
                assert_eq!(known.keys().next_back().copied().unwrap_or_default(), conversation.seq, "summary and entries disagree");
                assert_eq!(known.len() as u64, conversation.messages, "entries are missing");
                after = ChangedAfter { version: conversation.version, seq: Seq::ZERO };
            }
        }
    }
    writing.await.unwrap();
    assert_eq!(known.len() as u64, WRITES);
}
