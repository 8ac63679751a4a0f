//! Reads: one statement each where one can do, since a statement sees one moment; a read transaction where it takes several.

mod body;
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
