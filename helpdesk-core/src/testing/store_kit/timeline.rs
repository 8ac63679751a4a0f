//! The timeline: what happened, in one order, to whom it may be shown.

use super::StoreFixture;
use super::scene::{self, Scene};
use crate::id::{ConversationId, Seq, Version};
use crate::model::{ActivityKind, Audience, Body, Entry};
use crate::store::TimelineRange;
use crate::testing::samples;

/// A conversation of 12 entries, of which a contact may see 1, 2, 5, 6, 7, 8, 11 and 12.
pub(super) async fn mixed(scene: &Scene<'_>) -> (ConversationId, Vec<Entry>) {
    let mut conversation = scene.conversation();
    let (contact, operator, assistant) = (conversation.contact, &scene.workspace.operators[0], &scene.workspace.assistant);
    let mut entries = vec![
        samples::contact_message(1, contact, "hello"),
        samples::assistant_message(2, assistant, "hello, how can I help?"),
        samples::note(3, operator, "they wrote before"),
        samples::activity(4, ActivityKind::Escalated),
        samples::activity(5, ActivityKind::TakeoverRequested),
        samples::system_message(6, "nobody is here"),
        samples::activity(7, ActivityKind::Claimed),
        samples::operator_message(8, operator, "here I am"),
        samples::activity(9, ActivityKind::Assigned),
        samples::note(10, operator, "done"),
        samples::activity(11, ActivityKind::StatusChanged),
        samples::contact_message(12, contact, "I asked you to forget this"),
    ];
    entries[11].body = Body::Erased;
    conversation.seq = Seq(12);
    conversation.version = Version(12);
    let writes = entries.iter().map(|entry| scene::entry(conversation.id, entry));
    scene.put(std::iter::once(scene::conversation(&conversation)).chain(writes)).await;
    (conversation.id, entries)
}

async fn read(scene: &Scene<'_>, id: ConversationId, range: TimelineRange, audience: Audience, limit: u32) -> Vec<Entry> {
    scene.store().timeline(scene.workspace.id, id, range, audience, limit).await.unwrap()
}

fn places(entries: &[Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.seq.0).collect()
}

/// Behind an entry, oldest first, as many as asked for.
pub async fn entries_are_read_forwards(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (id, entries) = mixed(&scene).await;
    let after = async |seq, limit| read(&scene, id, TimelineRange::After(Seq(seq)), Audience::Team, limit).await;
    assert_eq!(after(0, 100).await, entries);
    assert_eq!(after(0, 12).await, entries);
    assert_eq!(after(0, 5).await, entries[..5]);
    assert_eq!(after(5, 5).await, entries[5..10]);
    assert_eq!(after(10, 5).await, entries[10..]);
    assert_eq!(after(12, 5).await, []);
    assert_eq!(after(1_000, 5).await, []);
}

/// The last ones below an entry, oldest first all the same.
pub async fn entries_are_read_backwards(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (id, entries) = mixed(&scene).await;
    let before = async |seq, limit| read(&scene, id, TimelineRange::Before(Seq(seq)), Audience::Team, limit).await;
    assert_eq!(before(13, 100).await, entries);
    assert_eq!(before(13, 5).await, entries[7..]);
    assert_eq!(before(8, 5).await, entries[2..7]);
    assert_eq!(before(3, 5).await, entries[..2]);
    assert_eq!(before(1, 5).await, []);
    assert_eq!(before(0, 5).await, []);
    assert_eq!(before(i64::MAX.unsigned_abs(), 1).await, entries[11..]);
}

/// Contacts see no notes and only the activities meant for them; what they do not see does not count towards the limit.
pub async fn contacts_see_their_part_only(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (id, entries) = mixed(&scene).await;
    let visible = [1, 2, 5, 6, 7, 8, 11, 12];
    let all = read(&scene, id, TimelineRange::After(Seq::ZERO), Audience::Contact, 100).await;
    assert_eq!(places(&all), visible);
    assert!(all.iter().all(|entry| entries.contains(entry)));
    let rows = [
        (TimelineRange::After(Seq::ZERO), 3, &visible[..3]),
        (TimelineRange::After(Seq(2)), 3, &visible[2..5]),
        (TimelineRange::After(Seq(8)), 8, &visible[6..]),
        (TimelineRange::Before(Seq(13)), 3, &visible[5..]),
        (TimelineRange::Before(Seq(11)), 5, &visible[1..6]),
        (TimelineRange::Before(Seq(5)), 2, &visible[..2]),
    ];
    for (range, limit, expected) in rows {
        assert_eq!(places(&read(&scene, id, range, Audience::Contact, limit).await), expected, "{range:?}, at most {limit}");
    }
}

/// An entry that is written again is replaced where it stands.
pub async fn an_entry_that_changes_keeps_its_place(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (id, mut entries) = mixed(&scene).await;
    entries[1].body = Body::Erased;
    entries[1].rev = Version(13);
    scene.put([scene::entry(id, &entries[1])]).await;
    assert_eq!(read(&scene, id, TimelineRange::After(Seq::ZERO), Audience::Team, 100).await, entries);
    assert_eq!(read(&scene, id, TimelineRange::Before(Seq(3)), Audience::Team, 1).await, entries[1..2]);
}

/// A conversation that does not exist has no entries, and one is not the other.
pub async fn an_absent_timeline_is_empty(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    mixed(&scene).await;
    let other = scene.conversation();
    for _ in 0..2 {
        for range in [TimelineRange::After(Seq::ZERO), TimelineRange::Before(Seq(100))] {
            assert_eq!(read(&scene, other.id, range, Audience::Team, 100).await, []);
        }
        scene.put([scene::conversation(&other)]).await;
    }
}
