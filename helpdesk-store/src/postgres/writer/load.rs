//! Reads what the judgement of a batch refers to, and locks what the batch may change: a few statements, however many
//! commits there are. All batches lock in the same order: names, conversations, tickets, contacts, records, lanes, each by
//! its key.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::TimeDelta;
use helpdesk_core::id::{CommitId, ConversationId, JobId, LeaseToken, Version, WorkspaceId};
use helpdesk_core::store::commit::{Commit, JobOp, Key, Owner, UniqueKey};
use helpdesk_core::store::job::Lane as LaneName;
use helpdesk_core::store::judge::{CurrentLease, Held, Known, View};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use uuid::Uuid;

use crate::postgres::jobs::lane_of;
use crate::postgres::read::{Reader, name_of};
use crate::postgres::time::now;
use crate::sql::facets::Facets;
use crate::sql::fault::Fault;
use crate::sql::lane::{Lane, Place, State};
use crate::sql::value::{key_columns, key_of, micros, timestamp, unsigned};
use crate::sql::wanted::Wanted;

/// How long commit ids are kept.
pub(super) const COMMITS_KEPT: TimeDelta = TimeDelta::days(1);

const NAMES: &str = "
SELECT found.workspace, found.name, found.owner, found.expires_at FROM unnest($1::uuid[], $2::bytea[]) AS wanted(workspace, name)
JOIN helpdesk.names AS found ON found.workspace = wanted.workspace AND found.name = wanted.name
ORDER BY found.workspace, found.name FOR UPDATE OF found";

const CONVERSATIONS: &str = "
SELECT found.workspace, 'conversation', found.id, found.version, found.status, found.assignee, found.operator, found.responsible,
       found.waiting, found.unassigned
FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS wanted(workspace, kind, id)
JOIN helpdesk.conversations AS found ON found.workspace = wanted.workspace AND found.id = wanted.id
ORDER BY found.workspace, found.id FOR UPDATE OF found";

const TICKETS: &str = "
SELECT found.workspace, wanted.kind, found.id, found.version FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS wanted(workspace, kind, id)
JOIN helpdesk.tickets AS found ON found.workspace = wanted.workspace AND found.id = wanted.id
ORDER BY found.workspace, found.id FOR UPDATE OF found";

const CONTACTS: &str = "
SELECT found.workspace, wanted.kind, found.id, found.version FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS wanted(workspace, kind, id)
JOIN helpdesk.contacts AS found ON found.workspace = wanted.workspace AND found.id = wanted.id
ORDER BY found.workspace, found.id FOR UPDATE OF found";

const RECORDS: &str = "
SELECT found.workspace, found.kind, found.id, found.version FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS wanted(workspace, kind, id)
JOIN helpdesk.records AS found ON found.workspace = wanted.workspace AND found.kind = wanted.kind AND found.id = wanted.id
ORDER BY found.workspace, found.kind, found.id FOR UPDATE OF found";

const LANES: &str = "
SELECT found.workspace, found.lane, found.head, found.last, found.free_at, found.job, found.token, found.until
FROM unnest($1::uuid[], $2::bytea[]) AS wanted(workspace, lane)
JOIN helpdesk.lanes AS found ON found.workspace = wanted.workspace AND found.lane = wanted.lane
ORDER BY found.workspace, found.lane FOR UPDATE OF found";

/// Versions of what is not locked.
const VERSIONS: &str = "
WITH wanted(workspace, kind, id) AS (SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[]))
SELECT found.workspace, wanted.kind, found.id, found.version FROM wanted
JOIN helpdesk.conversations AS found ON found.workspace = wanted.workspace AND found.id = wanted.id WHERE wanted.kind = 'conversation'
UNION ALL
SELECT found.workspace, wanted.kind, found.id, found.version FROM wanted
JOIN helpdesk.tickets AS found ON found.workspace = wanted.workspace AND found.id = wanted.id WHERE wanted.kind = 'ticket'
UNION ALL
SELECT found.workspace, wanted.kind, found.id, found.version FROM wanted
JOIN helpdesk.contacts AS found ON found.workspace = wanted.workspace AND found.id = wanted.id WHERE wanted.kind = 'contact'
UNION ALL
SELECT found.workspace, wanted.kind, found.id, found.version FROM wanted
JOIN helpdesk.records AS found ON found.workspace = wanted.workspace AND found.kind = wanted.kind AND found.id = wanted.id";

