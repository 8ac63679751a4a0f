//! A listener that waits for what must come, and not for ever.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;

use crate::bus::{BusItem, EventBus, Signal, Topic};

/// How long a signal may take, on a machine that is busy with other tests. Short where broken buses are waited for.
const SIGNAL: Duration = if cfg!(test) { Duration::from_secs(2) } else { Duration::from_secs(20) };
/// How long a bus may take to find out that it was cut off, and to connect again.
const RECOVERY: Duration = if cfg!(test) { Duration::from_secs(2) } else { Duration::from_secs(60) };

pub(super) struct Listener {
    stream: BoxStream<'static, BusItem>,
}

impl Listener {
    pub(super) async fn of(bus: &Arc<dyn EventBus>, topic: Topic) -> Self {
        Self { stream: bus.subscribe(topic).await }
    }

    async fn within(&mut self, patience: Duration) -> Option<BusItem> {
        let item = tokio::time::timeout(patience, self.stream.next()).await.ok()?;
        Some(item.expect("a stream goes on until it is dropped"))
    }

    /// What comes next; within a while something must.
    pub(super) async fn item(&mut self) -> BusItem {
        self.within(SIGNAL).await.expect("nothing was heard, and no loss was reported")
    }

    /// The next signal: none may be lost before it.
    pub(super) async fn signal(&mut self) -> Arc<Signal> {
        match self.item().await {
            BusItem::Signal(signal) => signal,
            BusItem::Lagged => panic!("signals were lost at leisure"),
        }
    }

    /// Waits for this signal, and says whether it was heard. False: a loss was reported instead.
    pub(super) async fn hears(&mut self, wanted: &Signal) -> bool {
        loop {
            match self.item().await {
                BusItem::Signal(signal) if *signal == *wanted => return true,
                BusItem::Signal(_) => {}
                BusItem::Lagged => return false,
            }
        }
    }

    /// Waits until a loss is reported.
    pub(super) async fn loss(&mut self) {
        loop {
            match self.within(RECOVERY).await.expect("a loss was not reported") {
                BusItem::Lagged => return,
                BusItem::Signal(_) => {}
            }
        }
    }

    /// Waits until either this signal comes or a loss is reported.
    pub(super) async fn signal_or_loss(&mut self, wanted: &Signal) {
        loop {
            match self.within(RECOVERY).await.expect("a signal was lost, and the loss was not reported") {
                BusItem::Signal(signal) if *signal == *wanted => return,
                BusItem::Lagged => return,
                BusItem::Signal(_) => {}
            }
        }
    }
}
