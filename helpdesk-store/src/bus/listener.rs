//! The stream that a listener holds.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::{Stream, StreamExt as _};
use helpdesk_core::bus::{BusItem, Topic};
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;

use super::fan_out::FanOut;

/// Leaves the topic when it is dropped.
#[derive(Debug)]
pub(super) struct Leave {
    fan_out: Arc<FanOut>,
    topic: Topic,
}

impl Leave {
    pub(super) fn new(fan_out: Arc<FanOut>, topic: Topic) -> Self {
        Self { fan_out, topic }
    }
}

impl Drop for Leave {
    fn drop(&mut self) {
        self.fan_out.leave(self.topic);
    }
}

/// What one listener hears.
#[derive(Debug)]
pub(super) struct Listener {
    signals: BroadcastStream<BusItem>,
    _leave: Leave,
}

impl Listener {
    pub(super) fn new(receiver: broadcast::Receiver<BusItem>, leave: Leave) -> Self {
        Self { signals: BroadcastStream::new(receiver), _leave: leave }
    }
}

impl Stream for Listener {
    type Item = BusItem;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<BusItem>> {
        self.signals.poll_next_unpin(context).map(|item| item.map(|item| item.unwrap_or(BusItem::Lagged)))
    }
}
