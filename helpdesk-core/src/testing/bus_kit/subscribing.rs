//! Who has subscribed hears what is published from then on.

use futures_util::future::join_all;

use super::Medium;
use super::listener::Listener;
use super::scene::Scene;

/// No hole between subscribing and listening, however quickly somebody publishes after it.
pub async fn what_is_published_after_subscribing_is_heard(medium: &dyn Medium) {
    let scene = Scene::new();
    let (here, there) = (medium.node().await, medium.node().await);
    for _ in 0..100 {
        let topic = scene.another_topic();
        let mut listener = Listener::of(&there, topic).await;
        here.publish(topic, scene.changed(1)).await;
        assert!(listener.hears(&scene.changed(1)).await, "signals were lost at leisure");
    }
}

/// Many who subscribe at the same moment all hear: none relies on another's subscription before it is in force.
pub async fn many_may_subscribe_at_once(medium: &dyn Medium) {
    let scene = Scene::new();
    let (here, there) = (medium.node().await, medium.node().await);
    for round in 0..20 {
        let topic = scene.another_topic();
        let subscribing = (0..20).map(|number| {
            let (here, there, scene) = (&here, &there, &scene);
            async move {
                let mut listener = Listener::of(there, topic).await;
                let marker = scene.changed(number);
                here.publish(topic, marker.clone()).await;
                assert!(listener.hears(&marker).await, "signals were lost at leisure in round {round}");
            }
        });
        join_all(subscribing).await;
    }
}

/// The last listener leaves while another one comes: the topic is not forgotten under the new one's feet.
pub async fn who_comes_as_another_leaves_hears(medium: &dyn Medium) {
    let scene = Scene::new();
    let (here, there) = (medium.node().await, medium.node().await);
    let mut listener = Listener::of(&there, scene.topic()).await;
    for version in 1..=200 {
        let before = listener;
        let leaving = tokio::spawn(async move { drop(before) });
        listener = Listener::of(&there, scene.topic()).await;
        here.publish(scene.topic(), scene.changed(version)).await;
        assert!(listener.hears(&scene.changed(version)).await, "signals were lost at leisure");
        leaving.await.unwrap();
    }
}
