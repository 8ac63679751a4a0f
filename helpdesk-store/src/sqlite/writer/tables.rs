//! Writes what is pending, table by table.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use helpdesk_core::id::{ConversationId, Seq, WorkspaceId};
use helpdesk_core::model::{Conversation, Entry, Ticket};
use helpdesk_core::store::job::{Lane as LaneName, Work};
use helpdesk_core::store::judge::View;
use rusqlite::Connection;
use uuid::Uuid;

use super::bulk::Bulk;
use crate::sql::facets::Facets;
use crate::sql::fault::Fault;
use crate::sql::lane::State;
use crate::sql::pending::{KeptCommit, NumberedChange, Pending};
use crate::sql::value::{is_public, json, key_columns, micros, sender, signed};

/// An id that was forgotten but is still there becomes the newest.
static COMMITS: LazyLock<Bulk> =
    LazyLock::new(|| Bulk::new("INSERT OR REPLACE INTO helpdesk_commits (workspace, id, at, result) VALUES", 4, ""));

static NAMES_GIVEN_UP: LazyLock<Bulk> =
    LazyLock::new(|| Bulk::new("DELETE FROM helpdesk_names WHERE (workspace, name) IN (VALUES", 2, ")"));

static NAMES: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "INSERT INTO helpdesk_names (workspace, name, owner, expires_at) VALUES",
        4,
        "ON CONFLICT (workspace, name) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at",
    )
});

static CONVERSATIONS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "INSERT INTO helpdesk_conversations (workspace, id, version, contact, assistant, ticket, status, assignee, operator, \
         responsible, waiting, unassigned, flagged, unread, last_activity_at, body) VALUES",
        16,
        "ON CONFLICT (workspace, id) DO UPDATE SET version = excluded.version, contact = excluded.contact, \
         assistant = excluded.assistant, ticket = excluded.ticket, status = excluded.status, assignee = excluded.assignee, \
         operator = excluded.operator, responsible = excluded.responsible, waiting = excluded.waiting, \
         unassigned = excluded.unassigned, flagged = excluded.flagged, unread = excluded.unread, \
         last_activity_at = excluded.last_activity_at, body = excluded.body",
    )
});

static COUNTS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "INSERT INTO helpdesk_counts (workspace, status, assignee, operator, responsible, waiting, unassigned, conversations) VALUES",
        8,
        "ON CONFLICT (workspace, status, assignee, operator, responsible, waiting, unassigned) \
         DO UPDATE SET conversations = conversations + excluded.conversations",
    )
});

static ENTRIES: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "INSERT INTO helpdesk_entries (workspace, conversation, seq, rev, public, sender, body) VALUES",
        7,
        "ON CONFLICT (workspace, conversation, seq) DO UPDATE SET rev = excluded.rev, public = excluded.public, \
         sender = excluded.sender, body = excluded.body",
    )
});

/// A ticket keeps the number it was opened with.
static TICKETS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "INSERT INTO helpdesk_tickets (workspace, id, ticket, version, body) VALUES",
        5,
        "ON CONFLICT (workspace, id) DO UPDATE SET version = excluded.version, \
         body = json_set(excluded.body, '$.number', helpdesk_tickets.ticket)",
    )
});

static CONTACTS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "INSERT INTO helpdesk_contacts (workspace, id, version, body) VALUES",
        4,
        "ON CONFLICT (workspace, id) DO UPDATE SET version = excluded.version, body = excluded.body",
    )
});

static RECORDS_REMOVED: LazyLock<Bulk> =
    LazyLock::new(|| Bulk::new("DELETE FROM helpdesk_records WHERE (workspace, kind, id) IN (VALUES", 3, ")"));

static RECORDS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "INSERT INTO helpdesk_records (workspace, kind, id, version, body) VALUES",
        5,
        "ON CONFLICT (workspace, kind, id) DO UPDATE SET version = excluded.version, body = excluded.body",
    )
});

static READS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "INSERT INTO helpdesk_reads (workspace, operator, conversation, seq) VALUES",
        4,
        "ON CONFLICT (workspace, operator, conversation) DO UPDATE SET seq = max(seq, excluded.seq)",
    )
});

static AUDIT: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "INSERT INTO helpdesk_audit (workspace, id, body) VALUES",
        3,
        "ON CONFLICT (workspace, id) DO UPDATE SET body = excluded.body",
    )
});

static CHANGES: LazyLock<Bulk> =
    LazyLock::new(|| Bulk::new("INSERT INTO helpdesk_changes (workspace, number, kind, id, version) VALUES", 5, ""));

static COUNTERS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "INSERT INTO helpdesk_counters (workspace, ticket, change) VALUES",
        3,
        "ON CONFLICT (workspace) DO UPDATE SET ticket = excluded.ticket, change = excluded.change",
    )
});

static LANES_CLEARED: LazyLock<Bulk> = LazyLock::new(|| Bulk::new("DELETE FROM helpdesk_jobs WHERE (workspace, lane) IN (VALUES", 2, ")"));