/// The first jobs of lanes that are locked by now: as they are, since this statement began after they were.
const JOBS: &str = "
SELECT found.workspace, found.lane, found.number, found.due_at
FROM unnest($1::uuid[], $2::bytea[], $3::bigint[]) AS wanted(workspace, lane, head)
JOIN helpdesk.jobs AS found
ON found.workspace = wanted.workspace AND found.lane = wanted.lane AND found.number BETWEEN wanted.head AND wanted.head + 1
ORDER BY found.workspace, found.lane, found.number";

/// The time, and what is known of commit ids. After all locks, so that who waited for them is judged by the time it is now.
const COMMITS: &str = concat!(
    "SELECT ",
    now!("$1"),
    ", found.workspace, found.id, found.result, found.at FROM unnest($2::uuid[], $3::uuid[]) AS wanted(workspace, id)
LEFT JOIN helpdesk.commits AS found ON found.workspace = wanted.workspace AND found.id = wanted.id"
);

/// Every statement, for the tests of their plans.
#[cfg(test)]
pub(super) fn searches() -> Vec<&'static str> {
    vec![NAMES, CONVERSATIONS, TICKETS, CONTACTS, RECORDS, LANES, VERSIONS, JOBS, COMMITS]
}

/// What a batch refers to.
#[derive(Default)]
pub(super) struct Wish<'a> {
    wanted: Wanted<'a>,
    /// Versioned things that are only guarded.
    pub(super) read: BTreeSet<(WorkspaceId, Key)>,
    /// Lanes whose first jobs must be known.
    jobs: HashSet<(WorkspaceId, &'a LaneName)>,
}

impl<'a> Wish<'a> {
    pub(super) fn of(commits: &[&'a Commit]) -> Self {
        let mut wish = Self::default();
        for commit in commits {
            wish.wanted.commit(commit);
        }
        let guarded = std::mem::take(&mut wish.wanted.versions);
        for commit in commits {
            let workspace = commit.workspace;
            wish.wanted.versions.extend(commit.writes.iter().filter_map(|write| Some((workspace, write.key()?.0))));
            wish.jobs.extend(commit.finished.iter().map(|fence| (workspace, &fence.lane)));
            for op in &commit.jobs {
                match op {
                    JobOp::Push(_) => {}
                    JobOp::Arm(job) => {
                        wish.jobs.insert((workspace, &job.lane));
                    }
                    JobOp::Cancel(lane) => {
                        wish.wanted.lanes.insert((workspace, lane));
                    }
                }
            }
        }
        wish.read = guarded.difference(&wish.wanted.versions).copied().collect();
        wish
    }
}

/// What is stored of what a batch may write, and locked.
#[derive(Debug, Default)]
pub(super) struct Stored {
    pub(super) names: HashSet<(WorkspaceId, UniqueKey)>,
    pub(super) keys: HashSet<(WorkspaceId, Key)>,
    pub(super) lanes: HashSet<(WorkspaceId, LaneName)>,
}

/// What a batch is applied to.
pub(super) struct Loaded<'a> {
    pub(super) view: View,
    /// Of the conversations that exist.
    pub(super) facets: HashMap<(WorkspaceId, ConversationId), Facets>,
    /// Of the lanes that have jobs.
    pub(super) lanes: HashMap<(WorkspaceId, LaneName), Lane<'a>>,
    pub(super) stored: Stored,
}

/// A place in a lane that only needs to be taken.
struct Head {
    workspace: WorkspaceId,
    lane: LaneName,
    number: i64,
}

/// Loads what this wish is for.
pub(super) async fn load<'a>(connection: &mut PgConnection, reader: &Reader, wish: &Wish<'a>) -> Result<Loaded<'a>, Fault> {
    let wanted = &wish.wanted;
    let mut loaded = Loaded { view: View::default(), facets: HashMap::new(), lanes: HashMap::new(), stored: Stored::default() };
    loaded.names(connection, reader, &wanted.names).await?;
    for (sql, kind) in [(CONVERSATIONS, Kind::Conversation), (TICKETS, Kind::Ticket), (CONTACTS, Kind::Contact), (RECORDS, Kind::Record)] {
        loaded.locked(connection, reader, sql, &wanted.keys(|key| Kind::of(key) == kind)).await?;
    }
    let heads = loaded.lanes(connection, reader, wish).await?;
    loaded.jobs(connection, reader, &heads).await?;
    for ((workspace, key), version) in versions(connection, reader, &wish.read).await? {
        loaded.view.versions.insert((workspace, key), version);
    }
    loaded.commits(connection, reader, &wanted.commits).await?;
    Ok(loaded)
}

