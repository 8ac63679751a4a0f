//! What a socket listens to.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::StreamExt as _;
use helpdesk_core::Error;
use helpdesk_core::engine::{LiveEvent, LiveStream};
use smallvec::SmallVec;

/// Names of topics that are remembered after they were left.
const LEFT: usize = 16;

/// What happens on a topic.
pub(super) enum Event {
    /// It is told, and the topic goes on.
    Told(LiveEvent),
    /// The topic of this name has ended with this, and is gone.
    Last(Arc<str>, Option<Result<LiveEvent, Error>>),
}

/// Topics by their names, one stream each.
#[derive(Default)]
pub(super) struct Topics {
    /// Most sockets listen to one.
    streams: SmallVec<[(Arc<str>, LiveStream); 1]>,
    /// The topics that the client left last.
    left: VecDeque<Box<str>>,
    /// Who is asked first, so that none that tells much drowns the others.
    first: usize,
}

impl Topics {
    pub(super) fn len(&self) -> usize {
        self.streams.len()
    }

    /// Whether the client listens to this, or did a while ago: then it was told of it already.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.streams.iter().any(|(known, _)| **known == *name) || self.left.iter().any(|known| **known == *name)
    }

    /// Listens; what was listened to under this name is left.
    pub(super) fn insert(&mut self, name: Arc<str>, stream: LiveStream) {
        self.remove(&name);
        self.streams.push((name, stream));
    }

    /// Listens no more, because the client does not want to.
    pub(super) fn leave(&mut self, name: Box<str>) {
        self.remove(&name);
        if self.left.len() >= LEFT {
            self.left.pop_front();
        }
        self.left.push_back(name);
    }

    fn remove(&mut self, name: &str) {
        self.streams.retain(|(known, _)| **known != *name);
    }

    /// What happens next. After an end, or a failure, the topic is gone.
    ///
    /// # Cancel safety
    /// Nothing is lost.
    pub(super) async fn next(&mut self) -> Event {
        let (at, event) = poll_fn(|context| self.poll_next(context)).await;
        match event {
            Some(Ok(event)) if event != LiveEvent::Resync => Event::Told(event),
            last => Event::Last(self.streams.remove(at).0, last),
        }
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<(usize, Option<Result<LiveEvent, Error>>)> {
        let count = self.streams.len();
        for turn in 0..count {
            let at = (self.first + turn) % count;
            if let Poll::Ready(event) = self.streams[at].1.poll_next_unpin(context) {
                self.first = at + 1;
                return Poll::Ready((at, event));
            }
        }
        Poll::Pending
    }
}
