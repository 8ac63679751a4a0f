//! Reads what the judgement of a batch refers to: a few statements, however many requests there are.

use std::collections::HashMap;
use std::sync::LazyLock;

use helpdesk_core::clock::Timestamp;
use helpdesk_core::id::{ChangeNumber, CommitId, ConversationId, TicketNumber, Version, WorkspaceId};
use helpdesk_core::store::commit::{Key, Owner, UniqueKey};
use helpdesk_core::store::job::Lane as LaneName;
use helpdesk_core::store::judge::{Counters, Held, Known, View};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};
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
pub(super) async fn load<'a>(
    connection: &mut SqliteConnection,
    memory: &Memory,
    works: &[&'a Work],
    now: Timestamp,
) -> Result<Loaded<'a>, Fault> {
    let mut wanted = Wanted::default();
    for work in works {
        want(&mut wanted, work);
    }
    let mut loaded = Loaded { view: View { now, ..View::default() }, facets: HashMap::new(), lanes: HashMap::new() };
    loaded.commits(connection, &wanted).await?;
    loaded.names(connection, &wanted).await?;
    loaded.conversations(connection, &wanted).await?;
    loaded.versions(connection, &TICKETS, &wanted.keys(|key| matches!(key, Key::Ticket(_)))).await?;
    loaded.versions(connection, &CONTACTS, &wanted.keys(|key| matches!(key, Key::Contact(_)))).await?;
    loaded.versions(connection, &RECORDS, &wanted.keys(|key| matches!(key, Key::Record(_)))).await?;
    loaded.counters(connection, memory, &wanted).await?;
    loaded.lanes(connection, memory, &wanted).await?;
    Ok(loaded)
}

impl Loaded<'_> {
    async fn commits(&mut self, connection: &mut SqliteConnection, wanted: &Wanted<'_>) -> Result<(), Fault> {
        let ids: Vec<_> = wanted.commits.iter().collect();
        let rows = COMMITS.ask(connection, &ids, |row, (workspace, id)| pair(row, workspace.as_uuid(), id.as_uuid())).await?;
        for row in rows {
            let key = (WorkspaceId::from_uuid(row.try_get(0)?), CommitId::from_uuid(row.try_get(1)?));
            if row.try_get::<i64, _>(3)? <= micros(self.view.now - COMMITS_KEPT) {
                continue;
            }
            let result: Option<Vec<u8>> = row.try_get(2)?;
            self.view.commits.insert(key, result.map_or(Known::Refused, |result| Known::Committed(result.into())));
        }
        Ok(())
    }

    async fn names(&mut self, connection: &mut SqliteConnection, wanted: &Wanted<'_>) -> Result<(), Fault> {
        let names: Vec<_> = wanted.names.iter().collect();
        let bind = |row: &mut Parameters, (workspace, name): &&(WorkspaceId, &UniqueKey)| {
            row.add(workspace.as_uuid()).add(name.as_str());
        };
        for row in NAMES.ask(connection, &names, bind).await? {
            let key = (WorkspaceId::from_uuid(row.try_get(0)?), UniqueKey::from_stored(row.try_get(1)?));
            let owner = Owner(row.try_get::<Vec<u8>, _>(2)?.into());
            let until = row.try_get::<Option<i64>, _>(3)?.map(timestamp).transpose()?;
            self.view.owners.insert(key, Held { owner, until });
        }
        Ok(())
    }

    async fn conversations(&mut self, connection: &mut SqliteConnection, wanted: &Wanted<'_>) -> Result<(), Fault> {
        let keys = wanted.keys(|key| matches!(key, Key::Conversation(_)));
        let rows =
            CONVERSATIONS.ask(connection, &keys, |row, (workspace, key)| pair(row, workspace.as_uuid(), key_columns(*key).1)).await?;
        for row in rows {
            let workspace = WorkspaceId::from_uuid(row.try_get(0)?);
            let id = ConversationId::from_uuid(row.try_get(1)?);
            self.view.versions.insert((workspace, Key::Conversation(id)), Version(unsigned(row.try_get(2)?)));
            self.facets.insert((workspace, id), facets(&row, 3)?);
        }
        Ok(())
    }

    async fn versions(&mut self, connection: &mut SqliteConnection, bulk: &Bulk, keys: &[(WorkspaceId, Key)]) -> Result<(), Fault> {
        let bind = |row: &mut Parameters, (workspace, key): &(WorkspaceId, Key)| {
            let (kind, id) = key_columns(*key);
            row.add(workspace.as_uuid()).add(kind).add(id);
        };
        for row in bulk.ask(connection, keys, bind).await? {
            let key = key_of(row.try_get(1)?, row.try_get(2)?)?;
            self.view.versions.insert((WorkspaceId::from_uuid(row.try_get(0)?), key), Version(unsigned(row.try_get(3)?)));
        }
        Ok(())
    }

    async fn counters(&mut self, connection: &mut SqliteConnection, memory: &Memory, wanted: &Wanted<'_>) -> Result<(), Fault> {
        let mut unknown = Vec::new();
        for workspace in &wanted.workspaces {
            match memory.counters.get(workspace) {
                Some(counters) => {
                    self.view.counters.insert(*workspace, *counters);
                }
                None => unknown.push(*workspace),
            }
        }
        let rows = COUNTERS.ask(connection, &unknown, |row, workspace| {
            row.add(workspace.as_uuid());
        });
        for row in rows.await? {
            let counters = Counters { ticket: TicketNumber(unsigned(row.try_get(1)?)), change: ChangeNumber(unsigned(row.try_get(2)?)) };
            self.view.counters.insert(WorkspaceId::from_uuid(row.try_get(0)?), counters);
        }
        Ok(())
    }

    async fn lanes(&mut self, connection: &mut SqliteConnection, memory: &Memory, wanted: &Wanted<'_>) -> Result<(), Fault> {
        let names: Vec<_> = wanted.lanes.iter().collect();
        let bind = |row: &mut Parameters, (workspace, lane): &&(WorkspaceId, &LaneName)| {
            row.add(workspace.as_uuid()).add(lane.as_str());
        };
        for row in LANES.ask(connection, &names, bind).await? {
            let key = (WorkspaceId::from_uuid(row.try_get(0)?), LaneName::named(row.try_get::<String, _>(1)?));
            let (number, due_at) = (row.try_get(2)?, timestamp(row.try_get(3)?)?);
            let lane = self.lanes.entry(key).or_default();
            // A question that was filled up repeats rows.
            if lane.jobs.iter().all(|job| job.number != number) {
                lane.jobs.push_back(Place { number, due_at, state: State::Stored });
            }
        }
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

fn pair(row: &mut Parameters, workspace: Uuid, id: Uuid) {
    row.add(workspace).add(id);
}

/// The facets in the six columns from `first` on.
fn facets(row: &SqliteRow, first: usize) -> Result<Facets, Fault> {
    Ok(Facets {
        status: row.try_get(first)?,
        assignee: row.try_get(first + 1)?,
        operator: row.try_get(first + 2)?,
        responsible: row.try_get(first + 3)?,
        waiting: row.try_get(first + 4)?,
        unassigned: row.try_get(first + 5)?,
    })
}
