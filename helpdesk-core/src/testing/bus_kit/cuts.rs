//! The medium is out of reach for a while. A medium that cannot be cut off passes these cases as it is.

use std::time::Duration;

use super::Medium;
use super::listener::Listener;
use super::scene::Scene;

/// How long publishing and subscribing may take while nothing is within reach.
const QUICK: Duration = if cfg!(test) { Duration::from_secs(3) } else { Duration::from_secs(20) };

/// Publishing goes on, far beyond what could be kept for later.
pub async fn publishing_does_not_wait_for_the_medium(medium: &dyn Medium) {
    if !medium.can_be_cut() {
        return;
    }
    let scene = Scene::new();
    let node = medium.node().await;
    medium.cut(0).await;
    let publishing = async {
        for version in 1..=50_000 {
            node.publish(scene.topic(), scene.changed(version)).await;
        }
    };
    tokio::time::timeout(QUICK, publishing).await.expect("publishing waits for the medium");
}

/// Listeners of both nodes are told, and once they are, they hear again.
pub async fn everybody_learns_of_a_cut(medium: &dyn Medium) {
    if !medium.can_be_cut() {
        return;
    }
    let scene = Scene::new();
    let (here, there) = (medium.node().await, medium.node().await);
    for round in 1..=3 {
        let (mut near, mut far) = (Listener::of(&here, scene.topic()).await, Listener::of(&there, scene.topic()).await);
        for node in [0, 1] {
            medium.cut(node).await;
        }
        here.publish(scene.topic(), scene.changed(round)).await;
        for node in [0, 1] {
            medium.restore(node).await;
        }
        near.loss().await;
        far.loss().await;
        heard_again(&[&here, &there], &mut [near, far], &scene).await;
    }
}

/// Subscribing does not wait for the medium to come back; when it does, the loss is told and signals come.
pub async fn who_subscribes_during_a_cut_is_served(medium: &dyn Medium) {
    if !medium.can_be_cut() {
        return;
    }
    let scene = Scene::new();
    let (here, there) = (medium.node().await, medium.node().await);
    medium.cut(1).await;
    let mut listener = tokio::time::timeout(QUICK, Listener::of(&there, scene.topic())).await.expect("subscribing waits for the medium");
    here.publish(scene.topic(), scene.changed(1)).await;
    medium.restore(1).await;
    listener.loss().await;
    heard_again(&[&here, &there], &mut [listener], &scene).await;
}

/// Listeners whose own connection was sound learn that somebody else could not publish.
pub async fn listeners_learn_that_a_publisher_was_cut_off(medium: &dyn Medium) {
    if !medium.can_be_cut() {
        return;
    }
    let scene = Scene::new();
    let (here, there) = (medium.node().await, medium.node().await);
    let mut listener = Listener::of(&there, scene.topic()).await;
    medium.cut(0).await;
    here.publish(scene.topic(), scene.changed(1)).await;
    medium.restore(0).await;
    listener.signal_or_loss(&scene.changed(1)).await;
    heard_again(&[&here, &there], &mut [listener], &scene).await;
}

/// From each node to each listener. Losses may still be reported while everything settles, but not for ever.
async fn heard_again(nodes: &[&std::sync::Arc<dyn crate::bus::EventBus>], listeners: &mut [Listener], scene: &Scene) {
    for (number, node) in (1u64..).zip(nodes) {
        for (place, listener) in (1u64..).zip(listeners.iter_mut()) {
            let mut attempts = 0;
            loop {
                attempts += 1;
                let marker = scene.changed(1_000_000 * number + 10_000 * place + attempts);
                node.publish(scene.topic(), marker.clone()).await;
                if listener.hears(&marker).await {
                    break;
                }
                assert!(attempts < 50, "nothing is heard, long after the medium is back");
            }
        }
    }
}
