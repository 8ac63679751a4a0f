//! Reads what the judgement of a batch refers to, and locks what the batch may change: a few statements, however many
//! commits there are. All batches lock in the same order: tickets, contacts, records, names, conversations, lanes, each by its
//! key.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use chrono::TimeDelta;
use helpdesk_core::id::{CommitId, ConversationId, JobId, LeaseToken, Version, WorkspaceId};
use helpdesk_core::store::commit::{Commit, JobOp, Key, Owner, UniqueKey};
use helpdesk_core::store::job::Lane as LaneName;
use helpdesk_core::store::judge::{CurrentLease, Held, Known, View};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};
use uuid::Uuid;

use crate::postgres::jobs::lane_of;
use crate::postgres::name::digest;
use crate::postgres::read::Reader;
use crate::sql::facets::Facets;
use crate::sql::fault::Fault;
use crate::sql::lane::{Lane, Place, State};
use crate::sql::value::{key_columns, key_of, micros, timestamp, unsigned};
use crate::sql::wanted::Wanted;

/// How long commit ids are kept.
pub(super) const COMMITS_KEPT: TimeDelta = TimeDelta::days(1);

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

/// The second jobs of lanes that are locked by now: as they are, since this statement began after they were.
const JOBS: &str = "
SELECT found.workspace, found.lane, found.number, found.due_at
FROM unnest($1::uuid[], $2::bytea[], $3::bigint[]) AS wanted(workspace, lane, number)
JOIN helpdesk.jobs AS found
ON found.workspace = wanted.workspace AND found.lane = wanted.lane AND found.number = wanted.number";

/// What most batches refer to, in one round trip: names, conversations and lanes, locked in this order; then versions of what
/// is not locked, and last commit ids with the time it is when all locks are held.
const MOST: &str = "
WITH names AS (
    SELECT found.workspace, found.name, found.owner, found.expires_at FROM unnest($2::uuid[], $3::uuid[]) AS wanted(workspace, name)
    JOIN helpdesk.names AS found ON found.workspace = wanted.workspace AND found.name = wanted.name
    ORDER BY found.workspace, found.name FOR UPDATE OF found
), conversations AS (
    SELECT found.workspace, found.id, found.version, found.status, found.assignee, found.operator, found.responsible, found.waiting,
           found.unassigned
    FROM unnest($4::uuid[], $5::uuid[]) AS wanted(workspace, id)
    JOIN helpdesk.conversations AS found ON found.workspace = wanted.workspace AND found.id = wanted.id
    ORDER BY found.workspace, found.id FOR UPDATE OF found
), lanes AS (
    SELECT found.workspace, found.lane, found.head, found.last, found.free_at, found.id, found.token, found.until
    FROM unnest($6::uuid[], $7::bytea[]) AS wanted(workspace, lane)
    JOIN helpdesk.lanes AS found ON found.workspace = wanted.workspace AND found.lane = wanted.lane
    ORDER BY found.workspace, found.lane FOR UPDATE OF found
), versions AS (
    {versions}
), commits AS (
    SELECT found.workspace, found.id, found.at, found.result FROM unnest($11::uuid[], $12::uuid[]) AS wanted(workspace, id)
    LEFT JOIN helpdesk.commits AS found ON found.workspace = wanted.workspace AND found.id = wanted.id
)
SELECT 'name', workspace, NULL::bytea, NULL::text, name, owner, NULL::bigint, expires_at, NULL::bigint, NULL::bigint, NULL::bigint,
       NULL::uuid, NULL::uuid, NULL::boolean, NULL::boolean FROM names
UNION ALL SELECT 'conversation', workspace, NULL, 'conversation', id, NULL, version, status, assignee, NULL, NULL, operator, responsible,
       waiting, unassigned FROM conversations
UNION ALL SELECT 'lane', workspace, lane, NULL, id, NULL, token, until, head, last, free_at, NULL, NULL, NULL, NULL FROM lanes
UNION ALL SELECT 'version', workspace, NULL, kind, id, NULL, version, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM versions
UNION ALL SELECT 'commit', workspace, NULL, NULL, id, result, NULL, at, {now}, NULL, NULL, NULL, NULL, NULL, NULL FROM commits";

static LOAD: LazyLock<String> = LazyLock::new(|| {
    // The time at which the last part runs, not that at which the statement began.
    let now = "coalesce($1::bigint, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)";
    let versions = VERSIONS.replace("$1::", "$8::").replace("$2::", "$9::").replace("$3::", "$10::");
    MOST.replace("{versions}", &versions).replace("{now}", now)
});

/// Every statement, for the tests of their plans.
#[cfg(test)]
pub(super) fn searches() -> Vec<&'static str> {
    vec![&LOAD, TICKETS, CONTACTS, RECORDS, VERSIONS, JOBS]
}

