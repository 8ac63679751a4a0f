//! Topics are heard apart.

use std::sync::Arc;

use super::Medium;
use super::listener::Listener;
use super::scene::{Scene, advanced};
use crate::bus::{Signal, Topic};
use crate::id::{ConversationId, WorkspaceId};

/// A listener of one conversation hears no other.
pub async fn conversations_are_heard_apart(medium: &dyn Medium) {
    let scene = Scene::new();
    let foreign: Vec<Topic> = (0..10).map(|_| scene.another_topic()).collect();
    apart(medium, scene.topic(), scene.changed(1), &foreign).await;
}

/// A listener hears nothing of other workspaces, not even of a conversation with the same id.
pub async fn a_workspace_hears_nothing_of_another(medium: &dyn Medium) {
    let scene = Scene::new();
    let workspace = WorkspaceId::generate(&scene.ids);
    let conversation = scene.conversation;
    let foreign = [Topic::Conversation { workspace, conversation }, Topic::Queue { workspace }, Topic::Presence { workspace }];
    for own in [scene.topic(), scene.queue(), scene.presence()] {
        apart(medium, own, scene.changed(1), &foreign).await;
    }
}

/// The topics of one workspace do not mix, not even if a conversation has the workspace's id.
pub async fn queue_presence_and_conversations_are_heard_apart(medium: &dyn Medium) {
    let scene = Scene::new();
    let twin = Topic::Conversation { workspace: scene.workspace, conversation: ConversationId::from_uuid(scene.workspace.as_uuid()) };
    let topics = [scene.topic(), twin, scene.queue(), scene.presence()];
    for own in topics {
        let foreign: Vec<Topic> = topics.into_iter().filter(|topic| *topic != own).collect();
        apart(medium, own, scene.changed(1), &foreign).await;
    }
}

/// Who listens to `own` hears the marker, and nothing of what was published on the foreign topics before it. The foreign ones
/// have listeners too, on both nodes, because what nobody wants may not even leave its node.
async fn apart(medium: &dyn Medium, own: Topic, marker: Arc<Signal>, foreign: &[Topic]) {
    let (here, there) = (medium.node().await, medium.node().await);
    let mut listeners = Vec::new();
    for node in [&here, &there] {
        for topic in foreign {
            listeners.push(Listener::of(node, *topic).await);
        }
    }
    let (mut near, mut far) = (Listener::of(&here, own).await, Listener::of(&there, own).await);
    for topic in foreign {
        here.publish(*topic, advanced(99)).await;
    }
    for listener in &mut listeners {
        assert_eq!(listener.signal().await, advanced(99));
    }
    here.publish(own, marker.clone()).await;
    for listener in [&mut near, &mut far] {
        assert_eq!(listener.signal().await, marker, "a listener of {own:?} hears what was published elsewhere");
    }
}
