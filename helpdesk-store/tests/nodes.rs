//! Nodes that share a store and a bus: what one does, listeners of the others see. On every bus there is, and on ones that lose,
//! repeat and reorder signals.
#![cfg(all(feature = "nats", feature = "postgres"))]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "common/nats.rs"]
mod nats;
#[path = "common/postgres.rs"]
mod postgres;

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use helpdesk_core::bus::{EventBus, LiveActor};
use helpdesk_core::engine::{
    ContactHandle, Done, HelpdeskBuilder, LiveEvent, LiveStream, LiveTopic, LocalBus, OperatorHandle, OperatorProfile, QueueChange,
    SessionRequest, SettingsEdit,
};
use helpdesk_core::id::{ConversationId, OperatorId, Seq, Version, WorkspaceId};
use helpdesk_core::model::{Audience, Author, Body, Entry, PageView, Role};
use helpdesk_core::store::{MemoryStore, TimelineRange};
use helpdesk_core::testing::{FaultyBus, Gate, ManualClock, RecordingBus, Script, ScriptedResponder};
use helpdesk_core::{Error, Helpdesk};
use helpdesk_store::{NatsBus, PostgresBus, PostgresStore};

use nats::TestNats;
use postgres::TestPostgres;

const WS: WorkspaceId = WorkspaceId::DEFAULT;
/// How long anything may take to reach another node.
const SOON: Duration = Duration::from_secs(10);

/// Some nodes, with an assistant that says what it is told to and an operator.
struct Desks {
    nodes: Vec<Helpdesk>,
    robin: ScriptedResponder,
    operator: OperatorId,
    clock: ManualClock,
    _server: Option<TestNats>,
}

impl Desks {
    /// Nodes with these buses on one store in memory.
    async fn on(buses: Vec<Arc<dyn EventBus>>, server: Option<TestNats>) -> Self {
        let clock = ManualClock::new();
        let store = MemoryStore::with_clock(Arc::new(clock.clone()));
        let builders = buses.into_iter().map(|bus| Helpdesk::builder(store.clone()).bus(bus)).collect();
        Self::of(builders, clock, server).await
    }

    async fn of(builders: Vec<HelpdeskBuilder>, clock: ManualClock, server: Option<TestNats>) -> Self {
        let robin = ScriptedResponder::new("robin");
        let mut nodes = Vec::new();
        for builder in builders {
            let builder = builder.secret_key(*b"0123456789abcdef0123456789abcdef").assistant(robin.clone());
            nodes.push(builder.build().await.unwrap());
        }
        let ana = OperatorProfile::new("ana", "Ana", Role::Owner);
        let operator = nodes[0].workspace(WS).ensure_operator(&ana).await.unwrap().id;
        let mut edit = SettingsEdit { helpdesk: Some(true), ..SettingsEdit::default() };
        edit.human_support.enabled = Some(true);
        nodes[0].workspace(WS).operator(operator).update_settings(None, edit).await.unwrap();
        Self { nodes, robin, operator, clock, _server: server }
    }

    fn operator(&self, node: usize) -> OperatorHandle {
        self.nodes[node].workspace(WS).operator(self.operator)
    }

    /// A visitor who has asked something on the first node.
    async fn visitor(&self) -> (ContactHandle, ConversationId) {
        let session = self.nodes[0].begin_session(SessionRequest::default()).await.unwrap();
        let visitor = self.nodes[0].authorise_visitor(&session.token).await.unwrap();
        let conversation = visitor.start("Where is my parcel?").await.unwrap().conversation.id;
        (visitor, conversation)
    }

    async fn listen(&self, node: usize, actor: LiveActor, topic: LiveTopic) -> Listener {
        Listener(self.nodes[node].workspace(WS).subscribe(actor, topic).await.unwrap())
    }

    async fn team(&self, node: usize, conversation: ConversationId) -> Listener {
        self.listen(node, LiveActor::Operator(self.operator), LiveTopic::Conversation { conversation, after: None }).await
    }
}

struct Listener(LiveStream);

impl Listener {
    async fn event(&mut self) -> LiveEvent {
        tokio::time::timeout(SOON, self.0.next()).await.expect("nothing was told").expect("the stream goes on").unwrap()
    }

    /// The next event of which this makes something.
    async fn next<T>(&mut self, mut make: impl FnMut(LiveEvent) -> Option<T>) -> T {
        let seeking = async {
            loop {
                if let Some(made) = make(self.event().await) {
                    return made;
                }
            }
        };
        tokio::time::timeout(SOON, seeking).await.expect("what was expected was not told")
    }

