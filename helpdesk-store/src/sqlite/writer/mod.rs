//! The one writer.
//!
//! Callers put requests into a bounded channel; a thread takes all that wait, applies them in one transaction
//! ([`batch`]), and answers after its `COMMIT`. What the caller drops while it waits is applied all the same: whole.

mod batch;
mod bulk;
mod lease;
mod leased;
mod load;
mod memory;
mod probe;
mod prune;
mod tables;
mod thread;

/// Every statement that looks for rows, for the tests of their plans.
#[cfg(test)]
pub(super) fn statements() -> Vec<String> {
    let mut statements = load::questions();
    statements.extend(tables::searches());
    statements.push(lease::leased());
    statements.extend([lease::DUE, memory::VOID_LEASES, prune::OLD_NAMES, prune::OLD_CHANGES].map(str::to_owned));
    statements
}

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use helpdesk_core::clock::Clock;
use helpdesk_core::id::{CommitId, WorkspaceId};
use helpdesk_core::store::commit::{Commit, Outcome};
use helpdesk_core::store::job::{Fence, Leased};
use helpdesk_core::store::{Settled, StoreError};
use tokio::sync::{mpsc, oneshot, watch};

use super::health::Health;
use super::ledger::Ledger;
use super::lock::FileLock;
use crate::sql::fault::unavailable;

/// The most requests that one transaction takes.
const BATCH: usize = 256;
/// The most requests that wait; who comes later waits for a place.
const WAITING: usize = 4 * BATCH;

/// What the writer is asked to do in a transaction with others.
#[derive(Debug)]
enum Work {
    Commit(Box<Commit>),
    Settle { workspace: WorkspaceId, commit: CommitId },
    Lease { limit: u32, keep: Duration },
    Extend { workspace: WorkspaceId, fence: Fence, keep: Duration },
    Retry { workspace: WorkspaceId, fence: Fence, delay: Duration },
}

/// What came of it.
#[derive(Debug)]
enum Answer {
    Outcome(Outcome),
    Settled(Settled),
    Leased(Vec<Leased>),
    /// Whether the lease was still held.
    Held(bool),
}

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// Work and who waits for it.
#[derive(Debug)]
struct Request {
    work: Work,
    reply: Reply<Answer>,
}

/// What the writer is asked to do by itself, between transactions.
#[derive(Debug)]
enum Control {
    /// The tables were brought to this version.
    Migrated,
    RenewIncarnation,
    Ready,
    Close,
}

#[derive(Debug)]
enum Message {
    Request(Request),
    Control(Control, Reply<()>),
}

/// Whether somebody else writes to the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Courtesy {
    /// Nobody does.
    Alone,
    /// The host does: after a long transaction it gets a moment to begin its own.
    Shared,
}

/// The callers' side of the writer.
#[derive(Debug)]
pub(super) struct Writer {
    messages: mpsc::Sender<Message>,
    /// Nothing is ever sent; closed when the thread is done and the lock is given back.
    ended: watch::Receiver<()>,
    transactions: Arc<AtomicU64>,
}

impl Writer {
    /// Starts the thread. It ends when this side is dropped, after what waits; the lock is given back then.
    pub(super) fn start(
        file: PathBuf,
        patience: Duration,
        lock: FileLock,
        clock: Arc<dyn Clock>,
        courtesy: Courtesy,
        health: Arc<Health>,
        ledger: Arc<Ledger>,
    ) -> Result<Self, StoreError> {
        let (messages, received) = mpsc::channel(WAITING);
        let (running, ended) = watch::channel(());
        let transactions = Arc::new(AtomicU64::new(0));
        let thread = thread::Thread::new(file, patience, clock, courtesy, health, ledger, Arc::clone(&transactions));
        std::thread::Builder::new()
            .name("helpdesk-writer".to_owned())
            .spawn(move || {
                thread.run(received);
                drop(lock);
                drop(running);
            })
            .map_err(|error| unavailable(format!("the writer has no thread: {error}")))?;
        Ok(Self { messages, ended, transactions })
    }

    pub(super) async fn commit(&self, commit: Commit) -> Result<Outcome, StoreError> {
        match self.ask(Work::Commit(Box::new(commit))).await? {
            Answer::Outcome(outcome) => Ok(outcome),
            other => Err(mixed_up(&other)),
        }
    }

    pub(super) async fn settle(&self, workspace: WorkspaceId, commit: CommitId) -> Result<Settled, StoreError> {
        match self.ask(Work::Settle { workspace, commit }).await? {
            Answer::Settled(settled) => Ok(settled),
            other => Err(mixed_up(&other)),
        }
    }

    pub(super) async fn lease(&self, limit: u32, keep: Duration) -> Result<Vec<Leased>, StoreError> {
        match self.ask(Work::Lease { limit, keep }).await? {
            Answer::Leased(leased) => Ok(leased),
            other => Err(mixed_up(&other)),
        }
    }

    pub(super) async fn extend(&self, workspace: WorkspaceId, fence: Fence, keep: Duration) -> Result<bool, StoreError> {
        match self.ask(Work::Extend { workspace, fence, keep }).await? {
            Answer::Held(held) => Ok(held),
            other => Err(mixed_up(&other)),
        }
    }

    pub(super) async fn retry(&self, workspace: WorkspaceId, fence: Fence, delay: Duration) -> Result<bool, StoreError> {
        match self.ask(Work::Retry { workspace, fence, delay }).await? {
            Answer::Held(held) => Ok(held),
            other => Err(mixed_up(&other)),
        }
    }

    pub(super) async fn migrated(&self) -> Result<(), StoreError> {
        self.tell(Control::Migrated).await
    }

    pub(super) async fn renew_incarnation(&self) -> Result<(), StoreError> {
        self.tell(Control::RenewIncarnation).await
    }

    pub(super) async fn ready(&self) -> Result<(), StoreError> {
        self.tell(Control::Ready).await
    }

    /// Ends the writer; one that has ended already is fine.
    pub(super) async fn close(&self) {
        let _closed = self.tell(Control::Close).await;
        let _ended = self.ended.clone().changed().await;
    }

    /// How many transactions were committed.
    pub(super) fn transactions(&self) -> u64 {
        self.transactions.load(Ordering::Relaxed)
    }

    async fn ask(&self, work: Work) -> Result<Answer, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.send(Message::Request(Request { work, reply }), answer).await
    }

    async fn tell(&self, control: Control) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.send(Message::Control(control, reply), answer).await
    }

    async fn send<T>(&self, message: Message, answer: oneshot::Receiver<Result<T, StoreError>>) -> Result<T, StoreError> {
        let closed = || unavailable("the store is closed");
        self.messages.send(message).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

fn mixed_up(answer: &Answer) -> StoreError {
    StoreError::Inconsistent(format!("the writer answered something else: {answer:?}"))
}
