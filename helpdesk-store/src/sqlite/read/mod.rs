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

use std::sync::Arc;

use helpdesk_core::id::WorkspaceId;
use parsed::Look;
use rusqlite::Connection;

pub(super) use changes::changes;
pub(super) use counts::counts;
pub(super) use jobs::next_due;
pub(super) use lists::{audit, contacts, conversations, record, records, tickets};
pub(super) use parsed::Parsed;
pub(super) use queue::{conversations_of, queue};
pub(super) use snapshot::snapshot;
pub(super) use timeline::{changed, timeline};

/// What a reader answers from.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) connection: Connection,
    /// What all readers of the file know.
    parsed: Arc<Parsed>,
}

impl Source {
    pub(super) fn new(connection: Connection, parsed: Arc<Parsed>) -> Self {
        Self { connection, parsed }
    }

    /// A look at things of a workspace, for the one statement that is run next.
    fn look(&self, workspace: WorkspaceId) -> Look<'_> {
        Look { connection: &self.connection, parsed: &self.parsed, moment: self.parsed.moment(), workspace }
    }
}