    async fn delta(&mut self) -> (u64, String) {
        self.next(|event| if let LiveEvent::Delta { offset, text, .. } = event { Some((offset, text)) } else { None }).await
    }

    /// Puts drafts together until this one is there.
    async fn draft(&mut self, wanted: &str) {
        let mut draft = String::new();
        while draft != wanted {
            let (offset, text) = self.delta().await;
            if offset == 0 {
                draft.clear();
            }
            assert_eq!(offset, draft.chars().count() as u64, "a piece does not fit to {draft:?}");
            draft.push_str(&text);
        }
    }

    async fn discarded(&mut self) {
        self.next(|event| matches!(event, LiveEvent::Discard { .. }).then_some(())).await;
    }

    async fn entry(&mut self, wanted: impl Fn(&Entry) -> bool) {
        self.next(|event| match event {
            LiveEvent::Changed(change) if change.entries.iter().any(&wanted) => Some(()),
            _ => None,
        })
        .await;
    }

    async fn presence(&mut self, who: LiveActor) -> (bool, Option<PageView>) {
        self.next(|event| match event {
            LiveEvent::Presence { actor, online, page } if actor == who => Some((online, page)),
            _ => None,
        })
        .await
    }
}

fn local(nodes: usize) -> Vec<Arc<dyn EventBus>> {
    let bus = LocalBus::new();
    (0..nodes).map(|_| Arc::new(bus.clone()) as Arc<dyn EventBus>).collect()
}

async fn over_local() -> Desks {
    Desks::on(local(3), None).await
}

async fn over_nats() -> Desks {
    let server = TestNats::start();
    let mut buses: Vec<Arc<dyn EventBus>> = Vec::new();
    for _ in 0..3 {
        buses.push(Arc::new(NatsBus::connect(&server.url()).await.unwrap()));
    }
    Desks::on(buses, Some(server)).await
}

async fn over_postgres() -> Desks {
    let server = TestPostgres::get();
    let schema = server.schema();
    let mut buses: Vec<Arc<dyn EventBus>> = Vec::new();
    for _ in 0..3 {
        buses.push(Arc::new(PostgresBus::builder().with_schema(&schema).connect(&server.url()).await.unwrap()));
    }
    Desks::on(buses, None).await
}

/// Nodes with a store and a bus each, on one database, that share nothing in this process.
async fn all_on_postgres() -> Desks {
    let server = TestPostgres::get();
    let (schema, clock) = (server.schema(), ManualClock::new());
    let mut builders = Vec::new();
    for _ in 0..3 {
        let store = PostgresStore::builder().with_schema(&schema).with_clock(Arc::new(clock.clone())).connect(&server.url()).await.unwrap();
        let bus = PostgresBus::builder().with_schema(&schema).connect(&server.url()).await.unwrap();
        builders.push(Helpdesk::builder(store).bus(bus));
    }
    Desks::of(builders, clock, None).await
}

/// What the seed says is done to the signals of all.
fn faulty(buses: Vec<Arc<dyn EventBus>>, seed: u64) -> Vec<Arc<dyn EventBus>> {
    (seed..)
        .zip(buses)
        .map(|(seed, bus)| Arc::new(FaultyBus::new(bus, seed).losing(40).repeating(30).reordering(30)) as Arc<dyn EventBus>)
        .collect()
}

async fn over_faulty() -> Desks {
    Desks::on(faulty(local(3), 11), None).await
}

/// Nobody hears anything of anybody; only the store is shared.
async fn over_nothing() -> Desks {
    let deaf = |bus| Arc::new(FaultyBus::new(bus, 1).losing(100)) as Arc<dyn EventBus>;
    Desks::on(local(3).into_iter().map(deaf).collect(), None).await
}

macro_rules! stories {
    ($($bus:ident: $($story:ident),+;)+) => {$(
        mod $bus {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                super::$story(super::$bus().await).await;
            })+
        }
    )+};
}

