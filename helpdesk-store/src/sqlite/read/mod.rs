//! Reads: one statement each where one can do, since a statement sees one moment; a read transaction where it takes several.

mod body;
mod changes;
mod counts;
mod jobs;
mod lists;
mod parsed;
mod queue;
mod snapshot;
mod timeline;

#[cfg(test)]
pub(super) mod plans;

use helpdesk_core::model::{Contact, Conversation};
use parsed::Parsed;
use rusqlite::Connection;

pub(super) use changes::changes;
pub(super) use counts::counts;
pub(super) use jobs::next_due;
pub(super) use lists::{audit, contacts, conversations, record, records, tickets};
pub(super) use queue::{conversations_of, queue};
pub(super) use snapshot::snapshot;
pub(super) use timeline::{changed, timeline};

/// What a reader answers from.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) connection: Connection,
    conversations: Parsed<Conversation>,
    contacts: Parsed<Contact>,
}

impl Source {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection, conversations: Parsed::default(), contacts: Parsed::default() }
    }
}