/// What a batch refers to.
#[derive(Default)]
pub(super) struct Wish<'a> {
    wanted: Wanted<'a>,
    /// Versioned things that are only guarded.
    pub(super) read: BTreeSet<(WorkspaceId, Key)>,
    /// Lanes whose second jobs must be known.
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
    /// Of each lane the number of the job that lies in its row.
    pub(super) lanes: HashMap<(WorkspaceId, LaneName), i64>,
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

/// The place of a lane's second job.
struct Second {
    workspace: WorkspaceId,
    lane: LaneName,
    number: i64,
}

/// Loads what this wish is for.
pub(super) async fn load<'a>(connection: &mut PgConnection, reader: &Reader, wish: &Wish<'a>) -> Result<Loaded<'a>, Fault> {
    let wanted = &wish.wanted;
    let mut loaded = Loaded { view: View::default(), facets: HashMap::new(), lanes: HashMap::new(), stored: Stored::default() };
    for (sql, kind) in [(TICKETS, Kind::Ticket), (CONTACTS, Kind::Contact), (RECORDS, Kind::Record)] {
        loaded.locked(connection, reader, sql, &wanted.keys(|key| Kind::of(key) == kind)).await?;
    }
    let seconds = loaded.most(connection, reader, wish).await?;
    loaded.jobs(connection, reader, &seconds).await?;
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
    /// Runs [`LOAD`]. Answers the second jobs that must be looked at.
    async fn most(&mut self, connection: &mut PgConnection, reader: &Reader, wish: &Wish<'_>) -> Result<Vec<Second>, Fault> {
        let wanted = &wish.wanted;
        let conversations = wanted.keys(|key| Kind::of(key) == Kind::Conversation);
        let read: Vec<_> = wish.read.iter().map(|(workspace, key)| (workspace.as_uuid(), key_columns(*key))).collect();
        let names: HashMap<_, _> = wanted.names.iter().map(|key| ((key.0.as_uuid(), digest(key.1)), *key)).collect();
        let query = sqlx::query(reader.schema.sql(&LOAD))
            .bind(reader.time.parameter())
            .bind(names.keys().map(|(workspace, _)| *workspace).collect::<Vec<_>>())
            .bind(names.keys().map(|(_, name)| *name).collect::<Vec<_>>())
            .bind(conversations.iter().map(|(workspace, _)| workspace.as_uuid()).collect::<Vec<_>>())
            .bind(conversations.iter().map(|(_, key)| key_columns(*key).1).collect::<Vec<_>>())
            .bind(wanted.lanes.iter().map(|(workspace, _)| workspace.as_uuid()).collect::<Vec<_>>())
            .bind(wanted.lanes.iter().map(|(_, lane)| lane.as_str().as_bytes()).collect::<Vec<_>>())
            .bind(read.iter().map(|(workspace, _)| *workspace).collect::<Vec<_>>())
            .bind(read.iter().map(|(_, (kind, _))| *kind).collect::<Vec<_>>())
            .bind(read.iter().map(|(_, (_, id))| *id).collect::<Vec<_>>())
            .bind(wanted.commits.iter().map(|(workspace, _)| workspace.as_uuid()).collect::<Vec<_>>())
            .bind(wanted.commits.iter().map(|(_, id)| id.as_uuid()).collect::<Vec<_>>());
        let mut seconds = Vec::new();
        for row in query.fetch_all(connection).await? {
            match row.try_get(column::PART)? {
                "name" => self.name(&row, &names)?,
                "conversation" => self.versioned(&row, true)?,
                "lane" => seconds.extend(self.lane(&row, wish)?),
                "version" => self.versioned(&row, false)?,
                _ => self.commit(&row)?,
            }
        }
        Ok(seconds)
    }

    fn name(&mut self, row: &PgRow, wanted: &HashMap<(Uuid, Uuid), (WorkspaceId, &UniqueKey)>) -> Result<(), Fault> {
        let Some((workspace, name)) = wanted.get(&(row.try_get(column::WORKSPACE)?, row.try_get(column::ID)?)) else { return Ok(()) };
        let key = (*workspace, (*name).clone());
        let owner = Owner(row.try_get::<Vec<u8>, _>(column::BYTES)?.into());
        let until = row.try_get::<Option<i64>, _>(column::FIRST)?.map(timestamp).transpose()?;
        self.stored.names.insert(key.clone());
        self.view.owners.insert(key, Held { owner, until });
        Ok(())
    }

    fn versioned(&mut self, row: &PgRow, locked: bool) -> Result<(), Fault> {
        let key = (workspace(row)?, key_of(row.try_get(column::KIND)?, row.try_get(column::ID)?)?);
        self.view.versions.insert(key, Version(unsigned(row.try_get(column::VERSION)?)));
        if locked {
            self.stored.keys.insert(key);
            if let (workspace, Key::Conversation(id)) = key {
                self.facets.insert((workspace, id), facets(row)?);
            }
        }
        Ok(())
    }

    /// Takes note of a lane and its first job. Answers the second one if it must be looked at.
    fn lane(&mut self, row: &PgRow, wish: &Wish<'_>) -> Result<Option<Second>, Fault> {
        let key = (workspace(row)?, lane_of(row.try_get(column::LANE)?)?);
        let (head, last) = (row.try_get(column::SECOND)?, row.try_get(column::THIRD)?);
        let mut lane = Lane { last, ..Lane::default() };
        // Of a job that is leased or was, nobody asks when it was due.
        let due_at = timestamp(row.try_get(column::FOURTH)?)?;
        lane.jobs.push_back(Place { number: head, due_at, state: State::Stored });
        let wanted = head < last && wish.jobs.contains(&(key.0, &key.1));
        let second = wanted.then(|| Second { workspace: key.0, lane: key.1.clone(), number: head + 1 });
        if let Some(lease) = lease(row)? {
            self.view.leases.insert(key.clone(), lease);
        }
        self.stored.lanes.insert(key.clone(), head);
        self.lanes.insert(key, lane);
        Ok(second)
    }

    fn commit(&mut self, row: &PgRow) -> Result<(), Fault> {
        self.view.now = timestamp(row.try_get(column::SECOND)?)?;
        let Some(workspace) = row.try_get::<Option<Uuid>, _>(column::WORKSPACE)? else { return Ok(()) };
        if row.try_get::<i64, _>(column::FIRST)? <= micros(self.view.now - COMMITS_KEPT) {
            return Ok(());
        }
        let key = (WorkspaceId::from_uuid(workspace), CommitId::from_uuid(row.try_get(column::ID)?));
        let result: Option<Vec<u8>> = row.try_get(column::BYTES)?;
        self.view.commits.insert(key, result.map_or(Known::Refused, |result| Known::Committed(result.into())));
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
            self.stored.keys.insert(key);
            self.view.versions.insert(key, version);
        }
        Ok(())
    }

    async fn jobs(&mut self, connection: &mut PgConnection, reader: &Reader, seconds: &[Second]) -> Result<(), Fault> {
        if seconds.is_empty() {
            return Ok(());
        }
        let workspaces: Vec<Uuid> = seconds.iter().map(|second| second.workspace.as_uuid()).collect();
        let lanes: Vec<&[u8]> = seconds.iter().map(|second| second.lane.as_str().as_bytes()).collect();
        let numbers: Vec<i64> = seconds.iter().map(|second| second.number).collect();
        let query = sqlx::query(reader.schema.sql(JOBS)).bind(workspaces).bind(lanes).bind(numbers);
        for row in query.fetch_all(connection).await? {
            let key = (WorkspaceId::from_uuid(row.try_get(0)?), lane_of(row.try_get(1)?)?);
            let due_at = timestamp(row.try_get(3)?)?;
            self.lanes.entry(key).or_default().jobs.push_back(Place { number: row.try_get(2)?, due_at, state: State::Stored });
        }
        Ok(())
    }
}