/// The versions of these things as they are now; what is absent is left out.
pub(super) async fn versions(
    connection: &mut PgConnection,
    reader: &Reader,
    keys: &BTreeSet<(WorkspaceId, Key)>,
) -> Result<HashMap<(WorkspaceId, Key), Version>, Fault> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = question(reader, VERSIONS, keys.iter().copied()).fetch_all(connection).await?;
    rows.iter().map(version).collect()
}

type Query = sqlx::query::Query<'static, sqlx::Postgres, sqlx::postgres::PgArguments>;

/// A query about versioned things.
fn question(reader: &Reader, sql: &'static str, keys: impl Iterator<Item = (WorkspaceId, Key)>) -> Query {
    let (mut workspaces, mut kinds, mut ids) = (Vec::new(), Vec::new(), Vec::new());
    for (workspace, key) in keys {
        let (kind, id) = key_columns(key);
        workspaces.push(workspace.as_uuid());
        kinds.push(kind);
        ids.push(id);
    }
    sqlx::query(reader.schema.sql(sql)).bind(workspaces).bind(kinds).bind(ids)
}

fn version(row: &PgRow) -> Result<((WorkspaceId, Key), Version), Fault> {
    let key = key_of(row.try_get(1)?, row.try_get(2)?)?;
    Ok(((WorkspaceId::from_uuid(row.try_get(0)?), key), Version(unsigned(row.try_get(3)?))))
}

/// The tables of versioned things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Conversation,
    Ticket,
    Contact,
    Record,
}

impl Kind {
    const fn of(key: Key) -> Self {
        match key {
            Key::Conversation(_) => Self::Conversation,
            Key::Ticket(_) => Self::Ticket,
            Key::Contact(_) => Self::Contact,
            Key::Record(_) => Self::Record,
        }
    }
}

