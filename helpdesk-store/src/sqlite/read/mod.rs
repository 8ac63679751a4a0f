//! Reads: one statement and one row each where one can do, since a statement sees one moment and crosses to the
//! connection's thread once; a read transaction where it takes several.

mod array;
mod changes;
mod counts;
mod jobs;
mod lists;
mod queue;
mod snapshot;
mod timeline;

#[cfg(test)]
pub(super) mod plans;

pub(super) use changes::changes;
pub(super) use counts::counts;
pub(super) use jobs::next_due;
pub(super) use lists::{audit, contacts, conversations, record, records, tickets};
pub(super) use queue::{conversations_of, queue};
pub(super) use snapshot::snapshot;
pub(super) use timeline::{changed, timeline};
