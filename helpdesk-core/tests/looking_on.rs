//! Many look on at one conversation: each is told everything once and in order from where it stands, and nothing is kept of
//! what nobody looks at.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use helpdesk_core::Helpdesk;
use helpdesk_core::bus::LiveActor;
use helpdesk_core::engine::{
    ContactHandle, ConversationChange, LiveEvent, LiveStream, LiveTopic, LocalBus, OperatorHandle, OperatorProfile, QueueChange, SessionRequest,
    SettingsEdit,
};
use helpdesk_core::id::{ConversationId, Version, WorkspaceId};
use helpdesk_core::model::Role;
use helpdesk_core::store::MemoryStore;

const WS: WorkspaceId = WorkspaceId::DEFAULT;

struct Scene {
    bus: LocalBus,
    desk: Helpdesk,
    ana: OperatorHandle,
    visitor: ContactHandle,
    chat: ConversationId,
}

impl Scene {
    async fn open() -> Self {
        let bus = LocalBus::new();
        let desk = Helpdesk::builder(MemoryStore::new()).bus(bus.clone()).build().await.unwrap();
        let ana = desk.workspace(WS).ensure_operator(&OperatorProfile::new("ana", "Ana", Role::Owner)).await.unwrap();
        let ana = desk.workspace(WS).operator(ana.id);
        ana.update_settings(None, SettingsEdit { helpdesk: Some(true), ..SettingsEdit::default() }).await.unwrap();
        let session = desk.begin_session(SessionRequest::default()).await.unwrap();
        let visitor = desk.authorise_visitor(&session.token).await.unwrap();
        let chat = visitor.start("Hello").await.unwrap().conversation.id;
        Self { bus, desk, ana, visitor, chat }
    }

    async fn team(&self, after: Option<Version>) -> LiveStream {
        self.listen(LiveActor::Operator(self.ana.id()), after).await
    }

    async fn listen(&self, actor: LiveActor, after: Option<Version>) -> LiveStream {
        let topic = LiveTopic::Conversation { conversation: self.chat, after };
        self.desk.workspace(WS).subscribe(actor, topic).await.unwrap()
    }
}

/// The next change; what passes before it is passed over.
async fn changed(stream: &mut LiveStream) -> Arc<ConversationChange> {
    loop {
        let next = tokio::time::timeout(Duration::from_secs(10), stream.next()).await.expect("something is told within ten seconds");
        if let LiveEvent::Changed(change) = next.unwrap().unwrap() {
            return change;
        }
    }
}

/// Waits until the bus is listened to for so many topics.
async fn topics_are_heard(bus: &LocalBus, count: usize) {
    let wait = async {
        while bus.topics_heard() != count {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), wait).await.expect("the topics are heard, or heard no more, within ten seconds");
}

#[tokio::test]
async fn who_does_not_listen_for_a_while_is_told_all_of_it_once_and_in_order() {
    let scene = Scene::open().await;
    let mut stream = scene.team(None).await;
    let mut told = changed(&mut stream).await.version;
    for number in 0..100 {
        scene.ana.note(scene.chat, &format!("Note {number}")).await.unwrap();
    }
    let mut texts = Vec::new();
    while texts.len() < 100 {
        let change = changed(&mut stream).await;
        assert_eq!(change.prev, told);
        told = change.version;
        texts.extend(change.entries.iter().map(|entry| entry.seq));
    }
    assert!(texts.is_sorted_by(|one, next| one < next), "{texts:?}");
    assert_eq!(texts.len(), 100);
}

#[tokio::test]
async fn who_joins_late_replays_and_then_is_told_the_same_as_the_others() {
    let scene = Scene::open().await;
    let mut early = scene.team(None).await;
    let begun = changed(&mut early).await.version;
    for number in 0..3 {
        scene.ana.note(scene.chat, &format!("Note {number}")).await.unwrap();
        changed(&mut early).await;
    }
    let mut late = scene.team(Some(begun)).await;
    let replay = changed(&mut late).await;
    assert_eq!((replay.prev, replay.entries.len()), (begun, 3));
    scene.ana.note(scene.chat, "For both").await.unwrap();
    let (one, other) = (changed(&mut early).await, changed(&mut late).await);
    assert!(Arc::ptr_eq(&one, &other), "read once, for both");
    assert_eq!(other.prev, replay.version);
}

#[tokio::test]
async fn what_stays_within_the_team_moves_nothing_for_the_contact() {
    let scene = Scene::open().await;
    let mut contact = scene.listen(LiveActor::Contact(scene.visitor.id()), None).await;
    let begun = changed(&mut contact).await.version;
    scene.ana.note(scene.chat, "Between us").await.unwrap();
    scene.ana.reply(scene.chat, "In the open").await.unwrap();
    let told = changed(&mut contact).await;
    assert_eq!(told.prev, begun);
    assert!(!format!("{:?}", told.entries).contains("Between us"));
    assert!(format!("{:?}", told.entries).contains("In the open"));
}

#[tokio::test]
async fn nothing_is_kept_of_a_conversation_that_nobody_looks_at() {
    let scene = Scene::open().await;
    let mut streams = Vec::new();
    for _ in 0..10 {
        streams.push(scene.team(None).await);
    }
    changed(&mut streams[0]).await;
    // The conversation, and who is there.
    topics_are_heard(&scene.bus, 2).await;
    drop(streams);
    topics_are_heard(&scene.bus, 1).await;
    // And who comes again is told again.
    let mut again = scene.team(Some(Version::ZERO)).await;
    assert_eq!(changed(&mut again).await.entries.len(), 1);
}

#[tokio::test]
async fn who_is_slower_than_the_others_at_the_queue_is_told_how_it_stands_in_the_end() {
    let scene = Scene::open().await;
    let workspace = scene.desk.workspace(WS);
    let queue = || workspace.subscribe(LiveActor::Operator(scene.ana.id()), LiveTopic::Queue { after: None });
    let (mut quick, mut slow) = (queue().await.unwrap(), queue().await.unwrap());
    for stream in [&mut quick, &mut slow] {
        assert!(matches!(stream.next().await.unwrap().unwrap(), LiveEvent::Queue { .. }));
    }
    let mut cursors = Vec::new();
    for number in 0..40 {
        scene.ana.note(scene.chat, &format!("Note {number}")).await.unwrap();
        if let LiveEvent::Queue { cursor, .. } = quick.next().await.unwrap().unwrap() {
            cursors.push(cursor.number);
        }
    }
    assert!(cursors.is_sorted_by(|one, next| one < next), "{cursors:?}");
    let last = scene.ana.conversation(scene.chat).await.unwrap().conversation.version;
    let wait = async {
        let mut before = None;
        loop {
            if let LiveEvent::Queue { cursor, changes, .. } = slow.next().await.unwrap().unwrap() {
                assert!(before < Some(cursor.number));
                before = Some(cursor.number);
                if changes.iter().any(|change| matches!(change, QueueChange::Conversation(it) if it.conversation.version == last)) {
                    return;
                }
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), wait).await.expect("the last change is told within ten seconds");
}
