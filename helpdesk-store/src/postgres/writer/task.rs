//! A writer: takes what waits, has it applied, answers.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use helpdesk_core::store::StoreError;
use helpdesk_core::store::commit::{Commit, Outcome};
use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use tokio::time::timeout;

use super::Request;
use super::batch::{self, Failure};
use super::plain::{self, Plain, Trust};
use super::prune::Prune;
use super::queue::{Queue, Turn};
use crate::postgres::fault::{is_lost_connection, is_lost_race};
use crate::postgres::read::Reader;
use crate::postgres::sessions::{FORGET_PLANS, Sessions};
use crate::sql::fault::{Fault, again, unavailable};

/// How often a batch that lost a race is tried whole before its commits are tried one by one.
const TRIES: u32 = 3;
/// How long a single commit is tried.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a writer waits before it tries once more what failed several times.
const PAUSE: Duration = Duration::from_millis(5);
/// How often a connection that turned out to be lost is replaced, with a pause before each but the first.
const CONNECTIONS: u32 = 4;

/// How long a writer keeps its connection while there is nothing to do: longer than a batch takes, so that a busy one stays with
/// the same, which knows its plans.
const LINGER: Duration = Duration::from_millis(100);

/// After how many batches a writer has its statements planned anew; and then whenever it has written as many again as ever, since
/// it is by how much tables have grown that plans go out of date.
const REPLANNED: u32 = 256;

/// How long a writer whose statement does not come to an end holds up the next: its connection may be stuck, and another not.
const TURN: Duration = Duration::from_secs(1);

pub(super) struct Task {
    reader: Reader,
    transactions: Arc<AtomicU64>,
    prune: Arc<Prune>,
    /// Kept from one batch to the next while there is something to do, and given back soon after.
    connection: Option<PoolConnection<Postgres>>,
    /// How many were written on connections that were kept.
    batches: u32,
    trust: Trust,
}

impl Task {
    pub(super) fn new(reader: Reader, transactions: Arc<AtomicU64>, prune: Arc<Prune>) -> Self {
        Self { reader, transactions, prune, connection: None, batches: 0, trust: Trust::default() }
    }

    /// Runs until all senders are gone or somebody closes the store, and what waits is done.
    pub(super) async fn run(mut self, queue: &Queue) {
        while let Some((requests, turn)) = self.gather(queue).await {
            self.serve(requests, turn).await;
            self.prune().await;
        }
    }

    /// Removes some of what is too old, on the connection that is kept: there may be no other.
    async fn prune(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        match self.prune.some(&mut connection, &self.reader).await {
            Ok(()) => self.connection = Some(connection),
            Err(fault) => tracing::warn!(?fault, "what is too old could not be removed"),
        }
    }

