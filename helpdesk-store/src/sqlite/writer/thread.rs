//! The writer's thread: takes what waits, has it applied, answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use helpdesk_core::clock::Clock;
use helpdesk_core::store::{StorageFault, StoreError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::mpsc;

use super::batch::{self, Failure};
use super::memory::Memory;
use super::probe::{self, Proof};
use super::{Answer, BATCH, Control, Courtesy, Message, Request, Work};
use crate::sql::fault::{Fault, again};
use crate::sqlite::health::Health;
use crate::sqlite::schema;

/// A transaction that held the file's lock for longer than this is followed by a pause.
const LONG: Duration = Duration::from_millis(5);
/// Long enough for a host that waits in SQLite's busy handler to begin.
const PAUSE: Duration = Duration::from_millis(1);

pub(super) struct Thread {
    options: SqliteConnectOptions,
    clock: Arc<dyn Clock>,
    courtesy: Courtesy,
    health: Arc<Health>,
    transactions: Arc<AtomicU64>,
    proof: Proof,
    /// Absent before the first use and after it was lost.
    connection: Option<SqliteConnection>,
    memory: Memory,
    /// Whether the tables were found to be ours and the memory to be that of this connection.
    ready: bool,
    /// Whether the host should get its turn before the next transaction.
    pause: bool,
}

impl Thread {
    pub(super) fn new(
        options: SqliteConnectOptions,
        clock: Arc<dyn Clock>,
        courtesy: Courtesy,
        health: Arc<Health>,
        transactions: Arc<AtomicU64>,
    ) -> Self {
        let (proof, memory) = (Proof::default(), Memory::default());
        Self { options, clock, courtesy, health, transactions, proof, connection: None, memory, ready: false, pause: false }
    }

    /// Runs until all senders are gone or somebody closes the store, and what waits is done.
    pub(super) async fn run(mut self, mut messages: mpsc::Receiver<Message>) {
        let mut received = Vec::with_capacity(BATCH);
        let mut requests = Vec::with_capacity(BATCH);
        while messages.recv_many(&mut received, BATCH).await > 0 {
            for message in received.drain(..) {
                match message {
                    Message::Request(request) => requests.push(request),
                    Message::Control(control, reply) => {
                        // What was asked for before is done before.
                        self.serve(&mut requests).await;
                        if matches!(control, Control::Close) {
                            messages.close();
                        }
                        let done = match (&control, self.proof.known()) {
                            (Control::Ready, Some(Err(known))) => Err(known),
                            _ => match self.control(control).await {
                                Ok(()) => Ok(()),
                                Err(fault) => Err(self.failed(fault.into()).await),
                            },
                        };
                        let _gone = reply.send(done);
                    }
                }
            }
            self.serve(&mut requests).await;
            if std::mem::take(&mut self.pause) {
                tokio::time::sleep(PAUSE).await;
            }
        }
        if let Some(connection) = self.connection.take() {
            // The last connection to go takes the log back into the file; if it cannot, the next one to come does.
            let _unclean = connection.close().await;
        }
    }

    async fn control(&mut self, control: Control) -> Result<(), Fault> {
        match control {
            Control::Migrate => {
                self.ready = false;
                schema::migrate(self.connected().await?).await?;
                self.prepared().await.map(|_| ())
            }
            Control::RenewIncarnation => {
                let (connection, _) = self.prepared().await?;
                let sql = "UPDATE helpdesk_meta SET value = randomblob(16) WHERE name = 'incarnation'";
                sqlx::query(sql).execute(connection).await?;
                Ok(())
            }
            Control::Ready => {
                self.prepared().await?;
                if let (None, Some(connection)) = (self.proof.known(), self.connection.as_mut()) {
                    self.proof.look(connection).await?;
                    self.proof.written();
                    self.health.written();
                }
                Ok(())
            }
            Control::Close => Ok(()),
        }
    }

    async fn connected(&mut self) -> Result<&mut SqliteConnection, Fault> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                self.ready = false;
                SqliteConnection::connect_with(&self.options).await?
            }
        };
        Ok(self.connection.insert(connection))
    }

    /// The connection and the memory, once the tables are there.
    async fn prepared(&mut self) -> Result<(&mut SqliteConnection, &mut Memory), Fault> {
        self.connected().await?;
        let Some(connection) = self.connection.as_mut() else {
            return Err(Fault::Sql(sqlx::Error::WorkerCrashed));
        };
        if !self.ready {
            schema::check(&mut *connection).await?;
            self.memory.recall(connection, self.clock.now()).await?;
            self.ready = true;
        }
        Ok((connection, &mut self.memory))
    }

    /// Applies these requests together; if one of them makes the database fail, each by itself.
    async fn serve(&mut self, requests: &mut Vec<Request>) {
        // Nobody would do the jobs of a lease whose caller has gone.
        requests.retain(|request| !(matches!(request.work, Work::Lease { .. }) && request.reply.is_closed()));
        if requests.is_empty() {
            return;
        }
        match self.apply(requests).await {
            Err(Failure { fault, divide: true }) if requests.len() > 1 => {
                tracing::warn!(requests = requests.len(), ?fault, "a transaction failed; its requests are applied one by one");
                for request in std::mem::take(requests) {
                    let one = vec![request];
                    let outcome = self.apply(&one).await;
                    self.answer(one, outcome).await;
                }
            }
            outcome => self.answer(std::mem::take(requests), outcome).await,
        }
    }

    async fn apply(&mut self, requests: &[Request]) -> Result<Vec<Answer>, Failure> {
        let now = self.clock.now();
        let works: Vec<&Work> = requests.iter().map(|request| &request.work).collect();
        let (connection, memory) = self.prepared().await.map_err(Failure::whole)?;
        let applied = match batch::apply(connection, memory, &works, now).await {
            Ok(applied) => applied,
            Err(failure) => {
                // Whatever was begun is undone. That nothing was begun is an error too, and none that matters; but a
                // connection that answers neither way is given up.
                let undone = sqlx::query("ROLLBACK").execute(&mut *connection).await;
                if undone.is_err() && sqlx::query("SELECT 1").execute(&mut *connection).await.is_err() {
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
    async fn failed(&mut self, error: StoreError) -> StoreError {
        let fault = error.storage_fault();
        if fault.is_none() {
            return error;
        }
        let error = self.health.cannot_write(error);
        self.proof.failed(&error);
        if let Some(connection) = self.connection.as_mut() {
            probe::make_room(connection, fault).await;
        }
        // Whether a file may be written is looked at when it is opened; the next request opens it anew.
        if fault != Some(StorageFault::Full) {
            self.connection = None;
        }
        error
    }

    async fn answer(&mut self, requests: Vec<Request>, outcome: Result<Vec<Answer>, Failure>) {
        match outcome {
            Ok(answers) => {
                for (request, answer) in requests.into_iter().zip(answers) {
                    let _gone = request.reply.send(Ok(answer));
                }
            }
            Err(failure) => {
                let error = self.failed(failure.fault.into()).await;
                for request in requests {
                    let _gone = request.reply.send(Err(again(&error)));
                }
            }
        }
    }
}