stories! {
    over_local: every_entry_is_seen_once_in_order_on_all_nodes, who_joins_late_gets_the_text_so_far,
        taking_over_on_one_node_stops_the_answer_on_another, a_lost_node_leaves_its_answer_to_another,
        typing_is_seen_on_other_nodes, presence_is_seen_on_other_nodes;
    over_nats: every_entry_is_seen_once_in_order_on_all_nodes, who_joins_late_gets_the_text_so_far,
        taking_over_on_one_node_stops_the_answer_on_another, a_lost_node_leaves_its_answer_to_another,
        typing_is_seen_on_other_nodes, presence_is_seen_on_other_nodes;
    over_postgres: every_entry_is_seen_once_in_order_on_all_nodes, who_joins_late_gets_the_text_so_far,
        taking_over_on_one_node_stops_the_answer_on_another, a_lost_node_leaves_its_answer_to_another,
        typing_is_seen_on_other_nodes, presence_is_seen_on_other_nodes;
    all_on_postgres: every_entry_is_seen_once_in_order_on_all_nodes, who_joins_late_gets_the_text_so_far,
        taking_over_on_one_node_stops_the_answer_on_another, a_lost_node_leaves_its_answer_to_another;
    over_faulty: every_entry_is_seen_once_in_order_on_all_nodes, drafts_never_show_pieces_in_the_wrong_place;
    over_nothing: every_entry_is_seen_once_in_order_on_all_nodes;
}

