//! The largest signals that there are.

use std::sync::Arc;

use super::Medium;
use super::listener::Listener;
use super::scene::Scene;
use crate::bus::{LiveActor, NotificationKind, Signal, Topic};
use crate::clock::Timestamp;
use crate::id::{ContactId, NodeId};
use crate::model::PageView;
use crate::model::text::{LINE_LIMIT, MESSAGE_LIMIT};

/// A whole answer, as somebody gets it who joins late: in characters of four bytes, and in ones that must be escaped.
pub async fn long_drafts_arrive(medium: &dyn Medium) {
    let scene = Scene::new();
    for text in ["🙂", "\"", "\n", "\\"] {
        arrives(medium, scene.topic(), scene.delta(0, text.repeat(MESSAGE_LIMIT))).await;
    }
}

/// An address of two thousand characters.
pub async fn long_pages_arrive(medium: &dyn Medium) {
    let scene = Scene::new();
    let page = PageView { url: format!("https://shop.example/{}", "ü".repeat(1_979)), title: Some("漢".repeat(LINE_LIMIT)) };
    let actor = LiveActor::Contact(ContactId::generate(&scene.ids));
    arrives(medium, scene.presence(), Arc::new(Signal::Arrived { node: NodeId::generate(&scene.ids), number: 1, actor, page: Some(page) }))
        .await;
}

/// A preview that was not cut.
pub async fn long_texts_arrive(medium: &dyn Medium) {
    let scene = Scene::new();
    let at = Timestamp::from_timestamp_micros(1_700_000_000_000_000).expect("a time in range");
    let text = Some("\\漢🙂".repeat(3_000));
    let signal = Signal::Notification { kind: NotificationKind::ConversationCreated, conversation: scene.conversation, at, text };
    arrives(medium, scene.queue(), Arc::new(signal)).await;
}

/// Hundreds of people on one node.
pub async fn long_rolls_arrive(medium: &dyn Medium) {
    let scene = Scene::new();
    let actors = (0..500).map(|_| LiveActor::Contact(ContactId::generate(&scene.ids))).collect();
    arrives(medium, scene.presence(), Arc::new(Signal::Roll { node: NodeId::generate(&scene.ids), number: 1, actors })).await;
}

async fn arrives(medium: &dyn Medium, topic: Topic, signal: Arc<Signal>) {
    let (here, there) = (medium.node().await, medium.node().await);
    let (mut near, mut far) = (Listener::of(&here, topic).await, Listener::of(&there, topic).await);
    here.publish(topic, signal.clone()).await;
    assert!(near.signal().await == signal, "a large signal came changed to its own node");
    assert!(far.signal().await == signal, "a large signal came changed");
}
