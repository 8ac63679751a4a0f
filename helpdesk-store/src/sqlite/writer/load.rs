//! Reads what the judgement of a batch refers to: a few statements, however many requests there are.

use std::collections::HashMap;
use std::sync::LazyLock;

use helpdesk_core::clock::Timestamp;
use helpdesk_core::id::{ChangeNumber, CommitId, ConversationId, TicketNumber, Version, WorkspaceId};
use helpdesk_core::store::commit::{Key, Owner, UniqueKey};
use helpdesk_core::store::job::Lane as LaneName;
use helpdesk_core::store::judge::{Counters, Held, Known, View};
use rusqlite::{Connection, Row};
use uuid::Uuid;

use super::Work;
use super::bulk::{Bulk, Parameters};
use super::memory::Memory;
use super::prune::COMMITS_KEPT;
use crate::sql::facets::Facets;
use crate::sql::fault::Fault;
use crate::sql::lane::{Lane, Place, State};
use crate::sql::value::{key_columns, key_of, micros, timestamp, unsigned};
use crate::sql::wanted::Wanted;

/// How many stored jobs of a lane are loaded: a commit can finish the first, and then look at the next.
const LOADED: usize = 2;

static COMMITS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "WITH wanted(workspace, id) AS (VALUES",
        2,
        ") SELECT found.workspace, found.id, found.result, found.at FROM wanted CROSS JOIN helpdesk_commits AS found ON found.workspace = wanted.workspace AND found.id = wanted.id",
    )
});
static NAMES: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "WITH wanted(workspace, name) AS (VALUES",
        2,
        ") SELECT found.workspace, found.name, found.owner, found.expires_at FROM wanted CROSS JOIN helpdesk_names AS found ON found.workspace = wanted.workspace AND found.name = wanted.name",
    )
});
static CONVERSATIONS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "WITH wanted(workspace, id) AS (VALUES",
        2,
        ") SELECT found.workspace, found.id, found.version, found.status, found.assignee, found.operator, found.responsible, found.waiting, found.unassigned FROM wanted CROSS JOIN helpdesk_conversations AS found ON found.workspace = wanted.workspace AND found.id = wanted.id",
    )
});
static TICKETS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "WITH wanted(workspace, kind, id) AS (VALUES",
        3,
        ") SELECT found.workspace, wanted.kind, found.id, found.version FROM wanted CROSS JOIN helpdesk_tickets AS found ON found.workspace = wanted.workspace AND found.id = wanted.id",
    )
});
static CONTACTS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "WITH wanted(workspace, kind, id) AS (VALUES",
        3,
        ") SELECT found.workspace, wanted.kind, found.id, found.version FROM wanted CROSS JOIN helpdesk_contacts AS found ON found.workspace = wanted.workspace AND found.id = wanted.id",
    )
});
static RECORDS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "WITH wanted(workspace, kind, id) AS (VALUES",
        3,
        ") SELECT found.workspace, found.kind, found.id, found.version FROM wanted CROSS JOIN helpdesk_records AS found ON found.workspace = wanted.workspace AND found.kind = wanted.kind AND found.id = wanted.id",
    )
});
static COUNTERS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "WITH wanted(workspace) AS (VALUES",
        1,
        ") SELECT found.workspace, found.ticket, found.change FROM wanted CROSS JOIN helpdesk_counters AS found ON found.workspace = wanted.workspace",
    )
});
static LANES: LazyLock<Bulk> = LazyLock::new(|| {
    let first = format!(
        "SELECT number FROM helpdesk_jobs WHERE workspace = wanted.workspace AND lane = wanted.lane ORDER BY number LIMIT {LOADED}"
    );
    Bulk::new(
        "WITH wanted(workspace, lane) AS (VALUES",
        2,
        &format!(
            ") SELECT found.workspace, found.lane, found.number, found.due_at FROM wanted CROSS JOIN helpdesk_jobs AS found ON found.number IN ({first})"
        ),
    )
});

