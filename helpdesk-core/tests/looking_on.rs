//! Many look on at one conversation: each is told everything once and in order from where it stands, and nothing is kept of
//! what nobody looks at.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::poll_immediate;
use helpdesk_core::Helpdesk;
use helpdesk_core::bus::LiveActor;
use helpdesk_core::engine::{
    ContactHandle, ConversationChange, LiveEvent, LiveStream, LiveTopic, LocalBus, OperatorHandle, OperatorProfile, Outlet, QueueChange,
    SessionRequest, SettingsEdit,
};
use helpdesk_core::id::{ConversationId, Version, WorkspaceId};
use helpdesk_core::model::{Audience, Role};
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

/// Takes what it is told to take, and keeps it.
#[derive(Default)]
struct Basket {
    refuses: AtomicBool,
    /// Refuses every third that it is offered.
    picky: bool,
    offered: AtomicUsize,
    /// What was taken, or came out of the stream, in the order in which it did.
    told: Mutex<Vec<(Version, Version)>>,
}

impl Basket {
    fn lay(&self, change: &ConversationChange) {
        self.told.lock().unwrap().push((change.prev, change.version));
    }

    fn told(&self) -> Vec<(Version, Version)> {
        self.told.lock().unwrap().clone()
    }

    async fn holds(&self, count: usize) -> Vec<(Version, Version)> {
        let wait = async {
            while self.told().len() < count {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), wait).await.expect("everything is told within ten seconds");
        self.told()
    }
}

impl Outlet for Basket {
    fn take(&self, audience: Audience, change: &Arc<ConversationChange>) -> bool {
        assert_eq!(audience, Audience::Team);
        let offered = self.offered.fetch_add(1, Ordering::Relaxed);
        if self.refuses.load(Ordering::Relaxed) || (self.picky && offered % 3 == 2) {
            return false;
        }
        self.lay(change);
        true
    }
}

impl Scene {
    /// Looks on as the team, through a basket; nothing was told yet but where it stands.
    async fn with_outlet(&self, basket: &Arc<Basket>) -> (LiveStream, Version) {
        let topic = LiveTopic::Conversation { conversation: self.chat, after: None };
        let outlet = Arc::clone(basket) as Arc<dyn Outlet>;
        let mut stream = self.desk.workspace(WS).subscribe_with_outlet(LiveActor::Operator(self.ana.id()), topic, outlet).await.unwrap();
        let begun = changed(&mut stream).await.version;
        (stream, begun)
    }

    async fn note(&self, text: &str) {
        self.ana.note(self.chat, text).await.unwrap();
    }
}

/// Has the stream wait, if nothing is to come out of it.
async fn waits(stream: &mut LiveStream) {
    assert!(poll_immediate(stream.next()).await.is_none());
}

/// Each begins where the one before it ended.
fn assert_no_gaps(mut at: Version, told: &[(Version, Version)]) {
    for (prev, version) in told {
        assert_eq!(*prev, at, "{told:?}");
        at = *version;
    }
}

#[tokio::test]
async fn what_an_outlet_takes_does_not_come_out_and_the_stream_goes_on_behind_it() {
    let scene = Scene::open().await;
    let basket = Arc::<Basket>::default();
    let (mut stream, begun) = scene.with_outlet(&basket).await;
    waits(&mut stream).await;
    // One by one: who falls behind is told of several at once.
    for count in 1..=40 {
        scene.note("Taken").await;
        basket.holds(count).await;
    }
    let told = basket.told();
    assert_no_gaps(begun, &told);
    waits(&mut stream).await;
    basket.refuses.store(true, Ordering::Relaxed);
    scene.note("Refused").await;
    let refused = changed(&mut stream).await;
    assert_eq!((refused.prev, refused.entries.len()), (told[39].1, 1));
    assert_eq!(basket.offered.load(Ordering::Relaxed), 41);
}

#[tokio::test]
async fn an_outlet_is_offered_nothing_while_its_stream_has_something_to_tell() {
    let scene = Scene::open().await;
    let basket = Arc::<Basket>::default();
    let (mut stream, begun) = scene.with_outlet(&basket).await;
    let mut witness = scene.team(None).await;
    changed(&mut witness).await;
    // It does not wait yet: its listener deals with what it was told.
    scene.note("One").await;
    changed(&mut witness).await;
    let one = changed(&mut stream).await;
    assert_eq!((one.prev, basket.told().len()), (begun, 0));
    // Another is told through the stream while what was refused lies there.
    waits(&mut stream).await;
    basket.refuses.store(true, Ordering::Relaxed);
    scene.note("Two").await;
    changed(&mut witness).await;
    basket.refuses.store(false, Ordering::Relaxed);
    scene.note("Three").await;
    changed(&mut witness).await;
    assert_eq!(basket.told(), []);
    let (two, three) = (changed(&mut stream).await, changed(&mut stream).await);
    assert_eq!((two.prev, three.prev), (one.version, two.version));
    waits(&mut stream).await;
    scene.note("Four").await;
    assert_eq!(basket.holds(1).await[0].0, three.version);
}

#[tokio::test]
async fn an_outlet_is_offered_nothing_once_its_stream_is_gone() {
    let scene = Scene::open().await;
    let (left, stays) = (Arc::<Basket>::default(), Arc::<Basket>::default());
    let (mut leaving, _) = scene.with_outlet(&left).await;
    let (mut staying, _) = scene.with_outlet(&stays).await;
    waits(&mut leaving).await;
    waits(&mut staying).await;
    scene.note("For both").await;
    stays.holds(1).await;
    left.holds(1).await;
    drop(leaving);
    scene.note("For one").await;
    stays.holds(2).await;
    assert_eq!(left.offered.load(Ordering::Relaxed), 1);
    assert_eq!(Arc::strong_count(&left), 1, "and nothing keeps it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_are_told_by_several_tasks_each_of_them_once_and_in_order() {
    const NOTES: usize = 30;
    let scene = Scene::open().await;
    let mut baskets = Vec::new();
    let mut listening = tokio::task::JoinSet::new();
    for number in 0..700 {
        let basket = Arc::new(Basket { picky: number % 2 == 0, ..Basket::default() });
        let (mut stream, begun) = scene.with_outlet(&basket).await;
        let kept = Arc::clone(&basket);
        listening.spawn(async move {
            loop {
                let change = changed(&mut stream).await;
                kept.lay(&change);
            }
        });
        baskets.push((basket, begun));
    }
    for number in 0..NOTES {
        scene.note(&format!("Note {number}")).await;
    }
    // A change may tell of more than one note.
    let last = scene.ana.conversation(scene.chat).await.unwrap().conversation.version;
    for (basket, begun) in baskets {
        let wait = async {
            while basket.told().last().is_none_or(|(_, version)| *version < last) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), wait).await.expect("the last note is told within ten seconds");
        assert_no_gaps(begun, &basket.told());
    }
    listening.shutdown().await;
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
