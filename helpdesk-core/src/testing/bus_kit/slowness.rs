//! Who does not keep up pays for it alone.

use std::time::Duration;

use super::Medium;
use super::listener::Listener;
use super::scene::{Scene, advanced};
use crate::bus::BusItem;

/// How long publishing may take in sum.
const QUICK: Duration = if cfg!(test) { Duration::from_secs(3) } else { Duration::from_secs(20) };

/// Nobody reads, and publishing goes on all the same.
pub async fn a_slow_listener_does_not_hold_up_publishers(medium: &dyn Medium) {
    let scene = Scene::new();
    let (here, there) = (medium.node().await, medium.node().await);
    let listeners = [Listener::of(&here, scene.queue()).await, Listener::of(&there, scene.queue()).await];
    let publishing = async {
        for change in 1..=20_000 {
            here.publish(scene.queue(), advanced(change)).await;
        }
    };
    tokio::time::timeout(QUICK, publishing).await.expect("publishing waits for listeners");
    drop(listeners);
}

/// Who was too slow for some signals is told so, or finds all of them.
pub async fn a_slow_listener_learns_what_it_cost(medium: &dyn Medium) {
    const LAST: u64 = 5_000;
    let scene = Scene::new();
    let (here, there) = (medium.node().await, medium.node().await);
    let listeners = [Listener::of(&here, scene.queue()).await, Listener::of(&there, scene.queue()).await];
    // Somebody who keeps up shows when the last one is through.
    let mut quick = Listener::of(&there, scene.topic()).await;
    for change in 1..=LAST {
        here.publish(scene.queue(), advanced(change)).await;
    }
    here.publish(scene.topic(), scene.changed(1)).await;
    quick.signal_or_loss(&scene.changed(1)).await;
    for mut listener in listeners {
        let mut expected = 1;
        while expected <= LAST {
            match listener.item().await {
                BusItem::Lagged => break,
                BusItem::Signal(signal) if signal == advanced(expected) => expected += 1,
                BusItem::Signal(signal) => {
                    let repeated = (1..expected).any(|earlier| signal == advanced(earlier));
                    assert!(repeated, "{signal:?} came where change {expected} was next, and no loss was reported");
                }
            }
        }
    }
}

/// Others on the same node and topic hear everything.
pub async fn a_slow_listener_costs_the_others_nothing(medium: &dyn Medium) {
    let scene = Scene::new();
    let (here, there) = (medium.node().await, medium.node().await);
    let slow = [Listener::of(&here, scene.queue()).await, Listener::of(&there, scene.queue()).await];
    let mut quick = [Listener::of(&here, scene.queue()).await, Listener::of(&there, scene.queue()).await];
    for change in 1..=1_000 {
        here.publish(scene.queue(), advanced(change)).await;
        if change % 10 == 0 {
            for listener in &mut quick {
                assert!(listener.hears(&advanced(change)).await, "somebody who keeps up lost signals");
            }
        }
    }
    drop(slow);
}