/// Every question, for the tests of their plans.
#[cfg(test)]
pub(in crate::sqlite) fn questions() -> Vec<String> {
    [&COMMITS, &NAMES, &CONVERSATIONS, &TICKETS, &CONTACTS, &RECORDS, &COUNTERS, &LANES].map(|bulk| bulk.smallest().to_owned()).to_vec()
}

/// What a batch is applied to.
pub(super) struct Loaded<'a> {
    pub(super) view: View,
    /// Of the conversations that exist.
    pub(super) facets: HashMap<(WorkspaceId, ConversationId), Facets>,
    /// Of the lanes that have jobs.
    pub(super) lanes: HashMap<(WorkspaceId, LaneName), Lane<'a>>,
}

/// What one request refers to.
fn want<'a>(wanted: &mut Wanted<'a>, work: &'a Work) {
    match work {
        Work::Commit(commit) => wanted.commit(commit),
        Work::Settle { workspace, commit } => {
            wanted.commits.insert((*workspace, *commit));
        }
        Work::Extend { workspace, fence, .. } | Work::Retry { workspace, fence, .. } => wanted.fence(*workspace, fence),
        Work::Lease { .. } => {}
    }
}

/// Loads what these requests refer to.
pub(super) fn load<'a>(connection: &Connection, memory: &Memory, works: &[&'a Work], now: Timestamp) -> Result<Loaded<'a>, Fault> {
    let mut wanted = Wanted::default();
    for work in works {
        want(&mut wanted, work);
    }
    let mut loaded = Loaded { view: View { now, ..View::default() }, facets: HashMap::new(), lanes: HashMap::new() };
    loaded.commits(connection, &wanted)?;
    loaded.names(connection, &wanted)?;
    loaded.conversations(connection, &wanted)?;
    loaded.versions(connection, &TICKETS, &wanted.keys(|key| matches!(key, Key::Ticket(_))))?;
    loaded.versions(connection, &CONTACTS, &wanted.keys(|key| matches!(key, Key::Contact(_))))?;
    loaded.versions(connection, &RECORDS, &wanted.keys(|key| matches!(key, Key::Record(_))))?;
    loaded.counters(connection, memory, &wanted)?;
    loaded.lanes(connection, memory, &wanted)?;
    Ok(loaded)
}

