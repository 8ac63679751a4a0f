//! The writer's thread: takes what waits, has it applied, answers.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use helpdesk_core::clock::Clock;
use helpdesk_core::store::{StorageFault, StoreError};
use rusqlite::Connection;
use tokio::sync::mpsc;

use super::batch::{self, Failure};
use super::memory::Memory;
use super::probe::{self, Proof};
use super::{Answer, BATCH, Control, Courtesy, Message, Request, Work};
use crate::sql::fault::{Fault, again};
use crate::sqlite::connection::{run, to_write};
use crate::sqlite::health::Health;
use crate::sqlite::ledger::Ledger;
use crate::sqlite::schema;

/// A transaction that held the file's lock for longer than this is followed by a pause.
const LONG: Duration = Duration::from_millis(5);
/// Long enough for a host that waits in SQLite's busy handler to begin.
const PAUSE: Duration = Duration::from_millis(1);

pub(super) struct Thread {
    file: PathBuf,
    patience: Duration,
    clock: Arc<dyn Clock>,
    courtesy: Courtesy,
    health: Arc<Health>,
    ledger: Arc<Ledger>,
    transactions: Arc<AtomicU64>,
    proof: Proof,
    /// Absent before the first use and after it was lost.
    connection: Option<Connection>,
    memory: Memory,
    /// Whether the tables were found to be ours and the memory to be that of this connection.
    ready: bool,
    /// Whether the host should get its turn before the next transaction.
    pause: bool,
}

impl Thread {
    pub(super) fn new(
        file: PathBuf,
        patience: Duration,
        clock: Arc<dyn Clock>,
        courtesy: Courtesy,
        health: Arc<Health>,
        ledger: Arc<Ledger>,
        transactions: Arc<AtomicU64>,
    ) -> Self {
        let (proof, connection, memory) = (Proof::default(), None, Memory::default());
        Self { file, patience, clock, courtesy, health, ledger, transactions, proof, connection, memory, ready: false, pause: false }
    }

    /// Runs until all senders are gone or somebody closes the store, and what waits is done.
    pub(super) fn run(mut self, mut messages: mpsc::Receiver<Message>) {
        let mut received = Vec::with_capacity(BATCH);
        let mut requests = Vec::with_capacity(BATCH);
        while messages.blocking_recv_many(&mut received, BATCH) > 0 {
            for message in received.drain(..) {
                match message {
                    Message::Request(request) => requests.push(request),
                    Message::Control(control, reply) => {
                        // What was asked for before is done before.
                        self.serve(&mut requests);
                        if matches!(control, Control::Close) {
                            messages.close();
                        }
                        let done = match (&control, self.proof.known()) {
                            (Control::Ready, Some(Err(known))) => Err(known),
                            _ => self.control(control).map_err(|fault| self.failed(fault.into())),
                        };
                        let _gone = reply.send(done);
                    }
                }
            }
            self.serve(&mut requests);
            if std::mem::take(&mut self.pause) {
                std::thread::sleep(PAUSE);
            }
        }
        if let Some(connection) = self.connection.take() {
            // The last connection to go takes the log back into the file; if it cannot, the next one to come does.
            let _unclean = connection.close();
        }
    }

    fn control(&mut self, control: Control) -> Result<(), Fault> {
        match control {
            Control::Migrated => {
                self.ready = false;
                self.prepared().map(|_| ())
            }
            Control::RenewIncarnation => {
                let (connection, _) = self.prepared()?;
                run(connection, "UPDATE helpdesk_meta SET value = randomblob(16) WHERE name = 'incarnation'", [])?;
                Ok(())
            }
            Control::Ready => {
                self.prepared()?;
                if let (None, Some(connection)) = (self.proof.known(), &self.connection) {
                    self.proof.look(connection)?;
                    self.proof.written();
                    self.health.written();
                }
                Ok(())
            }
            Control::Close => Ok(()),
        }
    }

    /// The connection and the memory, once the tables are there.
    fn prepared(&mut self) -> Result<(&Connection, &mut Memory), Fault> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                self.ready = false;
                to_write(&self.file, self.patience)?
            }
        };
        let connection = self.connection.insert(connection);
        if !self.ready {
            schema::check(connection)?;
            self.memory.recall(connection, self.clock.now())?;
            self.ready = true;
        }
        Ok((connection, &mut self.memory))
    }

    /// Applies these requests together; if one of them makes the database fail, each by itself.
    fn serve(&mut self, requests: &mut Vec<Request>) {
        // Nobody would do the jobs of a lease whose caller has gone.
        requests.retain(|request| !(matches!(request.work, Work::Lease { .. }) && request.reply.is_closed()));
        if requests.is_empty() {
            return;
        }
        match self.apply(requests) {
            Err(Failure { fault, divide: true }) if requests.len() > 1 => {
                tracing::warn!(requests = requests.len(), ?fault, "a transaction failed; its requests are applied one by one");
                for request in std::mem::take(requests) {
                    let one = vec![request];
                    let outcome = self.apply(&one);
                    self.answer(one, outcome);
                }
            }
            outcome => self.answer(std::mem::take(requests), outcome),
        }
    }

    fn apply(&mut self, requests: &[Request]) -> Result<Vec<Answer>, Failure> {
        let now = self.clock.now();
        let works: Vec<&Work> = requests.iter().map(|request| &request.work).collect();
        let ledger = Arc::clone(&self.ledger);
        let (connection, memory) = self.prepared().map_err(Failure::whole)?;
        let applied = match batch::apply(connection, memory, &ledger, &works, now) {
            Ok(applied) => applied,
            Err(failure) => {
                // Whatever was begun is undone; a connection that cannot do it is given up.
                if !connection.is_autocommit() && connection.execute_batch("ROLLBACK").is_err() {
                    self.connection = None;
                }
                self.ready = false;
                return Err(failure);
            }
        };
        if let Some(held) = applied.held {
            self.transactions.fetch_add(1, Ordering::Relaxed);
            if self.proof.worked() {
                self.health.written();
            }
            self.pause = self.courtesy == Courtesy::Shared && held > LONG;
        }
        Ok(applied.answers)
    }

    /// A write failed. Does what can be done about it here, and answers the error as callers are told.
    fn failed(&mut self, error: StoreError) -> StoreError {
        let fault = error.storage_fault();
        if fault.is_none() {
            return error;
        }
        let error = self.health.cannot_write(error);
        self.proof.failed(&error);
        if let Some(connection) = &self.connection {
            probe::make_room(connection, fault);
        }
        // Whether a file may be written is looked at when it is opened; the next request opens it anew.
        if fault != Some(StorageFault::Full) {
            self.connection = None;
        }
        error
    }

    fn answer(&mut self, requests: Vec<Request>, outcome: Result<Vec<Answer>, Failure>) {
        match outcome {
            Ok(answers) => {
                for (request, answer) in requests.into_iter().zip(answers) {
                    let _gone = request.reply.send(Ok(answer));
                }
            }
            Err(failure) => {
                let error = self.failed(failure.fault.into());
                for request in requests {
                    let _gone = request.reply.send(Err(again(&error)));
                }
            }
        }
    }
}