impl Loaded<'_> {
    async fn names(
        &mut self,
        connection: &mut PgConnection,
        reader: &Reader,
        wanted: &BTreeSet<(WorkspaceId, &UniqueKey)>,
    ) -> Result<(), Fault> {
        if wanted.is_empty() {
            return Ok(());
        }
        let workspaces: Vec<Uuid> = wanted.iter().map(|(workspace, _)| workspace.as_uuid()).collect();
        let names: Vec<&[u8]> = wanted.iter().map(|(_, name)| name.as_str().as_bytes()).collect();
        let query = sqlx::query(reader.schema.sql(NAMES)).bind(workspaces).bind(names);
        for row in query.fetch_all(connection).await? {
            let key = (WorkspaceId::from_uuid(row.try_get(0)?), name_of(row.try_get(1)?)?);
            let owner = Owner(row.try_get::<Vec<u8>, _>(2)?.into());
            let until = row.try_get::<Option<i64>, _>(3)?.map(timestamp).transpose()?;
            self.stored.names.insert(key.clone());
            self.view.owners.insert(key, Held { owner, until });
        }
        Ok(())
    }

    async fn locked(
        &mut self,
        connection: &mut PgConnection,
        reader: &Reader,
        sql: &'static str,
        keys: &[(WorkspaceId, Key)],
    ) -> Result<(), Fault> {
        if keys.is_empty() {
            return Ok(());
        }
        for row in question(reader, sql, keys.iter().copied()).fetch_all(connection).await? {
            let (key, version) = version(&row)?;
            if let (workspace, Key::Conversation(id)) = key {
                self.facets.insert((workspace, id), facets(&row, 4)?);
            }
            self.stored.keys.insert(key);
            self.view.versions.insert(key, version);
        }
        Ok(())
    }

    /// Locks the lanes. Answers those whose first jobs must be looked at.
    async fn lanes(&mut self, connection: &mut PgConnection, reader: &Reader, wish: &Wish<'_>) -> Result<Vec<Head>, Fault> {
        let wanted = &wish.wanted.lanes;
        let mut heads = Vec::new();
        if wanted.is_empty() {
            return Ok(heads);
        }
        let workspaces: Vec<Uuid> = wanted.iter().map(|(workspace, _)| workspace.as_uuid()).collect();
        let names: Vec<&[u8]> = wanted.iter().map(|(_, lane)| lane.as_str().as_bytes()).collect();
        let query = sqlx::query(reader.schema.sql(LANES)).bind(workspaces).bind(names);
        for row in query.fetch_all(connection).await? {
            let key = (WorkspaceId::from_uuid(row.try_get(0)?), lane_of(row.try_get(1)?)?);
            let (number, last) = (row.try_get(2)?, row.try_get(3)?);
            let mut lane = Lane { last, ..Lane::default() };
            if wish.jobs.contains(&(key.0, &key.1)) {
                heads.push(Head { workspace: key.0, lane: key.1.clone(), number });
            } else {
                // It matters only that there is one, and when the lane is free.
                lane.jobs.push_back(Place { number, due_at: timestamp(row.try_get(4)?)?, state: State::Stored });
            }
            if let Some(lease) = lease(&row)? {
                self.view.leases.insert(key.clone(), lease);
            }
            self.stored.lanes.insert(key.clone());
            self.lanes.insert(key, lane);
        }
        Ok(heads)
    }

    async fn jobs(&mut self, connection: &mut PgConnection, reader: &Reader, heads: &[Head]) -> Result<(), Fault> {
        if heads.is_empty() {
            return Ok(());
        }
        let workspaces: Vec<Uuid> = heads.iter().map(|head| head.workspace.as_uuid()).collect();
        let lanes: Vec<&[u8]> = heads.iter().map(|head| head.lane.as_str().as_bytes()).collect();
        let numbers: Vec<i64> = heads.iter().map(|head| head.number).collect();
        let query = sqlx::query(reader.schema.sql(JOBS)).bind(workspaces).bind(lanes).bind(numbers);
        for row in query.fetch_all(connection).await? {
            let key = (WorkspaceId::from_uuid(row.try_get(0)?), lane_of(row.try_get(1)?)?);
            let due_at = timestamp(row.try_get(3)?)?;
            self.lanes.entry(key).or_default().jobs.push_back(Place { number: row.try_get(2)?, due_at, state: State::Stored });
        }
        Ok(())
    }

    async fn commits(
        &mut self,
        connection: &mut PgConnection,
        reader: &Reader,
        wanted: &BTreeSet<(WorkspaceId, CommitId)>,
    ) -> Result<(), Fault> {
        let workspaces: Vec<Uuid> = wanted.iter().map(|(workspace, _)| workspace.as_uuid()).collect();
        let ids: Vec<Uuid> = wanted.iter().map(|(_, id)| id.as_uuid()).collect();
        let query = sqlx::query(reader.schema.sql(COMMITS)).bind(reader.time.parameter()).bind(workspaces).bind(ids);
        for row in query.fetch_all(connection).await? {
            self.view.now = timestamp(row.try_get(0)?)?;
            let Some(workspace) = row.try_get::<Option<Uuid>, _>(1)? else { continue };
            if row.try_get::<i64, _>(4)? <= micros(self.view.now - COMMITS_KEPT) {
                continue;
            }
            let key = (WorkspaceId::from_uuid(workspace), CommitId::from_uuid(row.try_get(2)?));
            let result: Option<Vec<u8>> = row.try_get(3)?;
            self.view.commits.insert(key, result.map_or(Known::Refused, |result| Known::Committed(result.into())));
        }
        Ok(())
    }
}

fn facets(row: &PgRow, first: usize) -> Result<Facets, Fault> {
    Ok(Facets {
        status: row.try_get(first)?,
        assignee: row.try_get(first + 1)?,
        operator: row.try_get(first + 2)?,
        responsible: row.try_get(first + 3)?,
        waiting: row.try_get(first + 4)?,
        unassigned: row.try_get(first + 5)?,
    })
}

fn lease(row: &PgRow) -> Result<Option<CurrentLease>, Fault> {
    let (Some(job), Some(token), Some(until)) = (row.try_get::<Option<Uuid>, _>(5)?, row.try_get(6)?, row.try_get(7)?) else {
        return Ok(None);
    };
    Ok(Some(CurrentLease { job: JobId::from_uuid(job), token: LeaseToken(unsigned(token)), until: timestamp(until)? }))
}
