//! The bus of a single node: broadcast channels in the process.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;

use crate::bus::{BusItem, EventBus, Signal, Topic};
use crate::id::{ChangeNumber, Version, WorkspaceId};

/// Signals that a slow listener may be behind before it is told that it lost some.
const BACKLOG: usize = 32;

/// The default bus: carries signals within one process, in order.
#[derive(Clone, Default)]
pub struct LocalBus {
    topics: Arc<Mutex<HashMap<Topic, broadcast::Sender<Arc<Signal>>>>>,
}

impl fmt::Debug for LocalBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalBus")
    }
}

impl LocalBus {
    /// A bus without listeners.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn topics(&self) -> std::sync::MutexGuard<'_, HashMap<Topic, broadcast::Sender<Arc<Signal>>>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many topics are listened to.
    #[must_use]
    pub fn topics_heard(&self) -> usize {
        self.topics().values().filter(|sender| sender.receiver_count() > 0).count()
    }

    /// The workspaces in which somebody listens to something.
    pub(crate) fn workspaces(&self) -> HashSet<WorkspaceId> {
        self.topics().iter().filter(|(_, sender)| sender.receiver_count() > 0).map(|(topic, _)| topic.workspace()).collect()
    }

    /// Whether anybody listens to anything of this workspace.
    pub(crate) fn listens_in(&self, workspace: WorkspaceId) -> bool {
        self.topics().iter().any(|(topic, sender)| topic.workspace() == workspace && sender.receiver_count() > 0)
    }

    /// Tells all listeners of this workspace that they may have missed anything.
    pub(crate) fn unsettle(&self, workspace: WorkspaceId) {
        for (topic, sender) in self.topics().iter().filter(|(topic, _)| topic.workspace() == workspace) {
            let signal = match topic {
                Topic::Conversation { conversation, .. } => Signal::Changed { conversation: *conversation, version: Version(u64::MAX) },
                Topic::Queue { .. } => Signal::Advanced { change: ChangeNumber(u64::MAX), key: None },
                Topic::Presence { .. } => continue,
            };
            let _ = sender.send(Arc::new(signal));
        }
    }
}

#[async_trait]
impl EventBus for LocalBus {
    async fn publish(&self, topic: Topic, signal: Arc<Signal>) {
        let mut topics = self.topics();
        if let Some(sender) = topics.get(&topic) {
            // The last listener left: forget the topic, so that the map holds only what is listened to.
            if sender.send(signal).is_err() {
                topics.remove(&topic);
            }
        }
    }

    async fn subscribe(&self, topic: Topic) -> BoxStream<'static, BusItem> {
        let receiver = {
            let mut topics = self.topics();
            if topics.len() > 1024 && topics.len().is_power_of_two() {
                topics.retain(|_, sender| sender.receiver_count() > 0);
            }
            topics.entry(topic).or_insert_with(|| broadcast::channel(BACKLOG).0).subscribe()
        };
        BroadcastStream::new(receiver)
            .map(|signal| match signal {
                Ok(signal) => BusItem::Signal(signal),
                Err(_) => BusItem::Lagged,
            })
            .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn listeners_hear_their_topic_and_learn_that_they_were_too_slow() {
        let bus = LocalBus::new();
        let topic = Topic::Queue { workspace: WorkspaceId::DEFAULT };
        let mut listener = bus.subscribe(topic).await;
        let signal = |number| Arc::new(Signal::Advanced { change: ChangeNumber(number), key: None });
        bus.publish(topic, signal(1)).await;
        assert!(matches!(listener.next().await, Some(BusItem::Signal(heard)) if *heard == *signal(1)));
        for number in 0..=BACKLOG as u64 {
            bus.publish(topic, signal(number)).await;
        }
        assert!(matches!(listener.next().await, Some(BusItem::Lagged)));
        drop(listener);
        bus.publish(topic, signal(1)).await;
        assert!(bus.topics().is_empty());
    }
}
