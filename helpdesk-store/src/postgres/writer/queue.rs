//! What waits to be written, and when it may be taken.

use tokio::sync::{Mutex, MutexGuard, mpsc, watch};

use super::{BATCH, Message, Request};

/// A batch of so many is worth its own statement while another is being written. A smaller one waits, and grows.
const LARGE: usize = 36;

/// What waits, for the writers of a node.
#[derive(Debug)]
pub(super) struct Queue {
    messages: Mutex<mpsc::Receiver<Message>>,
    /// How many batches are being written.
    turns: watch::Sender<usize>,
}

/// A batch that others wait for. They need not any more when this is dropped.
#[derive(Debug)]
pub(super) struct Turn<'q> {
    turns: &'q watch::Sender<usize>,
}

impl<'q> Turn<'q> {
    fn begin(turns: &'q watch::Sender<usize>) -> Self {
        turns.send_modify(|turns| *turns += 1);
        Self { turns }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.turns.send_modify(|turns| *turns -= 1);
    }
}

/// A batch that is being gathered; nobody else takes anything meanwhile.
#[derive(Debug)]
pub(super) struct Gathering<'q> {
    queue: &'q Queue,
    messages: MutexGuard<'q, mpsc::Receiver<Message>>,
    gathered: Vec<Message>,
}

impl Queue {
    pub(super) fn new(messages: mpsc::Receiver<Message>) -> Self {
        Self { messages: Mutex::new(messages), turns: watch::Sender::new(0) }
    }

    /// Begins a batch once there is something for it; none: all senders are gone or somebody closed the store, and nothing
    /// waits any more. Nothing is lost when this is cancelled.
    pub(super) async fn begin(&self) -> Option<Gathering<'_>> {
        let mut messages = self.messages.lock().await;
        let mut gathered = Vec::with_capacity(BATCH);
        let count = messages.recv_many(&mut gathered, BATCH).await;
        (count > 0).then_some(Gathering { queue: self, messages, gathered })
    }
}

impl<'q> Gathering<'q> {
    /// Lets the batch grow until it may be written.
    pub(super) async fn grown(mut self) -> (Vec<Request>, Turn<'q>) {
        let mut turns = self.queue.turns.subscribe();
        loop {
            let (gathered, free) = (self.gathered.len(), BATCH - self.gathered.len());
            tokio::select! {
                biased;
                count = self.messages.recv_many(&mut self.gathered, free), if free > 0 => {
                    if count == 0 {
                        break;
                    }
                }
                () = may_write(&mut turns, gathered) => break,
            }
        }
        let turn = Turn::begin(&self.queue.turns);
        if self.gathered.iter().any(|message| matches!(message, Message::Close)) {
            self.messages.close();
        }
        let requests = self.gathered.into_iter().filter_map(|message| match message {
            Message::Request(request) => Some(request),
            Message::Close => None,
        });
        (requests.collect(), turn)
    }
}

/// Waits until so many commits may be written beside what is being written.
async fn may_write(turns: &mut watch::Receiver<usize>, commits: usize) {
    let beside = usize::from(commits >= LARGE);
    // The sender lives as long as the queue.
    let _open = turns.wait_for(|writing| *writing <= beside).await;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use helpdesk_core::id::{CommitId, WorkspaceId};
    use helpdesk_core::store::commit::Commit;
    use helpdesk_core::testing::SequentialIds;
    use tokio::sync::oneshot;

    use super::*;

    struct Line {
        sender: mpsc::Sender<Message>,
        queue: Arc<Queue>,
    }

    impl Line {
        fn new() -> Self {
            let (sender, messages) = mpsc::channel(4 * BATCH);
            Self { sender, queue: Arc::new(Queue::new(messages)) }
        }

        async fn send(&self, commits: usize) {
            let ids = SequentialIds::new();
            for _ in 0..commits {
                let commit = Box::new(Commit::new(CommitId::generate(&ids), WorkspaceId::generate(&ids)));
                self.sender.send(Message::Request(Request { commit, bodies: None, reply: oneshot::channel().0 })).await.unwrap();
            }
        }

        async fn take(&self) -> (usize, Turn<'_>) {
            let (requests, turn) = self.queue.begin().await.unwrap().grown().await;
            (requests.len(), turn)
        }

        /// Looks for a batch that may be written now.
        fn try_take(&self) -> Option<(usize, Turn<'_>)> {
            use futures_util::FutureExt as _;
            Box::pin(self.take()).now_or_never()
        }
    }

    #[tokio::test]
    async fn a_small_batch_waits_until_the_one_before_is_written() {
        let line = Line::new();
        line.send(1).await;
        let (count, turn) = line.take().await;
        assert_eq!(count, 1);
        line.send(1).await;
        let queue = Arc::clone(&line.queue);
        let next = tokio::spawn(async move { queue.begin().await.unwrap().grown().await.0.len() });
        tokio::task::yield_now().await;
        line.send(2).await;
        tokio::task::yield_now().await;
        assert!(!next.is_finished());
        drop(turn);
        assert_eq!(next.await.unwrap(), 3);
    }

    #[tokio::test]
    async fn a_large_batch_is_written_beside_one_other() {
        let line = Line::new();
        line.send(1).await;
        let (_, _first) = line.take().await;
        line.send(LARGE).await;
        let (count, _second) = line.try_take().unwrap();
        assert_eq!(count, LARGE);
        line.send(LARGE).await;
        assert!(line.try_take().is_none());
    }

    #[tokio::test]
    async fn what_waits_when_the_store_is_closed_is_still_taken() {
        let line = Line::new();
        line.send(2).await;
        line.sender.send(Message::Close).await.unwrap();
        assert_eq!(line.take().await.0, 2);
        assert!(line.queue.begin().await.is_none());
        assert!(line.sender.is_closed());
    }
}