static JOBS_REMOVED: LazyLock<Bulk> = LazyLock::new(|| Bulk::new("DELETE FROM helpdesk_jobs WHERE number IN (VALUES", 1, ")"));

static JOBS_MOVED: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "WITH moved(number, due_at, free_at) AS (VALUES",
        3,
        ") UPDATE helpdesk_jobs SET due_at = moved.due_at, free_at = moved.free_at FROM moved WHERE helpdesk_jobs.number = moved.number",
    )
});

static JOBS: LazyLock<Bulk> =
    LazyLock::new(|| Bulk::new("INSERT INTO helpdesk_jobs (number, workspace, lane, id, work, pushed_at, due_at, free_at) VALUES", 8, ""));

/// Every statement that looks for rows, for the tests of their plans.
#[cfg(test)]
pub(in crate::sqlite) fn searches() -> Vec<String> {
    [&NAMES_GIVEN_UP, &RECORDS_REMOVED, &LANES_CLEARED, &JOBS_REMOVED, &JOBS_MOVED].map(|bulk| bulk.smallest().to_owned()).to_vec()
}

/// Writes everything. The view says how long lanes are leased and which numbers were drawn last.
pub(super) fn write(connection: &Connection, pending: &Pending<'_>, view: &View) -> Result<(), Fault> {
    let now = micros(pending.now);
    COMMITS.run(connection, &pending.commits, |row, KeptCommit { workspace, id, result }| {
        row.add(workspace.as_uuid()).add(id.as_uuid()).add(now).add(result.as_ref().map(|result| &result[..]));
        Ok(())
    })?;
    names(connection, pending)?;
    conversations(connection, &pending.conversations)?;
    counts(connection, &pending.counts)?;
    entries(connection, &pending.entries)?;
    small(connection, pending)?;
    records(connection, pending)?;
    changes(connection, pending, view)?;
    lanes(connection, pending, view)
}

fn names(connection: &Connection, pending: &Pending<'_>) -> Result<(), Fault> {
    let (held, given_up): (Vec<_>, Vec<_>) = pending.names.iter().partition(|(_, held)| held.is_some());
    NAMES_GIVEN_UP.run(connection, &given_up, |row, ((workspace, name), _)| {
        row.add(workspace.as_uuid()).add(name.as_str());
        Ok(())
    })?;
    NAMES.run(connection, &held, |row, ((workspace, name), held)| {
        let Some(held) = held else { return Ok(()) };
        row.add(workspace.as_uuid()).add(name.as_str()).add(&held.owner.0[..]).add(held.until.map(micros));
        Ok(())
    })
}

fn conversations(connection: &Connection, conversations: &BTreeMap<(WorkspaceId, ConversationId), &Conversation>) -> Result<(), Fault> {
    let rows: Vec<_> = conversations.iter().collect();
    CONVERSATIONS.run(connection, &rows, |row, ((workspace, id), conversation)| {
        let facets = Facets::of(conversation);
        row.add(workspace.as_uuid()).add(id.as_uuid()).add(signed(conversation.version.0)).add(conversation.contact.as_uuid());
        row.add(conversation.assistant.id.as_uuid()).add(conversation.ticket.as_ref().map(|ticket| ticket.id.as_uuid()));
        row.add(facets.status).add(facets.assignee).add(facets.operator).add(facets.responsible);
        row.add(facets.waiting).add(facets.unassigned).add(conversation.flagged).add(conversation.unread_for_team > 0);
        row.add(micros(conversation.last_activity_at)).add(json(conversation)?);
        Ok(())
    })
}

fn counts(connection: &Connection, counts: &BTreeMap<(WorkspaceId, Facets), i64>) -> Result<(), Fault> {
    let rows: Vec<_> = counts.iter().filter(|(_, difference)| **difference != 0).collect();
    let nobody = |operator: Option<Uuid>| operator.map_or(Vec::new(), |operator| operator.as_bytes().to_vec());
    COUNTS.run(connection, &rows, |row, ((workspace, facets), difference)| {
        row.add(workspace.as_uuid()).add(facets.status).add(facets.assignee).add(nobody(facets.operator));
        row.add(nobody(facets.responsible)).add(facets.waiting).add(facets.unassigned).add(**difference);
        Ok(())
    })
}

fn entries(connection: &Connection, entries: &BTreeMap<(WorkspaceId, ConversationId, Seq), &Entry>) -> Result<(), Fault> {
    let rows: Vec<_> = entries.iter().collect();
    ENTRIES.run(connection, &rows, |row, ((workspace, conversation, seq), entry)| {
        row.add(workspace.as_uuid()).add(conversation.as_uuid()).add(signed(seq.0)).add(signed(entry.rev.0));
        row.add(is_public(entry)).add(sender(entry)).add(json(entry)?);
        Ok(())
    })
}

