//! Writes what most batches touch, in one statement, and draws their numbers.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use helpdesk_core::id::{ChangeNumber, TicketNumber, Version, WorkspaceId};
use helpdesk_core::model::Conversation;
use helpdesk_core::store::Key;
use helpdesk_core::store::judge::{Counters, View};
use sqlx::postgres::PgArguments;
use sqlx::{PgConnection, Postgres, Row as _};
use uuid::Uuid;

use super::batch::{Before, Drawn, Failure};
use super::lanes::{Plan, columns};
use super::load::{COMMITS_KEPT, Stored};
use super::statement::{self, PARTS, UNCOUNTED};
use super::tables::{bodies, column};
use crate::postgres::name::digest;
use crate::postgres::read::Reader;
use crate::sql::facets::Facets;
use crate::sql::pending::Pending;
use crate::sql::value::{is_public, json, key_columns, micros, sender, signed, unsigned};

static WRITE: LazyLock<String> = LazyLock::new(statement::write);

/// The statement, for the tests of its plan.
#[cfg(test)]
pub(super) fn search() -> &'static str {
    &WRITE
}

type Query<'q> = sqlx::query::Query<'q, Postgres, PgArguments>;

/// How many rows each part must write.
type Meant = BTreeMap<&'static str, usize>;

/// Writes all that most batches touch, and locks the counters of the workspaces in which anything changes, or of which
/// something is guarded that does not. Answers the last numbers drawn before.
pub(super) async fn write(
    connection: &mut PgConnection,
    reader: &Reader,
    pending: &Pending<'_>,
    view: &View,
    stored: &Stored,
    drawn: &Drawn,
) -> Result<Before, Failure> {
    let mut meant = Meant::new();
    let query = sqlx::query(reader.schema.sql(&WRITE)).bind(micros(pending.now)).bind(micros(pending.now - COMMITS_KEPT));
    let query = commits(query, pending, &mut meant);
    let query = names(query, pending, stored, &mut meant);
    let query = conversations(query, pending, stored, &mut meant)?;
    let query = entries(query, pending, &mut meant)?;
    let query = lanes(query, &Plan::of(&pending.lanes, view, stored), &mut meant)?;
    let counted = counted(view, drawn);
    let query = last_entries(numbered(query, pending, &counted), pending);
    let row = query.fetch_one(connection).await?;
    let written: Vec<i64> = row.try_get(0)?;
    for ((part, _), written) in PARTS.iter().zip(written) {
        if *part != UNCOUNTED && usize::try_from(written) != Ok(meant.get(part).copied().unwrap_or_default()) {
            return Err(Failure::Raced);
        }
    }
    let (workspaces, tickets, changes): (Vec<Uuid>, Vec<i64>, Vec<i64>) = (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
    let mut before = Before::new();
    for ((workspace, ticket), change) in workspaces.into_iter().zip(tickets).zip(changes) {
        let workspace = WorkspaceId::from_uuid(workspace);
        let counted = counted.get(&workspace).copied().unwrap_or_default();
        let ticket = TicketNumber(unsigned(ticket) - counted.ticket.0);
        before.insert(workspace, Counters { ticket, change: ChangeNumber(unsigned(change) - counted.change.0) });
    }
    Ok(before)
}

fn commits<'q>(query: Query<'q>, pending: &Pending<'_>, meant: &mut Meant) -> Query<'q> {
    let mut rows: Vec<_> = pending.commits.iter().collect();
    rows.sort_unstable_by_key(|commit| (commit.workspace, commit.id));
    meant.insert("commits", rows.len());
    query
        .bind(column(&rows, |commit| commit.workspace.as_uuid()))
        .bind(column(&rows, |commit| commit.id.as_uuid()))
        .bind(column(&rows, |commit| commit.result.as_ref().map(|result| result.to_vec())))
}

fn names<'q>(query: Query<'q>, pending: &Pending<'_>, stored: &Stored, meant: &mut Meant) -> Query<'q> {
    let (mut given_up, mut held) = (Vec::new(), Vec::new());
    for (key, owner) in &pending.names {
        let row = (key.0.as_uuid(), digest(&key.1));
        match (owner, stored.names.contains(key)) {
            (None, true) => given_up.push(row),
            (None, false) => {}
            (Some(owner), stored) => held.push((row, owner, stored)),
        }
    }
    held.sort_unstable_by_key(|(row, ..)| *row);
    let kept = held.iter().filter(|(.., stored)| *stored).count();
    meant.extend([("names_given_up", given_up.len()), ("names_kept", kept), ("names_taken", held.len() - kept)]);
    query
        .bind(column(&given_up, |(workspace, _)| *workspace))
        .bind(column(&given_up, |(_, name)| *name))
        .bind(column(&held, |((workspace, _), ..)| *workspace))
        .bind(column(&held, |((_, name), ..)| *name))
        .bind(column(&held, |(_, held, _)| held.owner.0.to_vec()))
        .bind(column(&held, |(_, held, _)| held.until.map(micros)))
        .bind(column(&held, |(.., stored)| *stored))
}

fn conversations<'q>(query: Query<'q>, pending: &Pending<'_>, stored: &Stored, meant: &mut Meant) -> Result<Query<'q>, Failure> {
    let row = |((workspace, id), conversation): (&(WorkspaceId, _), &&Conversation)| {
        let stored = stored.keys.contains(&(*workspace, Key::Conversation(*id)));
        (workspace.as_uuid(), Facets::of(conversation), stored)
    };
    let rows: Vec<_> = pending.conversations.iter().map(row).collect();
    let whole: Vec<&Conversation> = pending.conversations.values().copied().collect();
    let changed = rows.iter().filter(|(.., stored)| *stored).count();
    meant.extend([("conversations_changed", changed), ("conversations_begun", rows.len() - changed)]);
    Ok(query
        .bind(column(&rows, |(workspace, ..)| *workspace))
        .bind(column(&whole, |conversation| conversation.id.as_uuid()))
        .bind(column(&whole, |conversation| signed(conversation.version.0)))
        .bind(column(&whole, |conversation| conversation.contact.as_uuid()))
        .bind(column(&whole, |conversation| conversation.assistant.id.as_uuid()))
        .bind(column(&whole, |conversation| conversation.ticket.as_ref().map(|ticket| ticket.id.as_uuid())))
        .bind(column(&rows, |(_, facets, _)| facets.status))
        .bind(column(&rows, |(_, facets, _)| facets.assignee))
        .bind(column(&rows, |(_, facets, _)| facets.operator))
        .bind(column(&rows, |(_, facets, _)| facets.responsible))
        .bind(column(&rows, |(_, facets, _)| facets.waiting))
        .bind(column(&rows, |(_, facets, _)| facets.unassigned))
        .bind(column(&whole, |conversation| conversation.flagged))
        .bind(column(&whole, |conversation| conversation.unread_for_team > 0))
        .bind(column(&whole, |conversation| micros(conversation.last_activity_at)))
        .bind(bodies(&whole, |conversation| *conversation)?)
        .bind(column(&rows, |(.., stored)| *stored)))
}

fn entries<'q>(query: Query<'q>, pending: &Pending<'_>, meant: &mut Meant) -> Result<Query<'q>, Failure> {
    let rows: Vec<_> = pending.entries.iter().collect();
    meant.insert("entries", rows.len());
    Ok(query
        .bind(column(&rows, |((workspace, ..), _)| workspace.as_uuid()))
        .bind(column(&rows, |((_, conversation, _), _)| conversation.as_uuid()))
        .bind(column(&rows, |((.., seq), _)| signed(seq.0)))
        .bind(column(&written(pending), |written| signed(written.0)))
        .bind(column(&rows, |(_, entry)| is_public(entry)))
        .bind(column(&rows, |(_, entry)| sender(entry)))
        .bind(bodies(&rows, |(_, entry)| **entry)?))
}

fn lanes<'q>(query: Query<'q>, plan: &Plan<'_>, meant: &mut Meant) -> Result<Query<'q>, Failure> {
    let changed = plan.kept.iter().filter(|row| row.stored).count();
    meant.extend([("jobs_taken", plan.taken.len()), ("jobs_moved", plan.moved.len()), ("jobs_new", plan.waiting.len())]);
    meant.extend([("lanes_ended", plan.ended.len()), ("lanes_changed", changed), ("lanes_begun", plan.kept.len() - changed)]);
    let (workspaces, lanes) = columns(plan.cleared.iter().copied());
    let query = query.bind(workspaces).bind(lanes);
    let (workspaces, lanes) = columns(plan.taken.iter().map(|(key, _)| *key));
    let query = query.bind(workspaces).bind(lanes).bind(column(&plan.taken, |(_, number)| *number));
    let (workspaces, lanes) = columns(plan.moved.iter().map(|(key, ..)| *key));
    let query = query.bind(workspaces).bind(lanes).bind(column(&plan.moved, |(_, number, _)| *number));
    let query = query.bind(column(&plan.moved, |(.., due_at)| *due_at));
    let (workspaces, lanes) = columns(plan.waiting.iter().map(|waiting| waiting.key));
    let query = query
        .bind(workspaces)
        .bind(lanes)
        .bind(column(&plan.waiting, |waiting| waiting.number))
        .bind(column(&plan.waiting, |waiting| waiting.job.id))
        .bind(bodies(&plan.waiting, |waiting| waiting.job.work)?)
        .bind(column(&plan.waiting, |waiting| waiting.job.pushed_at))
        .bind(column(&plan.waiting, |waiting| waiting.due_at));
    let (workspaces, lanes) = columns(plan.ended.iter().copied());
    let query = query.bind(workspaces).bind(lanes);
    let (workspaces, lanes) = columns(plan.kept.iter().map(|row| row.key));
    let works = plan.kept.iter().map(|row| row.first.map(|job| json(job.work)).transpose());
    Ok(query
        .bind(workspaces)
        .bind(lanes)
        .bind(column(&plan.kept, |row| row.head))
        .bind(column(&plan.kept, |row| row.last))
        .bind(column(&plan.kept, |row| row.free_at))
        .bind(column(&plan.kept, |row| row.first.map(|job| job.id)))
        .bind(works.collect::<Result<Vec<Option<String>>, _>>()?)
        .bind(column(&plan.kept, |row| row.first.map(|job| job.pushed_at)))
        .bind(column(&plan.kept, |row| row.lease.map(|lease| signed(lease.token.0))))
        .bind(column(&plan.kept, |row| row.lease.map(|lease| micros(lease.until))))
        .bind(column(&plan.kept, |row| row.stored)))
}

/// Which entry is the last of each conversation, and at which version entries were revised that were written earlier.
fn last_entries<'q>(query: Query<'q>, pending: &Pending<'_>) -> Query<'q> {
    let revised = pending.entries.iter().zip(written(pending));
    query
        .bind(pending.conversations.values().map(|conversation| signed(conversation.seq.0)).collect::<Vec<_>>())
        .bind(column(&Vec::from_iter(revised), |((_, entry), written)| (entry.rev != *written).then(|| signed(entry.rev.0))))
}

/// At which version each entry of a batch was written, as far as the batch tells.
fn written(pending: &Pending<'_>) -> Vec<Version> {
    first_versions(pending.entries.iter().map(|((workspace, conversation, _), entry)| ((*workspace, *conversation), entry.rev)))
}

/// Of entries in the order of their places, each with the version that changed it last. A batch may have revised what it wrote,
/// but no entry was written later than one that follows it.
fn first_versions<P: PartialEq>(entries: impl DoubleEndedIterator<Item = (P, Version)>) -> Vec<Version> {
    let mut following: Option<(P, Version)> = None;
    let mut versions: Vec<Version> = Vec::new();
    for (place, last) in entries.rev() {
        let version = following.filter(|(of, _)| *of == place).map_or(last, |(_, version)| last.min(version));
        versions.push(version);
        following = Some((place, version));
    }
    versions.reverse();
    versions
}

/// What is drawn of each workspace whose counters must be locked.
fn counted(view: &View, drawn: &Drawn) -> BTreeMap<WorkspaceId, Counters> {
    let mut counted: BTreeMap<_, _> = drawn.read.iter().map(|(workspace, _)| (*workspace, Counters::default())).collect();
    counted.extend(view.counters.iter().filter(|(_, counters)| **counters != Counters::default()).map(|(key, value)| (*key, *value)));
    counted
}

fn numbered<'q>(query: Query<'q>, pending: &Pending<'_>, counted: &BTreeMap<WorkspaceId, Counters>) -> Query<'q> {
    let counters = Vec::from_iter(counted);
    let changes = &pending.changes;
    let counts: Vec<_> = pending.counts.iter().filter(|(_, difference)| **difference != 0).collect();
    let records: HashSet<WorkspaceId> = pending.records.keys().map(|(workspace, _)| *workspace).collect();
    query
        .bind(column(&counters, |(workspace, _)| workspace.as_uuid()))
        .bind(column(&counters, |(_, counters)| signed(counters.ticket.0)))
        .bind(column(&counters, |(_, counters)| signed(counters.change.0)))
        .bind(column(changes, |change| change.workspace.as_uuid()))
        .bind(column(changes, |change| signed(change.number.0)))
        .bind(column(changes, |change| key_columns(change.key).0))
        .bind(column(changes, |change| key_columns(change.key).1))
        .bind(column(changes, |change| signed(change.version.0)))
        .bind(column(&counts, |((workspace, _), _)| workspace.as_uuid()))
        .bind(column(&counts, |((_, facets), _)| facets.status))
        .bind(column(&counts, |((_, facets), _)| facets.assignee))
        .bind(column(&counts, |((_, facets), _)| facets.operator.unwrap_or(Uuid::nil())))
        .bind(column(&counts, |((_, facets), _)| facets.responsible.unwrap_or(Uuid::nil())))
        .bind(column(&counts, |((_, facets), _)| facets.waiting))
        .bind(column(&counts, |((_, facets), _)| facets.unassigned))
        .bind(column(&counts, |(_, difference)| **difference))
        .bind(column(&counters, |(workspace, _)| i64::from(records.contains(workspace))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_entry_was_written_later_than_one_that_follows_it() {
        let entries = [("a", 5), ("a", 3), ("a", 4), ("b", 9), ("b", 2)];
        let versions = first_versions(entries.into_iter().map(|(place, version)| (place, Version(version))));
        assert_eq!(versions, [3, 3, 4, 2, 2].map(Version));
    }
}
