//! The seats of all who look on at a conversation as one audience, and how they are told.
//!
//! They are told in parts, so that news for thousands hold up no thread of the runtime, and by several tasks where there are
//! many. News are told one after the other: everybody was told one before anybody is told the next.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::task::coop::unconstrained;
use tokio::task::{JoinSet, yield_now};

use super::news::News;
use super::outlet::Outlet;
use super::seat::{Heard, Seat};
use super::standing::Standing;
use crate::model::Audience;

/// Seats told before others have their turn on the thread.
const PART: usize = 64;
/// Parts for whose sake it is worth to wake another thread.
const PARTS_EACH: usize = 4;

/// The seats of those who look on.
#[derive(Default)]
pub(super) struct Seats {
    rows: Mutex<Rows>,
}

#[derive(Default)]
struct Rows {
    /// In the order in which they were taken, which stays the same while some leave and others come.
    taken: BTreeMap<u64, Arc<Seat>>,
    next: u64,
    over: bool,
}

/// One's place among those who look on, until it is dropped.
pub(super) struct Place {
    seats: Arc<Seats>,
    number: u64,
    seat: Arc<Seat>,
}

impl Seats {
    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a seat: what is told from now on is heard there.
    pub(super) fn take(self: &Arc<Self>, outlet: Option<Arc<dyn Outlet>>) -> Place {
        let seat = Arc::new(Seat::new(outlet));
        let mut rows = self.rows();
        if rows.over {
            seat.end();
        }
        let number = rows.next;
        rows.next += 1;
        rows.taken.insert(number, Arc::clone(&seat));
        drop(rows);
        Place { seats: Arc::clone(self), number, seat }
    }

    /// Tells everybody.
    ///
    /// # Cancel safety
    /// Some were told then, the others were not.
    pub(super) async fn tell(self: &Arc<Self>, audience: Audience, news: News) {
        let parts = self.rows().taken.len() / PART;
        let round = Arc::new(Round { seats: Arc::clone(self), audience, news, next: Mutex::new(0) });
        let mut others = JoinSet::new();
        for _ in 0..others_for(parts) {
            others.spawn(Arc::clone(&round).go());
        }
        round.go().await;
        while others.join_next().await.is_some() {}
    }

    /// Nothing more is told to anybody, nor to who comes yet.
    pub(super) fn end(&self) {
        let mut rows = self.rows();
        rows.over = true;
        rows.taken.values().for_each(|seat| seat.end());
    }

    /// Whether nothing is told any more.
    pub(super) fn are_over(&self) -> bool {
        self.rows().over
    }
}

/// How many tasks help to tell so many parts.
fn others_for(parts: usize) -> usize {
    match parts / PARTS_EACH {
        0 => 0,
        wanted => wanted.min(Handle::current().metrics().num_workers() - 1),
    }
}

/// News on their way to everybody.
struct Round {
    seats: Arc<Seats>,
    audience: Audience,
    news: News,
    /// The first seat that nobody has set out to tell yet.
    next: Mutex<u64>,
}

impl Round {
    async fn go(self: Arc<Self>) {
        loop {
            let part = self.part();
            // Where an outlet writes to a socket, that would count towards what a task may do at once, and then be refused.
            unconstrained(async { part.iter().for_each(|seat| seat.tell(self.audience, &self.news)) }).await;
            if part.len() < PART {
                return;
            }
            yield_now().await;
        }
    }

    /// Those who are to be told next, by whoever asks.
    fn part(&self) -> Vec<Arc<Seat>> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = self.seats.rows();
        let mut part = Vec::with_capacity(PART.min(rows.taken.len()));
        for (number, seat) in rows.taken.range(*next..).take(PART) {
            *next = number + 1;
            part.push(Arc::clone(seat));
        }
        part
    }
}

impl Place {
    /// What is heard next. Who stands here stands where the outlet moved it afterwards.
    ///
    /// # Cancel safety
    /// Nothing is lost, as long as it is waited again with the same standing.
    pub(super) async fn hear(&self, stands: &mut Standing) -> Heard {
        poll_fn(|context| self.seat.poll_hear(context, stands)).await
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.seats.rows().taken.remove(&self.number);
        self.seat.leave();
    }
}

impl std::fmt::Debug for Seats {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seats")
    }
}