    /// Takes what waits, once there is something and it may be written; none: it is over. The connection is given back when
    /// there is nothing for long.
    async fn gather<'q>(&mut self, queue: &'q Queue) -> Option<(Vec<Request>, Turn<'q>)> {
        let batch = match timeout(LINGER, queue.begin()).await {
            Ok(batch) => batch,
            Err(_) => {
                self.connection = None;
                queue.begin().await
            }
        };
        Some(batch?.grown().await)
    }

    /// Applies these commits: the plain ones first, then what is left over together; if that cannot be, each by itself.
    async fn serve(&mut self, requests: Vec<Request>, turn: Turn<'_>) {
        let requests = self.serve_plain(requests, turn).await;
        if requests.is_empty() {
            return;
        }
        match self.apply(&requests).await {
            Err(Refused { fault, divide: true }) if requests.len() > 1 => {
                tracing::debug!(commits = requests.len(), ?fault, "a transaction failed; its commits are applied one by one");
                for request in requests {
                    let one = vec![request];
                    let outcome = self.apply(&one).await;
                    answer(one, outcome);
                }
            }
            outcome => answer(requests, outcome),
        }
    }

    /// Applies the plain ones of these commits, as far as they go through. Answers those that are left over.
    async fn serve_plain(&mut self, requests: Vec<Request>, turn: Turn<'_>) -> Vec<Request> {
        let plain = Plain::of(requests.iter().map(|request| (&*request.commit, request.bodies.as_ref())));
        if plain.is_empty() {
            return requests;
        }
        let mut answers: HashMap<usize, Result<Outcome, StoreError>> = match self.take_turn(&plain, turn).await {
            Ok(outcomes) => outcomes.into_iter().map(|(place, outcome)| (place, Ok(outcome))).collect(),
            // Nobody knows whether they were committed, and the callers must settle.
            Err(Failure::Unknown(fault)) => {
                let error = StoreError::from(fault);
                plain.places().map(|place| (place, Err(again(&error)))).collect()
            }
            Err(failure) => {
                tracing::debug!(?failure, "plain commits are applied like others");
                HashMap::new()
            }
        };
        let mut left = Vec::new();
        for (place, request) in requests.into_iter().enumerate() {
            match answers.remove(&place) {
                Some(answer) => {
                    let _gone = request.reply.send(answer);
                }
                None => left.push(request),
            }
        }
        left
    }

    /// Applies plain commits, and gives the turn back as soon as they are, or after a while.
    async fn take_turn(&mut self, plain: &Plain<'_>, turn: Turn<'_>) -> Result<Vec<(usize, Outcome)>, Failure> {
        let mut attempt = pin!(self.attempt_plain(plain));
        let in_time = timeout(TURN, attempt.as_mut()).await;
        drop(turn);
        // The next batch first: the database has nothing to do until it gets that.
        tokio::task::yield_now().await;
        match in_time {
            Ok(applied) => applied,
            Err(_) => attempt.await,
        }
    }

    async fn attempt_plain(&mut self, plain: &Plain<'_>) -> Result<Vec<(usize, Outcome)>, Failure> {
        let mut connection = self.connection().await?;
        let applied = plain::apply(&mut connection, &self.reader, plain, &mut self.trust).await;
        if let Ok(outcomes) = &applied {
            self.transactions.fetch_add(u64::from(!outcomes.is_empty()), Ordering::Relaxed);
        }
        if let Ok(_) | Err(Failure::Raced) = &applied {
            self.connection = Some(connection);
        }
        applied
    }

    /// The one that is kept, or another.
    async fn connection(&mut self) -> Result<PoolConnection<Postgres>, Failure> {
        let Some(mut connection) = self.connection.take() else { return Ok(self.reader.pool.acquire().await?) };
        self.batches = self.batches.wrapping_add(1);
        if self.batches >= REPLANNED && self.batches.is_power_of_two() && self.reader.sessions == Sessions::Ours {
            sqlx::raw_sql(FORGET_PLANS).execute(&mut *connection).await?;
        }
        Ok(connection)
    }

    /// Applies these commits together, again and again while they lose races.
    async fn apply(&mut self, requests: &[Request]) -> Result<Vec<Outcome>, Refused> {
        let commits: Vec<&Commit> = requests.iter().map(|request| &*request.commit).collect();
        let begun = Instant::now();
        let (mut races, mut connections) = (0, 0);
        loop {
            match self.attempt(&commits).await {
                Ok(outcomes) => return Ok(outcomes),
                Err(Failure::Raced) => {
                    races += 1;
                    if races >= TRIES && commits.len() > 1 || begun.elapsed() > PATIENCE {
                        let fault = Fault::from(unavailable("others are writing the same, again and again"));
                        return Err(Refused { fault, divide: true });
                    }
                    if races > TRIES {
                        tokio::time::sleep(PAUSE).await;
                    }
                }
                Err(Failure::Undone(Fault::Sql(error))) if is_lost_connection(&error) && connections < CONNECTIONS => {
                    if connections > 0 {
                        tokio::time::sleep(PAUSE * 10).await;
                    }
                    connections += 1;
                }
                Err(Failure::Undone(fault)) => {
                    let error = StoreError::from(fault);
                    let divide = !error.is_retryable() && !matches!(error, StoreError::SchemaOutdated(_));
                    return Err(Refused { fault: error.into(), divide });
                }
                // Nobody knows whether it was committed, and the callers must settle.
                Err(Failure::Unknown(fault)) => return Err(Refused { fault, divide: false }),
            }
        }
    }

    async fn attempt(&mut self, commits: &[&Commit]) -> Result<Vec<Outcome>, Failure> {
        let mut connection = self.connection().await?;
        let applied = batch::apply(&mut connection, &self.reader, commits).await;
        match &applied {
            Ok(applied) => {
                self.connection = Some(connection);
                self.transactions.fetch_add(u64::from(applied.written), Ordering::Relaxed);
            }
            Err(Failure::Raced) => self.connection = Some(connection),
            // After an error the pool looks whether the connection is any good.
            Err(_) => {}
        }
        applied.map(|applied| applied.outcomes).map_err(Failure::told_apart)
    }
}

/// Why nothing was applied, as far as is known.
struct Refused {
    fault: Fault,
    /// Whether one of the commits may be to blame, so that the others should be tried without it.
    divide: bool,
}

impl Failure {
    /// A transaction that the database undid for the sake of others lost a race, too.
    fn told_apart(self) -> Self {
        match self {
            Self::Undone(Fault::Sql(error)) if is_lost_race(&error) => Self::Raced,
            other => other,
        }
    }
}

fn answer(requests: Vec<Request>, outcome: Result<Vec<Outcome>, Refused>) {
    match outcome {
        Ok(outcomes) => {
            for (request, outcome) in requests.into_iter().zip(outcomes) {
                let _gone = request.reply.send(Ok(outcome));
            }
        }
        Err(refused) => {
            let error = StoreError::from(refused.fault);
            for request in requests {
                let _gone = request.reply.send(Err(again(&error)));
            }
        }
    }
}