/// The columns of [`LOAD`], which mean something else in each part.
mod column {
    pub(super) const PART: usize = 0;
    pub(super) const WORKSPACE: usize = 1;
    pub(super) const LANE: usize = 2;
    pub(super) const KIND: usize = 3;
    pub(super) const ID: usize = 4;
    pub(super) const BYTES: usize = 5;
    pub(super) const VERSION: usize = 6;
    pub(super) const FIRST: usize = 7;
    pub(super) const SECOND: usize = 8;
    pub(super) const THIRD: usize = 9;
    pub(super) const FOURTH: usize = 10;
    pub(super) const OPERATOR: usize = 11;
    pub(super) const RESPONSIBLE: usize = 12;
    pub(super) const WAITING: usize = 13;
    pub(super) const UNASSIGNED: usize = 14;
}

fn workspace(row: &PgRow) -> Result<WorkspaceId, Fault> {
    Ok(WorkspaceId::from_uuid(row.try_get(column::WORKSPACE)?))
}

fn facets(row: &PgRow) -> Result<Facets, Fault> {
    Ok(Facets {
        status: row.try_get(column::FIRST)?,
        assignee: row.try_get(column::SECOND)?,
        operator: row.try_get(column::OPERATOR)?,
        responsible: row.try_get(column::RESPONSIBLE)?,
        waiting: row.try_get(column::WAITING)?,
        unassigned: row.try_get(column::UNASSIGNED)?,
    })
}

fn lease(row: &PgRow) -> Result<Option<CurrentLease>, Fault> {
    let (job, token, until) = (row.try_get::<Option<Uuid>, _>(column::ID)?, row.try_get(column::VERSION)?, row.try_get(column::FIRST)?);
    let (Some(job), Some(token), Some(until)) = (job, token, until) else { return Ok(None) };
    Ok(Some(CurrentLease { job: JobId::from_uuid(job), token: LeaseToken(unsigned(token)), until: timestamp(until)? }))
}
