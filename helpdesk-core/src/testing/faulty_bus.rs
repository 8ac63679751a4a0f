//! A bus that loses, repeats and reorders signals on purpose, and tells nobody.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};

use super::dice::Dice;
use crate::bus::{BusItem, EventBus, Signal, Topic};

/// How many signals one that is held back may let pass at most.
const PATIENCE: u64 = 5;

/// Wraps a bus and does to its signals what networks do, differently for each listener and alike in every run with the same
/// seed. Losses are not reported: who relies on [`BusItem::Lagged`] alone fails on it.
///
/// ```
/// # use std::sync::Arc;
/// # use helpdesk_core::engine::LocalBus;
/// # use helpdesk_core::testing::FaultyBus;
/// let bus = FaultyBus::new(Arc::new(LocalBus::new()), 7).losing(30).repeating(20).reordering(20);
/// ```
#[derive(Clone)]
pub struct FaultyBus {
    inner: Arc<dyn EventBus>,
    seed: u64,
    listeners: Arc<AtomicU64>,
    odds: Odds,
}

/// Chances, of 100.
#[derive(Clone, Copy, Debug, Default)]
struct Odds {
    lose: u64,
    repeat: u64,
    reorder: u64,
}

impl FaultyBus {
    /// A bus without faults yet.
    #[must_use]
    pub fn new(inner: Arc<dyn EventBus>, seed: u64) -> Self {
        Self { inner, seed, listeners: Arc::default(), odds: Odds::default() }
    }

    /// Loses so many of a hundred signals.
    #[must_use]
    pub const fn losing(mut self, percent: u64) -> Self {
        self.odds.lose = percent;
        self
    }

    /// Brings so many of a hundred signals twice, the second time a little later.
    #[must_use]
    pub const fn repeating(mut self, percent: u64) -> Self {
        self.odds.repeat = percent;
        self
    }

    /// Holds so many of a hundred signals back until some others have passed.
    #[must_use]
    pub const fn reordering(mut self, percent: u64) -> Self {
        self.odds.reorder = percent;
        self
    }
}

impl fmt::Debug for FaultyBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyBus").field("inner", &self.inner).field("seed", &self.seed).field("odds", &self.odds).finish_non_exhaustive()
    }
}

#[async_trait]
impl EventBus for FaultyBus {
    async fn publish(&self, topic: Topic, signal: Arc<Signal>) {
        self.inner.publish(topic, signal).await;
    }

    async fn subscribe(&self, topic: Topic) -> BoxStream<'static, BusItem> {
        let number = self.listeners.fetch_add(1, Ordering::Relaxed);
        let network = Network {
            odds: self.odds,
            dice: Dice::new(self.seed.wrapping_mul(1_000_003).wrapping_add(number)),
            ready: VecDeque::new(),
            held: Vec::new(),
        };
        let signals = self.inner.subscribe(topic).await;
        stream::unfold((signals, network), |(mut signals, mut network)| async move {
            loop {
                if let Some(item) = network.ready.pop_front() {
                    return Some((item, (signals, network)));
                }
                let item = signals.next().await?;
                network.pass(item);
            }
        })
        .boxed()
    }
}

/// What lies between a listener and the bus.
struct Network {
    odds: Odds,
    dice: Dice,
    ready: VecDeque<BusItem>,
    /// Signals that were held back, each with the number of others that must pass before it.
    held: Vec<(u64, BusItem)>,
}

impl Network {
    fn happens(&mut self, percent: u64) -> bool {
        self.dice.below(100) < percent
    }

    fn hold(&mut self, item: BusItem) {
        let passing = 1 + self.dice.below(PATIENCE);
        self.held.push((passing, item));
    }

    fn pass(&mut self, item: BusItem) {
        let BusItem::Signal(_) = item else { return self.ready.push_back(item) };
        let (lost, repeated, held) = (self.happens(self.odds.lose), self.happens(self.odds.repeat), self.happens(self.odds.reorder));
        if repeated {
            self.hold(item.clone());
        }
        match (lost, held) {
            (true, _) => {}
            (false, true) => self.hold(item),
            (false, false) => self.ready.push_back(item),
        }
        for (passing, item) in std::mem::take(&mut self.held) {
            match passing {
                0 => self.ready.push_back(item),
                _ => self.held.push((passing - 1, item)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::engine::LocalBus;
    use crate::id::{ChangeNumber, WorkspaceId};

    async fn heard(bus: FaultyBus) -> Vec<u64> {
        let topic = Topic::Queue { workspace: WorkspaceId::DEFAULT };
        let mut signals = bus.subscribe(topic).await;
        let mut heard = Vec::new();
        for number in 0..1_000 {
            bus.publish(topic, Arc::new(Signal::Advanced { change: ChangeNumber(number), key: None })).await;
            // Streams are given so much to read in one go, then they pause.
            tokio::task::yield_now().await;
            while let Some(Some(BusItem::Signal(signal))) = signals.next().now_or_never() {
                let Signal::Advanced { change, .. } = *signal else { panic!("it was not published") };
                heard.push(change.0);
            }
        }
        heard
    }

    fn bus() -> FaultyBus {
        FaultyBus::new(Arc::new(LocalBus::new()), 1)
    }

    #[tokio::test]
    async fn each_fault_is_what_it_says() {
        assert!(heard(bus()).await.into_iter().eq(0..1_000));
        let lossy = heard(bus().losing(30)).await;
        assert!((600..800).contains(&lossy.len()) && lossy.is_sorted());
        let repeated = heard(bus().repeating(30)).await;
        assert!((1_200..1_400).contains(&repeated.len()) && !repeated.is_sorted());
        let mut reordered = heard(bus().reordering(30)).await;
        assert!(!reordered.is_sorted() && reordered.len() > 990);
        reordered.sort_unstable();
        assert!(reordered.windows(2).all(|pair| pair[0] < pair[1]), "nothing comes twice");
        assert!(heard(bus().losing(30).reordering(30)).await == heard(bus().losing(30).reordering(30)).await);
    }
}