impl Loaded<'_> {
    fn commits(&mut self, connection: &Connection, wanted: &Wanted<'_>) -> Result<(), Fault> {
        let ids: Vec<_> = wanted.commits.iter().collect();
        let bind = |row: &mut Parameters<'_>, (workspace, id): &&(WorkspaceId, CommitId)| pair(row, workspace.as_uuid(), id.as_uuid());
        COMMITS.ask(connection, &ids, bind, |row| {
            let key = (WorkspaceId::from_uuid(row.get(0)?), CommitId::from_uuid(row.get(1)?));
            if row.get::<_, i64>(3)? > micros(self.view.now - COMMITS_KEPT) {
                let result: Option<Vec<u8>> = row.get(2)?;
                self.view.commits.insert(key, result.map_or(Known::Refused, |result| Known::Committed(result.into())));
            }
            Ok(())
        })
    }

    fn names(&mut self, connection: &Connection, wanted: &Wanted<'_>) -> Result<(), Fault> {
        let names: Vec<_> = wanted.names.iter().collect();
        let bind = |row: &mut Parameters<'_>, (workspace, name): &&(WorkspaceId, &UniqueKey)| {
            row.add(workspace.as_uuid()).add(name.as_str());
        };
        NAMES.ask(connection, &names, bind, |row| {
            let key = (WorkspaceId::from_uuid(row.get(0)?), UniqueKey::from_stored(row.get(1)?));
            let owner = Owner(row.get::<_, Vec<u8>>(2)?.into());
            let until = row.get::<_, Option<i64>>(3)?.map(timestamp).transpose()?;
            self.view.owners.insert(key, Held { owner, until });
            Ok(())
        })
    }

    fn conversations(&mut self, connection: &Connection, wanted: &Wanted<'_>) -> Result<(), Fault> {
        let keys = wanted.keys(|key| matches!(key, Key::Conversation(_)));
        let bind = |row: &mut Parameters<'_>, (workspace, key): &(WorkspaceId, Key)| pair(row, workspace.as_uuid(), key_columns(*key).1);
        CONVERSATIONS.ask(connection, &keys, bind, |row| {
            let workspace = WorkspaceId::from_uuid(row.get(0)?);
            let id = ConversationId::from_uuid(row.get(1)?);
            self.view.versions.insert((workspace, Key::Conversation(id)), Version(unsigned(row.get(2)?)));
            self.facets.insert((workspace, id), facets(row, 3)?);
            Ok(())
        })
    }

    fn versions(&mut self, connection: &Connection, bulk: &Bulk, keys: &[(WorkspaceId, Key)]) -> Result<(), Fault> {
        let bind = |row: &mut Parameters<'_>, (workspace, key): &(WorkspaceId, Key)| {
            let (kind, id) = key_columns(*key);
            row.add(workspace.as_uuid()).add(kind).add(id);
        };
        bulk.ask(connection, keys, bind, |row| {
            let kind: String = row.get(1)?;
            let key = key_of(&kind, row.get(2)?)?;
            self.view.versions.insert((WorkspaceId::from_uuid(row.get(0)?), key), Version(unsigned(row.get(3)?)));
            Ok(())
        })
    }

    fn counters(&mut self, connection: &Connection, memory: &Memory, wanted: &Wanted<'_>) -> Result<(), Fault> {
        let mut unknown = Vec::new();
        for workspace in &wanted.workspaces {
            match memory.counters.get(workspace) {
                Some(counters) => {
                    self.view.counters.insert(*workspace, *counters);
                }
                None => unknown.push(*workspace),
            }
        }
        let bind = |row: &mut Parameters<'_>, workspace: &WorkspaceId| {
            row.add(workspace.as_uuid());
        };
        COUNTERS.ask(connection, &unknown, bind, |row| {
            let counters = Counters { ticket: TicketNumber(unsigned(row.get(1)?)), change: ChangeNumber(unsigned(row.get(2)?)) };
            self.view.counters.insert(WorkspaceId::from_uuid(row.get(0)?), counters);
            Ok(())
        })
    }

    fn lanes(&mut self, connection: &Connection, memory: &Memory, wanted: &Wanted<'_>) -> Result<(), Fault> {
        let names: Vec<_> = wanted.lanes.iter().collect();
        let bind = |row: &mut Parameters<'_>, (workspace, lane): &&(WorkspaceId, &LaneName)| {
            row.add(workspace.as_uuid()).add(lane.as_str());
        };
        LANES.ask(connection, &names, bind, |row| {
            let key = (WorkspaceId::from_uuid(row.get(0)?), LaneName::named(row.get::<_, String>(1)?));
            let (number, due_at) = (row.get(2)?, timestamp(row.get(3)?)?);
            let lane = self.lanes.entry(key).or_default();
            // A question that was filled up repeats rows.
            if lane.jobs.iter().all(|job| job.number != number) {
                lane.jobs.push_back(Place { number, due_at, state: State::Stored });
            }
            Ok(())
        })?;
        for lane in self.lanes.values_mut() {
            lane.jobs.make_contiguous().sort_unstable_by_key(|job| job.number);
        }
        for (workspace, lane) in &wanted.lanes {
            let key = (*workspace, (*lane).clone());
            if let Some(lease) = memory.leases.get(&key) {
                self.view.leases.insert(key, *lease);
            }
        }
        Ok(())
    }
}

fn pair(row: &mut Parameters<'_>, workspace: Uuid, id: Uuid) {
    row.add(workspace).add(id);
}

/// The facets in the six columns from `first` on.
fn facets(row: &Row<'_>, first: usize) -> Result<Facets, Fault> {
    Ok(Facets {
        status: row.get(first)?,
        assignee: row.get(first + 1)?,
        operator: row.get(first + 2)?,
        responsible: row.get(first + 3)?,
        waiting: row.get(first + 4)?,
        unassigned: row.get(first + 5)?,
    })
}
