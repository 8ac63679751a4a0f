//! A batch: what waits, loaded and locked, judged in order in memory, written in one transaction.

use std::collections::{HashMap, HashSet};

use helpdesk_core::id::{ChangeNumber, TicketId, TicketNumber, WorkspaceId};
use helpdesk_core::store::commit::{Commit, Outcome};
use helpdesk_core::store::judge::{Counters, judge};
use sqlx::{Connection as _, PgConnection};

use super::load::{Loaded, Wish, load};
use super::{tables, write};
use crate::postgres::read::Reader;
use crate::sql::fault::Fault;
use crate::sql::pending::Pending;

/// What became of a batch.
#[derive(Debug)]
pub(super) struct Applied {
    /// One for each commit, in order.
    pub(super) outcomes: Vec<Outcome>,
    /// Whether anything was written.
    pub(super) written: bool,
}

/// Why a batch was not applied.
#[derive(Debug)]
pub(super) enum Failure {
    /// Somebody else was faster. Nothing of it was applied.
    Raced,
    /// Nothing of it was applied.
    Undone(Fault),
    /// Nobody knows what became of it.
    Unknown(Fault),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Undone(fault)
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Undone(error.into())
    }
}

/// Says that a race was lost, unless as many rows were written as were meant to be.
pub(super) fn all_written(written: u64, meant: usize) -> Result<(), Failure> {
    if usize::try_from(written) == Ok(meant) { Ok(()) } else { Err(Failure::Raced) }
}

/// Applies these commits together.
pub(super) async fn apply(connection: &mut PgConnection, reader: &Reader, commits: &[&Commit]) -> Result<Applied, Failure> {
    let mut transaction = connection.begin_with(reader.sessions.begin()).await?;
    let wish = Wish::of(commits);
    let mut loaded = load(&mut transaction, reader, &wish).await?;
    let read = loaded.view.versions.clone();
    let mut pending = Pending::new(loaded.view.now, std::mem::take(&mut loaded.facets), std::mem::take(&mut loaded.lanes));
    let mut outcomes = Vec::with_capacity(commits.len());
    let mut drawn = Drawn::default();
    for commit in commits {
        let outcome = judge(&mut loaded.view, commit);
        if let Outcome::Committed(committed) = &outcome {
            pending.accept(commit, committed, &loaded.view, &mut |lane| lane.last + 1);
            drawn.tickets.extend(committed.tickets.iter().map(|(id, _)| (commit.workspace, *id)));
            let read_only = commit.guards.iter().map(|guard| (commit.workspace, guard.key)).filter(|key| wish.read.contains(key));
            drawn.read.extend(read_only);
        }
        outcomes.push(outcome);
    }
    if pending.is_empty() {
        transaction.rollback().await?;
        return Ok(Applied { outcomes, written: false });
    }
    let Loaded { view, stored, .. } = loaded;
    tables::write(&mut transaction, reader, &pending, &stored, &drawn).await?;
    let numbers = write::write(&mut transaction, reader, &pending, &view, &stored, &drawn).await?;
    tables::verify(&mut transaction, reader, &drawn, &read).await?;
    tables::write_opened(&mut transaction, reader, &pending, &stored, &drawn, &numbers).await?;
    transaction.commit().await.map_err(|error| Failure::Unknown(error.into()))?;
    for ((workspace, _), conversation) in &pending.conversations {
        reader.standing.note(*workspace, conversation);
    }
    for (commit, outcome) in commits.iter().zip(&mut outcomes) {
        number(outcome, numbers.get(&commit.workspace).copied().unwrap_or_default());
    }
    Ok(Applied { outcomes, written: true })
}

/// What the accepted commits of a batch need the counters for.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    /// Tickets whose number is counted from those that were drawn before this batch.
    pub(super) tickets: HashSet<(WorkspaceId, TicketId)>,
    /// What was guarded, and is not written in this batch.
    pub(super) read: std::collections::BTreeSet<(WorkspaceId, helpdesk_core::store::Key)>,
}

/// The last numbers that were drawn before a batch, by workspace.
pub(super) type Before = HashMap<WorkspaceId, Counters>;

/// A batch counts from one; its numbers follow those drawn before.
fn number(outcome: &mut Outcome, before: Counters) {
    let Outcome::Committed(committed) = outcome else { return };
    for (_, number) in &mut committed.tickets {
        *number = TicketNumber(before.ticket.0 + number.0);
    }
    if let Some(change) = &mut committed.change {
        *change = ChangeNumber(before.change.0 + change.0);
    }
}
