//! The writers of a node.
//!
//! Callers put commits into a bounded channel; a few tasks take turns at taking all that wait, apply them in one
//! transaction ([`batch`]), and answer after its `COMMIT`. What the caller drops while it waits is applied all the same:
//! whole.

mod batch;
mod lanes;
mod load;
mod plain;
mod prune;
mod queue;
mod settle;
mod statement;
mod tables;
mod task;
mod write;

/// Every statement that looks for rows, for the tests of their plans.
#[cfg(test)]
pub(super) fn statements() -> Vec<&'static str> {
    [load::searches(), tables::searches(), vec![write::search()], plain::searches(), prune::searches()].concat()
}

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use helpdesk_core::store::StoreError;
use helpdesk_core::store::commit::{Commit, Outcome};
use tokio::sync::{mpsc, oneshot, watch};

use super::read::Reader;
use crate::sql::fault::unavailable;

/// The most commits that one transaction takes.
const BATCH: usize = 256;
/// The most commits that wait; who comes later waits for a place.
const WAITING: usize = 4 * BATCH;

/// A commit and who waits for it.
#[derive(Debug)]
struct Request {
    commit: Box<Commit>,
    bodies: Option<plain::Bodies>,
    reply: oneshot::Sender<Result<Outcome, StoreError>>,
}

#[derive(Debug)]
enum Message {
    Request(Request),
    Close,
}

/// The callers' side of the writers.
#[derive(Debug)]
pub(super) struct Writer {
    messages: mpsc::Sender<Message>,
    /// Nothing is ever sent; closed when all tasks are done.
    ended: watch::Receiver<()>,
    transactions: Arc<AtomicU64>,
}

impl Writer {
    /// Starts the tasks. They end when this side is dropped, after what waits.
    pub(super) fn start(reader: Reader, tasks: usize) -> Self {
        let (messages, received) = mpsc::channel(WAITING);
        let (running, ended) = watch::channel(());
        let running = Arc::new(running);
        let queue = Arc::new(queue::Queue::new(received));
        let transactions = Arc::new(AtomicU64::new(0));
        let prune = Arc::new(prune::Prune::default());
        for _ in 0..tasks {
            let task = task::Task::new(reader.clone(), Arc::clone(&transactions), Arc::clone(&prune));
            let (queue, running) = (Arc::clone(&queue), Arc::clone(&running));
            tokio::spawn(async move {
                task.run(&queue).await;
                drop(running);
            });
        }
        Self { messages, ended, transactions }
    }

    pub(super) async fn commit(&self, commit: Commit) -> Result<Outcome, StoreError> {
        let (reply, answer) = oneshot::channel();
        let closed = || unavailable("the store is closed");
        let bodies = plain::Bodies::of(&commit)?;
        let request = Request { commit: Box::new(commit), bodies, reply };
        self.messages.send(Message::Request(request)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Ends the writers; if they have ended already that is fine.
    pub(super) async fn close(&self) {
        let _closed = self.messages.send(Message::Close).await;
        let _ended = self.ended.clone().changed().await;
    }

    /// How many transactions were committed.
    pub(super) fn transactions(&self) -> u64 {
        self.transactions.load(Ordering::Relaxed)
    }
}
