//! What the writer tells the readers: when a thing was last written.
//!
//! Only this process writes to the helpdesk's tables, all of it on one thread. So a reader need not look into the file to
//! know that a thing is as it was when it was read before: it asks which transaction wrote it last. The answer counts only
//! where that transaction is part of what the reader sees; so all that a read answers is of one moment, as if it had come
//! from the file.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use uuid::Uuid;

/// A thing: its workspace and its id.
pub(super) type Thing = (Uuid, Uuid);

/// How many places there are for all things. Those that share one count as written together, which costs a read more.
const PLACES: usize = 32_768;

/// What stands in a place while a transaction that writes there is under way, and if it failed. No moment is later, so
/// nobody relies on what was read before; the next transaction that succeeds tells the truth again.
const IN_DOUBT: u64 = u64::MAX;

/// The number of the last transaction that wrote a thing.
#[derive(Debug)]
pub(super) struct Ledger {
    places: Box<[AtomicU64]>,
    hasher: RandomState,
    /// The last transaction that is done.
    done: AtomicU64,
}

/// What a reader sees, at least: all transactions up to this one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment(u64);

/// The last write of a thing. Between two reads that have the same one, the thing did not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LastWrite(u64);

impl Default for Ledger {
    fn default() -> Self {
        Self { places: (0..PLACES).map(|_| AtomicU64::new(0)).collect(), hasher: RandomState::new(), done: AtomicU64::new(0) }
    }
}

impl Ledger {
    /// To be asked before the database is: it then sees what was done until now, and perhaps more.
    pub(super) fn moment(&self) -> Moment {
        Moment(self.done.load(SeqCst))
    }

    /// The last write of a thing, for who sees at least `moment` and has begun to read. None: it is being written, or was
    /// since, and what the reader sees of it nobody knows but the database.
    pub(super) fn last_write(&self, thing: Thing, moment: Moment) -> Option<LastWrite> {
        let last = self.place(thing).load(SeqCst);
        (last <= moment.0).then_some(LastWrite(last))
    }

    /// Says that a transaction is about to commit these. They are in doubt until the answer is [done](Writing::done).
    pub(super) fn writing(&self, things: Vec<Thing>) -> Writing<'_> {
        for thing in &things {
            self.place(*thing).store(IN_DOUBT, SeqCst);
        }
        Writing { ledger: self, things }
    }

    fn place(&self, thing: Thing) -> &AtomicU64 {
        // The remainder is below the number of places, and that is no larger than a usize.
        let place = self.hasher.hash_one(thing) % self.places.len() as u64;
        &self.places[place as usize]
    }
}

/// A transaction that is about to commit. There is one at a time.
#[must_use = "what it writes stays in doubt until it is done"]
#[derive(Debug)]
pub(super) struct Writing<'l> {
    ledger: &'l Ledger,
    things: Vec<Thing>,
}

impl Writing<'_> {
    /// It committed, and nobody was told yet.
    pub(super) fn done(self) {
        let number = self.ledger.done.load(SeqCst) + 1;
        for thing in self.things {
            self.ledger.place(thing).store(number, SeqCst);
        }
        self.ledger.done.store(number, SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THING: Thing = (Uuid::nil(), Uuid::max());

    #[test]
    fn who_began_before_a_write_does_not_rely_on_what_came_of_it() {
        let ledger = Ledger::default();
        let before = ledger.moment();
        let untouched = ledger.last_write(THING, before);
        assert!(untouched.is_some());
        let writing = ledger.writing(vec![THING]);
        assert_eq!(ledger.last_write(THING, ledger.moment()), None, "it is being written");
        writing.done();
        assert_eq!(ledger.last_write(THING, before), None);
        let after = ledger.last_write(THING, ledger.moment());
        assert!(after.is_some() && after != untouched);
        ledger.writing(Vec::new()).done();
        assert_eq!(ledger.last_write(THING, ledger.moment()), after, "other writes do not touch it");
    }

    #[test]
    fn a_failed_write_leaves_doubt_until_one_succeeds() {
        let ledger = Ledger::default();
        drop(ledger.writing(vec![THING]));
        ledger.writing(Vec::new()).done();
        assert_eq!(ledger.last_write(THING, ledger.moment()), None);
        ledger.writing(vec![THING]).done();
        assert!(ledger.last_write(THING, ledger.moment()).is_some());
    }
}
