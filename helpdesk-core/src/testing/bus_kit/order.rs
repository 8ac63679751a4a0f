//! What order listeners may rely on.

use std::sync::Arc;

use super::Medium;
use super::listener::Listener;
use super::scene::Scene;
use crate::bus::{BusItem, EventBus, Signal, Topic};

/// Versions of one publisher rise, with repetitions at most.
pub async fn signals_of_one_kind_keep_their_order(medium: &dyn Medium) {
    const LAST: u64 = 2_000;
    let scene = Scene::new();
    let (here, there) = (medium.node().await, medium.node().await);
    let mut listener = Listener::of(&there, scene.topic()).await;
    let publishing = publish_all(here, scene.topic(), (1..=LAST).map(|version| scene.changed(version)).collect());
    let mut last = 0;
    while last < LAST {
        match listener.item().await {
            // Too slow for it. What is lost may be anything, so that only what comes now is compared.
            BusItem::Lagged if last == LAST => break,
            BusItem::Lagged => {}
            BusItem::Signal(signal) => {
                let Signal::Changed { version, .. } = *signal else { panic!("{signal:?} was not published") };
                assert!(version.0 >= last, "{version} came after {last}");
                last = version.0;
            }
        }
    }
    publishing.await.unwrap();
}

/// Pieces of a draft come in order; a bus may join them.
pub async fn a_draft_can_be_put_together(medium: &dyn Medium) {
    let scene = Scene::new();
    let (here, there) = (medium.node().await, medium.node().await);
    let mut listener = Listener::of(&there, scene.topic()).await;
    let pieces: Vec<String> = (0..300).map(|number| format!("{number} 漢\n")).collect();
    let (mut draft, mut heard) = (String::new(), String::new());
    for some in pieces.chunks(20) {
        for piece in some {
            here.publish(scene.topic(), scene.delta(draft.chars().count() as u64, piece)).await;
            draft.push_str(piece);
        }
        // At leisure: nobody is too slow for this.
        while heard != draft {
            let signal = listener.signal().await;
            let Signal::Delta { offset, text, .. } = &*signal else { panic!("{signal:?} was not published") };
            let length = heard.chars().count() as u64;
            assert!(*offset <= length, "a piece of the draft is missing before {offset}, and no loss was reported");
            heard.extend(text.chars().skip((length - offset) as usize));
        }
    }
}

fn publish_all(bus: Arc<dyn EventBus>, topic: Topic, signals: Vec<Arc<Signal>>) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        for signal in signals {
            bus.publish(topic, signal).await;
            tokio::task::yield_now().await;
        }
    })
}
