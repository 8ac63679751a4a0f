//! A bus that remembers what was said on it, and can be told to lose it.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures_util::stream::BoxStream;

use crate::bus::{BusItem, EventBus, Signal, Topic};

/// A signal that was published, and on what.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// For whom.
    pub topic: Topic,
    /// What.
    pub signal: Arc<Signal>,
}

/// Wraps a bus, records everything that is published, and hands it on unless told to lose it.
///
/// # Clone
///
/// Clones are handles of the same bus.
#[derive(Clone)]
pub struct RecordingBus {
    inner: Arc<dyn EventBus>,
    published: Arc<Mutex<Vec<Published>>>,
    losing: Arc<AtomicBool>,
}

impl RecordingBus {
    /// Records what is published on `inner`.
    #[must_use]
    pub fn new(inner: Arc<dyn EventBus>) -> Self {
        Self { inner, published: Arc::default(), losing: Arc::default() }
    }

    /// From now on signals are recorded but reach nobody, as on a network that is cut; or reach everybody again.
    pub fn lose(&self, losing: bool) {
        self.losing.store(losing, Ordering::SeqCst);
    }

    /// All that was published so far, in order.
    ///
    /// # Panics
    /// If a panic happened while it was recorded.
    #[must_use]
    pub fn published(&self) -> Vec<Published> {
        self.published.lock().expect("nothing panics while recording").clone()
    }

    /// What was published on one topic, in order.
    #[must_use]
    pub fn published_on(&self, topic: Topic) -> Vec<Arc<Signal>> {
        self.published().into_iter().filter(|published| published.topic == topic).map(|published| published.signal).collect()
    }
}

impl fmt::Debug for RecordingBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordingBus").field("inner", &self.inner).field("losing", &self.losing).finish_non_exhaustive()
    }
}

#[async_trait]
impl EventBus for RecordingBus {
    async fn publish(&self, topic: Topic, signal: Arc<Signal>) {
        self.published.lock().expect("nothing panics while recording").push(Published { topic, signal: signal.clone() });
        if !self.losing.load(Ordering::SeqCst) {
            self.inner.publish(topic, signal).await;
        }
    }

    async fn subscribe(&self, topic: Topic) -> BoxStream<'static, BusItem> {
        self.inner.subscribe(topic).await
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt as _, StreamExt as _};

    use super::*;
    use crate::engine::LocalBus;
    use crate::id::{ChangeNumber, WorkspaceId};

    #[tokio::test]
    async fn what_is_lost_is_recorded_all_the_same() {
        let bus = RecordingBus::new(Arc::new(LocalBus::default()));
        let topic = Topic::Queue { workspace: WorkspaceId::DEFAULT };
        let mut heard = bus.subscribe(topic).await;
        for (number, losing) in [(1, false), (2, true), (3, false)] {
            bus.lose(losing);
            bus.publish(topic, Arc::new(Signal::Advanced { change: ChangeNumber(number), key: None })).await;
        }
        let mut numbers = Vec::new();
        while let Some(Some(BusItem::Signal(signal))) = heard.next().now_or_never() {
            numbers.push(signal);
        }
        let published = bus.published_on(topic);
        assert_eq!(published.len(), 3);
        assert_eq!(numbers, [published[0].clone(), published[2].clone()]);
    }
}
