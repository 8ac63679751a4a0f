//! From one subscription of a node to all its listeners.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use helpdesk_core::bus::{BusItem, Signal, Topic};
use tokio::sync::{broadcast, watch};
use tokio::task::AbortHandle;

use super::listener::{Leave, Listener};

/// Signals that a slow listener may be behind before it is told that it lost some.
const BACKLOG: usize = 64;

/// A topic that somebody here listens to.
#[derive(Debug)]
struct Line {
    sender: broadcast::Sender<BusItem>,
    listeners: usize,
    /// Whether signals of other nodes come.
    ready: watch::Receiver<bool>,
    /// What brings them; ended with the line.
    feed: Option<AbortHandle>,
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Some(feed) = &self.feed {
            feed.abort();
        }
    }
}

/// The topics that this node listens to, each with its listeners.
#[derive(Debug, Default)]
pub(super) struct FanOut {
    lines: Mutex<HashMap<Topic, Line>>,
}

impl FanOut {
    fn lines(&self) -> MutexGuard<'_, HashMap<Topic, Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a listener. For the first one of a topic `feed` begins to bring signals, and says through the channel when they
    /// come.
    pub(super) fn join(
        self: &Arc<Self>,
        topic: Topic,
        feed: impl FnOnce() -> (watch::Receiver<bool>, Option<AbortHandle>),
    ) -> (Listener, watch::Receiver<bool>) {
        let mut lines = self.lines();
        let line = lines.entry(topic).or_insert_with(|| {
            let (ready, feed) = feed();
            Line { sender: broadcast::channel(BACKLOG).0, listeners: 0, ready, feed }
        });
        line.listeners += 1;
        let listener = Listener::new(line.sender.subscribe(), Leave::new(Arc::clone(self), topic));
        (listener, line.ready.clone())
    }

    /// Takes a listener away, and with the last one the topic.
    pub(super) fn leave(&self, topic: Topic) {
        let mut lines = self.lines();
        let Some(line) = lines.get_mut(&topic) else { return };
        line.listeners -= 1;
        let last = if line.listeners == 0 { lines.remove(&topic) } else { None };
        // What ends with it need not hold up the others.
        drop(lines);
        drop(last);
    }

    /// Tells the listeners of a topic.
    pub(super) fn tell(&self, topic: Topic, signal: Arc<Signal>) {
        self.send(topic, BusItem::Signal(signal));
    }

    /// Tells the listeners of a topic that they lost signals.
    pub(super) fn tell_loss(&self, topic: Topic) {
        self.send(topic, BusItem::Lagged);
    }

    fn send(&self, topic: Topic, item: BusItem) {
        if let Some(line) = self.lines().get(&topic) {
            // Somebody listens, or has just stopped to.
            let _ = line.sender.send(item);
        }
    }

    /// Tells everybody that they lost signals.
    pub(super) fn tell_loss_to_all(&self) {
        for line in self.lines().values() {
            let _ = line.sender.send(BusItem::Lagged);
        }
    }

    /// Whether anybody here listens to a topic.
    #[cfg(feature = "postgres")]
    pub(super) fn hears(&self, topic: Topic) -> bool {
        self.lines().contains_key(&topic)
    }

    /// How many topics are listened to.
    pub(super) fn topics(&self) -> usize {
        self.lines().len()
    }
}