fn small(connection: &Connection, pending: &Pending<'_>) -> Result<(), Fault> {
    let tickets: Vec<_> = pending.tickets.iter().collect();
    TICKETS.run(connection, &tickets, |row, ((workspace, id), (ticket, number))| {
        row.add(workspace.as_uuid()).add(id.as_uuid()).add(signed(number.0)).add(signed(ticket.version.0));
        row.add(json(&Ticket { number: *number, ..(*ticket).clone() })?);
        Ok(())
    })?;
    let contacts: Vec<_> = pending.contacts.iter().collect();
    CONTACTS.run(connection, &contacts, |row, ((workspace, id), contact)| {
        row.add(workspace.as_uuid()).add(id.as_uuid()).add(signed(contact.version.0)).add(json(contact)?);
        Ok(())
    })?;
    let reads: Vec<_> = pending.reads.iter().collect();
    READS.run(connection, &reads, |row, ((workspace, operator, conversation), seq)| {
        row.add(workspace.as_uuid()).add(operator.as_uuid()).add(conversation.as_uuid()).add(signed(seq.0));
        Ok(())
    })?;
    let audit: Vec<_> = pending.audit.iter().collect();
    AUDIT.run(connection, &audit, |row, ((workspace, id), audit)| {
        row.add(workspace.as_uuid()).add(id.as_uuid()).add(json(audit)?);
        Ok(())
    })
}

fn records(connection: &Connection, pending: &Pending<'_>) -> Result<(), Fault> {
    let (kept, removed): (Vec<_>, Vec<_>) = pending.records.iter().partition(|(_, record)| record.is_some());
    RECORDS_REMOVED.run(connection, &removed, |row, ((workspace, key), _)| {
        row.add(workspace.as_uuid()).add(key.kind.as_str()).add(key.id);
        Ok(())
    })?;
    RECORDS.run(connection, &kept, |row, ((workspace, key), record)| {
        let Some(record) = record else { return Ok(()) };
        row.add(workspace.as_uuid()).add(key.kind.as_str()).add(key.id).add(signed(record.version.0)).add(json(record)?);
        Ok(())
    })
}

fn changes(connection: &Connection, pending: &Pending<'_>, view: &View) -> Result<(), Fault> {
    CHANGES.run(connection, &pending.changes, |row, NumberedChange { workspace, number, key, version }| {
        let (kind, id) = key_columns(*key);
        row.add(workspace.as_uuid()).add(signed(number.0)).add(kind).add(id).add(signed(version.0));
        Ok(())
    })?;
    let mut workspaces: Vec<WorkspaceId> = pending.changes.iter().map(|change| change.workspace).collect();
    workspaces.sort_unstable();
    workspaces.dedup();
    COUNTERS.run(connection, &workspaces, |row, workspace| {
        let counters = view.counters.get(workspace).copied().unwrap_or_default();
        row.add(workspace.as_uuid()).add(signed(counters.ticket.0)).add(signed(counters.change.0));
        Ok(())
    })
}

/// A job that is not stored yet, with its lane.
struct NewJob<'a> {
    key: &'a (WorkspaceId, LaneName),
    number: i64,
    id: Uuid,
    work: &'a Work,
    pushed_at: i64,
    due_at: i64,
    free_at: Option<i64>,
}

fn lanes(connection: &Connection, pending: &Pending<'_>, view: &View) -> Result<(), Fault> {
    let (mut cleared, mut moved, mut new) = (Vec::new(), Vec::new(), Vec::new());
    let mut removed: Vec<i64> = Vec::new();
    for (key, lane) in pending.lanes.iter().filter(|(_, lane)| lane.touched) {
        if lane.cleared {
            cleared.push(key);
        }
        removed.extend(&lane.removed);
        let lease = view.leases.get(key).filter(|lease| lease.until > pending.now);
        for (place, job) in lane.jobs.iter().enumerate() {
            let due_at = micros(job.due_at);
            let free_at = (place == 0).then(|| lease.map_or(due_at, |lease| micros(lease.until)));
            match job.state {
                State::Stored => {}
                State::Moved => moved.push((job.number, due_at, free_at)),
                State::New { id, work, pushed_at } => {
                    new.push(NewJob { key, number: job.number, id: id.as_uuid(), work, pushed_at: micros(pushed_at), due_at, free_at });
                }
            }
        }
    }
    new.sort_unstable_by_key(|job| job.number);
    LANES_CLEARED.run(connection, &cleared, |row, (workspace, lane)| {
        row.add(workspace.as_uuid()).add(lane.as_str());
        Ok(())
    })?;
    JOBS_REMOVED.run(connection, &removed, |row, number| {
        row.add(*number);
        Ok(())
    })?;
    JOBS_MOVED.run(connection, &moved, |row, (number, due_at, free_at)| {
        row.add(*number).add(*due_at).add(*free_at);
        Ok(())
    })?;
    JOBS.run(connection, &new, |row, job| {
        let (workspace, lane) = job.key;
        row.add(job.number).add(workspace.as_uuid()).add(lane.as_str()).add(job.id).add(json(job.work)?);
        row.add(job.pushed_at).add(job.due_at).add(job.free_at);
        Ok(())
    })
}
