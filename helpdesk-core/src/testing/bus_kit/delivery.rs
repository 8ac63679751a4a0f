//! Who hears what was published.

use std::sync::Arc;

use super::Medium;
use super::listener::Listener;
use super::scene::{Scene, advanced};
use crate::bus::{EventBus, LiveActor, NotificationKind, Signal};
use crate::clock::Timestamp;
use crate::id::{AssistantId, ChangeNumber, ContactId, NodeId, OperatorId, TurnNumber, Version};
use crate::model::{AssistantRef, Author, OperatorRef, PageView};
use crate::store::Key;

/// Three nodes, of which each hears each, itself too.
pub async fn every_node_hears_every_node(medium: &dyn Medium) {
    let scene = Scene::new();
    let mut nodes: Vec<Arc<dyn EventBus>> = Vec::new();
    for _ in 0..3 {
        nodes.push(medium.node().await);
    }
    let mut listeners = Vec::new();
    for node in &nodes {
        listeners.push(Listener::of(node, scene.topic()).await);
    }
    for (version, node) in (1..).zip(&nodes) {
        node.publish(scene.topic(), scene.changed(version)).await;
    }
    for listener in &mut listeners {
        let mut missing: Vec<u64> = vec![1, 2, 3];
        while !missing.is_empty() {
            let signal = listener.signal().await;
            let Signal::Changed { version, .. } = *signal else { panic!("{signal:?} was not published") };
            missing.retain(|missing| *missing != version.0);
        }
    }
}

/// Many listeners on one node, and one that publishes elsewhere.
pub async fn every_listener_of_a_node_hears(medium: &dyn Medium) {
    let scene = Scene::new();
    let (near, far) = (medium.node().await, medium.node().await);
    let mut listeners = Vec::new();
    for _ in 0..100 {
        listeners.push(Listener::of(&near, scene.queue()).await);
    }
    far.publish(scene.queue(), advanced(1)).await;
    near.publish(scene.queue(), advanced(2)).await;
    for listener in &mut listeners {
        let mut missing = vec![advanced(1), advanced(2)];
        while !missing.is_empty() {
            let heard = listener.signal().await;
            missing.retain(|missing| *missing != heard);
        }
    }
}

/// A signal of each kind, with everything that it can hold.
pub async fn signals_arrive_as_they_were_published(medium: &dyn Medium) {
    let scene = Scene::new();
    let (here, there) = (medium.node().await, medium.node().await);
    let conversation = scene.conversation;
    let (contact, operator) = (ContactId::generate(&scene.ids), OperatorId::generate(&scene.ids));
    let node = NodeId::generate(&scene.ids);
    let page = PageView { url: "https://shop.example/?q=ü&x=\"1\"".to_owned(), title: Some("Bücher 📚\u{2028}".to_owned()) };
    let ana = Author::Operator(OperatorRef { id: operator, name: "Ana \\ \"A\"".to_owned() });
    let assistant = Author::Assistant(AssistantRef { id: AssistantId::generate(&scene.ids), name: "Robin".to_owned() });
    let text = "line\nbreak\ttab, 漢字, 👩‍👩‍👧, \u{0} and '; DROP TABLE bus; --".to_owned();
    let at = Timestamp::from_timestamp_micros(1_700_000_000_123_456).expect("a time in range");
    let signals = [
        Signal::Changed { conversation, version: Version(u64::MAX) },
        Signal::Advanced { change: ChangeNumber(7), key: None },
        Signal::Advanced { change: ChangeNumber(8), key: Some(Key::Conversation(conversation)) },
        Signal::Advanced { change: ChangeNumber(9), key: Some(Key::Contact(contact)) },
        Signal::Typing { conversation, author: ana, note: true },
        Signal::Typing { conversation, author: assistant, note: false },
        Signal::Typing { conversation, author: Author::Contact { id: contact }, note: false },
        Signal::Typing { conversation, author: Author::System, note: false },
        Signal::Delta { conversation, turn: TurnNumber(3), attempt: 2, offset: 5, text: text.clone() },
        Signal::DraftWanted { conversation },
        Signal::Discard { conversation, turn: TurnNumber(3), attempt: None },
        Signal::Discard { conversation, turn: TurnNumber(4), attempt: Some(2) },
        Signal::Presence { actor: LiveActor::Contact(contact), online: true, page: Some(page.clone()) },
        Signal::Arrived { node, number: 1, actor: LiveActor::Operator(operator), page: Some(page) },
        Signal::Arrived { node, number: 2, actor: LiveActor::Contact(contact), page: None },
        Signal::Left { node, number: 3, actor: LiveActor::Contact(contact) },
        Signal::Roll { node, number: u64::MAX, actors: vec![LiveActor::Contact(contact), LiveActor::Operator(operator)] },
        Signal::RollWanted { node },
        Signal::Notification { kind: NotificationKind::Message, conversation, at, text: Some(text) },
        Signal::Notification { kind: NotificationKind::TakeoverRequested, conversation, at, text: None },
    ];
    for topic in [scene.topic(), scene.queue(), scene.presence()] {
        let mut listener = Listener::of(&there, topic).await;
        for signal in &signals {
            here.publish(topic, Arc::new(signal.clone())).await;
            assert!(listener.hears(signal).await, "{signal:?} was lost at leisure");
        }
    }
}

/// Publishing to nobody is no fault, and what nobody heard does not come later.
pub async fn nobody_needs_to_listen(medium: &dyn Medium) {
    let scene = Scene::new();
    let (here, there) = (medium.node().await, medium.node().await);
    // The bus works: somebody else hears this one, and with it everything published before went its way.
    let mut other = Listener::of(&there, scene.queue()).await;
    here.publish(scene.topic(), scene.changed(1)).await;
    here.publish(scene.queue(), advanced(1)).await;
    assert!(other.hears(&advanced(1)).await);
    let mut listener = Listener::of(&there, scene.topic()).await;
    here.publish(scene.topic(), scene.changed(2)).await;
    assert_eq!(listener.signal().await, scene.changed(2));
}
