//! What nobody listens to is forgotten.

use std::time::Duration;

use futures_util::FutureExt as _;

use super::Medium;
use super::listener::Listener;
use super::scene::Scene;

/// However many listen on a node, the medium sees one subscription a topic.
pub async fn listeners_of_a_node_share_a_subscription(medium: &dyn Medium) {
    let scene = Scene::new();
    let node = medium.node().await;
    let before = medium.subscriptions().await;
    let mut listeners = Vec::new();
    for _ in 0..50 {
        listeners.push(Listener::of(&node, scene.topic()).await);
    }
    assert_eq!(medium.subscriptions().await, before + 1);
}

/// Of two listeners the one that stays hears on.
pub async fn who_stays_is_not_forgotten(medium: &dyn Medium) {
    let scene = Scene::new();
    let (here, there) = (medium.node().await, medium.node().await);
    let mut stays = Listener::of(&there, scene.topic()).await;
    for version in 1..=20 {
        drop(Listener::of(&there, scene.topic()).await);
        here.publish(scene.topic(), scene.changed(version)).await;
        assert!(stays.hears(&scene.changed(version)).await, "signals were lost at leisure");
    }
}

/// Listeners of many topics leave, and with them what was kept for them.
pub async fn dropped_listeners_are_forgotten(medium: &dyn Medium) {
    let scene = Scene::new();
    let (here, there) = (medium.node().await, medium.node().await);
    let before = medium.subscriptions().await;
    let mut listeners = Vec::new();
    for _ in 0..200 {
        let topic = scene.another_topic();
        for node in [&here, &there] {
            listeners.push(Listener::of(node, topic).await);
        }
    }
    let during = medium.subscriptions().await;
    assert!(during >= before + 200, "{during} subscriptions are counted, {before} were there before 200 came");
    drop(listeners);
    returns_to(medium, before).await;
}

/// Who does not wait for the subscription leaves nothing behind either.
pub async fn who_gave_up_subscribing_is_forgotten(medium: &dyn Medium) {
    let scene = Scene::new();
    let node = medium.node().await;
    let before = medium.subscriptions().await;
    for _ in 0..100 {
        // Polled once: far enough to have begun, for some buses far enough to be done.
        drop(node.subscribe(scene.another_topic()).now_or_never());
    }
    returns_to(medium, before).await;
}

async fn returns_to(medium: &dyn Medium, before: usize) {
    for _ in 0..200 {
        if medium.subscriptions().await <= before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} subscriptions are left, {before} were there before", medium.subscriptions().await);
}