async fn timeline(desks: &Desks, conversation: ConversationId) -> Vec<Entry> {
    let mut all: Vec<Entry> = Vec::new();
    loop {
        let after = TimelineRange::After(all.last().map_or(Seq::ZERO, |entry| entry.seq));
        let (_, page) = desks.operator(0).timeline(conversation, after, 200).await.unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// Does it, again while everybody is too busy for it, as clients do.
async fn done<F: Future<Output = Result<Done, Error>>>(mut command: impl FnMut() -> F) {
    loop {
        match command().await {
            Err(error) if error.is_retryable() => {}
            done => return drop(done.unwrap()),
        }
    }
}

/// Both sides write on all nodes at once; both sides listen on all nodes.
async fn every_entry_is_seen_once_in_order_on_all_nodes(desks: Desks) {
    const ROUNDS: usize = 25;
    let (visitor, conversation) = desks.visitor().await;
    desks.operator(0).claim(conversation).await.unwrap();
    let mut listeners = Vec::new();
    for node in 0..3 {
        for actor in [LiveActor::Contact(visitor.id()), LiveActor::Operator(desks.operator)] {
            let topic = LiveTopic::Conversation { conversation, after: Some(Version::ZERO) };
            listeners.push((matches!(actor, LiveActor::Contact(_)), desks.listen(node, actor, topic).await));
        }
    }
    let mut queues = Vec::new();
    for node in 0..3 {
        let mut queue = desks.listen(node, LiveActor::Operator(desks.operator), LiveTopic::Queue { after: None }).await;
        assert!(matches!(queue.event().await, LiveEvent::Queue { .. }));
        queues.push(queue);
    }
    // Streams are read while it is written, as sockets do, each until the last message.
    let last = "And this is the last one.";
    let reading: Vec<_> = listeners
        .into_iter()
        .map(|(contact, mut listener)| {
            tokio::spawn(async move {
                let mut seen: Vec<Entry> = Vec::new();
                while !seen.iter().any(|entry| matches!(&entry.body, Body::Message(message) if message.text == last)) {
                    if let LiveEvent::Changed(change) = listener.event().await {
                        seen.extend(change.entries.iter().cloned());
                    }
                }
                (contact, seen)
            })
        })
        .collect();
    for _ in 0..ROUNDS {
        for node in &desks.nodes {
            let workspace = node.workspace(WS);
            let contact = workspace.contact(visitor.id());
            let operator = workspace.operator(desks.operator);
            tokio::join!(
                done(|| contact.send(conversation, "Is it on its way?")),
                done(|| operator.reply(conversation, "It is.")),
                done(|| operator.note(conversation, "They ask again.")),
            );
        }
    }
    let operator = desks.operator(1);
    done(|| operator.reply(conversation, last)).await;
    let all = timeline(&desks, conversation).await;
    assert!(all.len() > 9 * ROUNDS);
    let version = desks.operator(0).timeline(conversation, TimelineRange::After(Seq::ZERO), 1).await.unwrap().0.version;
    let until = async {
        for reading in reading {
            let (contact, seen) = reading.await.unwrap();
            let audience = if contact { Audience::Contact } else { Audience::Team };
            let visible: Vec<Entry> = all.iter().filter(|entry| entry.is_visible_to(audience)).cloned().collect();
            let places = |entries: &[Entry]| entries.iter().map(|entry| entry.seq.0).collect::<Vec<_>>();
            assert_eq!(places(&seen), places(&visible), "as a contact: {contact}");
            assert!(seen == visible);
        }
        for mut queue in queues {
            queue
                .next(|event| match event {
                    LiveEvent::Queue { changes, .. } => changes
                        .iter()
                        .any(|change| matches!(change, QueueChange::Conversation(details) if details.conversation.version == version))
                        .then_some(()),
                    _ => None,
                })
                .await;
        }
    };
    tokio::time::timeout(SOON, until).await.expect("not all was seen within ten seconds");
}

async fn who_joins_late_gets_the_text_so_far(desks: Desks) {
    let gate = Gate::new();
    let end = Gate::new();
    desks.robin.play(Script::new().say("Your parcel ").say("is").wait(&gate).say(" on its way.").wait(&end).done());
    let (visitor, conversation) = desks.visitor().await;
    let mut early = desks.team(1, conversation).await;
    let answering = tokio::spawn({
        let node = desks.nodes[0].clone();
        async move { node.step().await.unwrap() }
    });
    gate.arrived(1).await;
    early.draft("Your parcel is").await;
    let topic = LiveTopic::Conversation { conversation, after: None };
    let mut late = desks.listen(2, LiveActor::Contact(visitor.id()), topic).await;
    late.draft("Your parcel is").await;
    gate.open();
    for listener in [&mut early, &mut late] {
        assert_eq!(listener.delta().await, (14, " on its way.".to_owned()));
    }
    // Some buses bring drafts later than hints; what comes after its answer is not told.
    end.open();
    for listener in [&mut early, &mut late] {
        listener.entry(|entry| matches!(entry.author, Author::Assistant(_))).await;
    }
    assert_eq!(answering.await.unwrap(), 1);
}

async fn taking_over_on_one_node_stops_the_answer_on_another(desks: Desks) {
    let gate = Gate::new();
    desks.robin.play(Script::new().say("Your parcel").wait(&gate).done());
    let (_, conversation) = desks.visitor().await;
    let mut listener = desks.team(2, conversation).await;
    let answering = tokio::spawn({
        let node = desks.nodes[0].clone();
        async move { node.step().await.unwrap() }
    });
    gate.arrived(1).await;
    listener.draft("Your parcel").await;
    desks.operator(1).claim(conversation).await.unwrap();
    // The gate stays closed: only being stopped ends the answer.
    tokio::time::timeout(SOON, desks.robin.ended(1)).await.expect("the answer goes on");
    answering.await.unwrap();
    listener.discarded().await;
    assert!(!timeline(&desks, conversation).await.iter().any(|entry| matches!(entry.author, Author::Assistant(_))));
}

async fn a_lost_node_leaves_its_answer_to_another(desks: Desks) {
    let gate = Gate::new();
    desks.robin.play(Script::new().say("What I began").wait(&gate).done());
    let (second, end) = (Gate::new(), Gate::new());
    desks.robin.play(Script::new().say("Said ").wait(&second).say("anew").wait(&end).done());
    let (_, conversation) = desks.visitor().await;
    let mut listener = desks.team(2, conversation).await;
    let answering = tokio::spawn({
        let node = desks.nodes[0].clone();
        async move { node.step().await.unwrap() }
    });
    gate.arrived(1).await;
    listener.draft("What I began").await;
    answering.abort();
    let _ = answering.await;
    desks.clock.advance(Duration::from_secs(3_600));
    let again = tokio::spawn({
        let node = desks.nodes[1].clone();
        async move { node.step().await.unwrap() }
    });
    second.arrived(1).await;
    listener.draft("Said ").await;
    second.open();
    assert_eq!(listener.delta().await, (5, "anew".to_owned()));
    end.open();
    listener.entry(|entry| matches!(&entry.body, Body::Message(message) if message.text == "Said anew")).await;
    again.await.unwrap();
}

async fn typing_is_seen_on_other_nodes(desks: Desks) {
    let (visitor, conversation) = desks.visitor().await;
    let topic = LiveTopic::Conversation { conversation, after: None };
    let mut contact = desks.listen(2, LiveActor::Contact(visitor.id()), topic).await;
    let mut team = desks.team(1, conversation).await;
    assert!(matches!(contact.event().await, LiveEvent::Changed(_)) && matches!(team.event().await, LiveEvent::Changed(_)));
    desks.operator(0).typing(conversation, true).await.unwrap();
    desks.operator(0).typing(conversation, false).await.unwrap();
    let typing = |event| if let LiveEvent::Typing { note, .. } = event { Some(note) } else { None };
    assert!(!contact.next(typing).await, "contacts are not told of notes");
    assert!(team.next(typing).await);
}

async fn presence_is_seen_on_other_nodes(desks: Desks) {
    let (visitor, _) = desks.visitor().await;
    let who = LiveActor::Contact(visitor.id());
    let mut before = desks.listen(1, LiveActor::Operator(desks.operator), LiveTopic::Queue { after: None }).await;
    assert!(matches!(before.event().await, LiveEvent::Queue { .. }));
    let page = PageView { url: "https://shop.example/cart".to_owned(), title: None };
    let here = desks.nodes[0].workspace(WS).enter(who, Some(page.clone())).await;
    // That somebody is there may be heard before what they look at.
    while before.presence(who).await != (true, Some(page.clone())) {}
    assert!(desks.nodes[1].workspace(WS).is_online(who));
    // A node that looks for the first time asks the others.
    let mut late = desks.listen(2, LiveActor::Operator(desks.operator), LiveTopic::Queue { after: None }).await;
    let (online, shown) = late.presence(who).await;
    // A word of the arrival that was still under way may come before the answer, and tells what they look at.
    assert!(online && shown.as_ref().is_none_or(|shown| *shown == page), "{online} {shown:?}");
    assert!(desks.nodes[2].workspace(WS).is_online(who));
    // Who is on two nodes is there until they left both.
    let there = desks.nodes[1].workspace(WS).enter(who, None).await;
    drop(here);
    drop(there);
    for listener in [&mut late, &mut before] {
        listener.next(|event| matches!(event, LiveEvent::Presence { actor, online: false, .. } if actor == who).then_some(())).await;
    }
    assert!(!desks.nodes[1].workspace(WS).is_online(who) && !desks.nodes[2].workspace(WS).is_online(who));
}

/// A draft that is put together from what such a bus leaves of it is never wrong, and the answer comes.
async fn drafts_never_show_pieces_in_the_wrong_place(desks: Desks) {
    let words: Vec<String> = (0..200).map(|number| format!("word{number} ")).collect();
    let mut script = Script::new();
    for word in &words {
        script = script.say(word);
    }
    desks.robin.play(script.done());
    let (_, conversation) = desks.visitor().await;
    let mut listener = desks.team(1, conversation).await;
    assert!(matches!(listener.event().await, LiveEvent::Changed(_)));
    desks.nodes[0].step().await.unwrap();
    let whole = words.concat();
    let mut draft = String::new();
    loop {
        match listener.event().await {
            LiveEvent::Delta { offset, text, .. } => {
                assert_eq!(offset, draft.len() as u64);
                draft.push_str(&text);
                assert!(whole.starts_with(&draft), "{draft:?}");
            }
            LiveEvent::Changed(change) if change.entries.iter().any(|entry| matches!(entry.author, Author::Assistant(_))) => return,
            _ => {}
        }
    }
}

/// A node that is cut off cannot say that its visitors left; the others find out, and find them again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_on_a_lost_node_is_offline_within_seconds() {
    let shared = LocalBus::new();
    // What the first node says is lost; the second one publishes past the wire.
    let wire = RecordingBus::new(Arc::new(shared.clone()));
    let desks = Desks::on(vec![Arc::new(wire.clone()), Arc::new(shared)], None).await;
    let (visitor, _) = desks.visitor().await;
    let who = LiveActor::Contact(visitor.id());
    let mut team = desks.listen(1, LiveActor::Operator(desks.operator), LiveTopic::Queue { after: None }).await;
    let _here = desks.nodes[0].workspace(WS).enter(who, None).await;
    assert_eq!(team.presence(who).await, (true, None));
    wire.lose(true);
    let gone = async { while team.0.next().await.unwrap().unwrap() != (LiveEvent::Presence { actor: who, online: false, page: None }) {} };
    tokio::time::timeout(Duration::from_secs(40), gone).await.expect("who is on a lost node stays online");
    assert!(!desks.nodes[1].workspace(WS).is_online(who) && desks.nodes[0].workspace(WS).is_online(who));
    wire.lose(false);
    assert_eq!(team.presence(who).await, (true, None));
}
