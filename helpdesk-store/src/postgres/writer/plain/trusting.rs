//! Writes plain commits whose conversations are known as they stood: all of them, or nothing.
//!
//! Where everything is as it was decided by, nothing has to be sorted out, and the statement writes its parameters as they are.
//! It is short, because a database sets up every part of a statement anew with each batch. How a conversation was counted
//! before comes from what this node [read or wrote last](crate::postgres::standing): a version of a conversation never changes,
//! and the statement writes only on the version that is known. Whatever is otherwise than it was taken for, the statement fails
//! or divides by zero, and the [careful] one sorts out which commits may pass.
//!
//! What may have to wait for another transaction comes in the order of all batches: conversations, then lanes, and last the
//! counters. Lanes that begin are locked by their key like the others, where other batches lock them after those: two batches
//! about the same lanes, of different conversations, may wait for each other, and the database undoes one, which is tried again.
//!
//! [careful]: super::careful

use std::collections::BTreeMap;
use std::sync::LazyLock;

use helpdesk_core::id::WorkspaceId;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::columns::REFUTED;
use super::row::{Plain, Row};
use super::{Query, Went, columns};
use crate::postgres::read::Reader;
use crate::postgres::time::{delay, later, now};
use crate::postgres::writer::tables::column;
use crate::sql::facets::Facets;
use crate::sql::fault::Fault;
use crate::sql::value::signed;

const CONVERSATIONS: &str = "
UPDATE helpdesk.conversations AS known SET version = new.version, seq = new.seq, contact = new.contact, assistant = new.assistant,
    ticket = new.ticket, status = new.status, assignee = new.assignee, operator = new.operator, responsible = new.responsible,
    waiting = new.waiting, unassigned = new.unassigned, flagged = new.flagged, unread = new.unread,
    last_activity_at = new.last_activity_at, body = new.body
FROM (
    SELECT unnest($6::uuid[]) AS workspace, unnest($7::uuid[]) AS id, unnest($8::bigint[]) AS guarded, unnest($9::bigint[]) AS version,
        unnest($10::bigint[]) AS seq, unnest($11::uuid[]) AS contact, unnest($12::uuid[]) AS assistant, unnest($13::uuid[]) AS ticket,
        unnest($14::bigint[]) AS status, unnest($15::bigint[]) AS assignee, unnest($16::uuid[]) AS operator,
        unnest($17::uuid[]) AS responsible, unnest($18::boolean[]) AS waiting, unnest($19::boolean[]) AS unassigned,
        unnest($20::boolean[]) AS flagged, unnest($21::boolean[]) AS unread, unnest($22::bigint[]) AS last_activity_at,
        unnest($23::text[]) AS body
) AS new
WHERE known.workspace = new.workspace AND known.id = new.id AND known.version = new.guarded AND known.seq < new.seq
RETURNING 1";

/// What time it is, once for all rows.
const MOMENT: &str = concat!("SELECT ", now!("$1"), " AS at");

macro_rules! moment {
    () => {
        "(SELECT at FROM moment)"
    };
}

const COMMITS: &str = concat!(
    "
INSERT INTO helpdesk.commits (workspace, id, at, result)
SELECT unnest($6::uuid[]), unnest($24::uuid[]), ",
    moment!(),
    ", unnest($25::bytea[]) RETURNING 1"
);

const NAMES: &str = concat!(
    "
INSERT INTO helpdesk.names (workspace, name, owner, expires_at)
SELECT workspace, name, owner, CASE WHEN keep IS NOT NULL THEN ",
    later!(moment!(), "keep"),
    " END
FROM (
    SELECT unnest($26::uuid[]) AS workspace, unnest($27::uuid[]) AS name, unnest($28::bytea[]) AS owner, unnest($29::bigint[]) AS keep
) AS new RETURNING 1"
);

const ENTRIES: &str = "
INSERT INTO helpdesk.entries (workspace, conversation, seq, rev, public, sender, body)
SELECT unnest($6::uuid[]), unnest($7::uuid[]), unnest($30::bigint[]), unnest($31::bigint[]), unnest($32::boolean[]),
    unnest($33::bigint[]), unnest($34::text[]) RETURNING 1";

/// A lane that is there is cleared, where it has one job: the new one takes its place, and the lane loses its lease. Where it
/// is free already it stays so, since what it is found by is costly to change.
const LANES: &str = concat!(
    "
INSERT INTO helpdesk.lanes AS known (workspace, lane, head, last, free_at, id, work, pushed_at)
SELECT workspace, lane, 1, 1, ",
    later!(moment!(), "delay"),
    ", id, work, ",
    moment!(),
    "
FROM (
    SELECT unnest($35::uuid[]) AS workspace, unnest($36::bytea[]) AS lane, unnest($37::uuid[]) AS id, unnest($38::text[]) AS work,
        unnest($39::bigint[]) AS delay
) AS new
ON CONFLICT (workspace, lane) DO UPDATE SET id = excluded.id, work = excluded.work, attempt = 0, pushed_at = excluded.pushed_at,
    token = NULL, until = NULL,
    free_at = CASE WHEN known.free_at <= excluded.free_at AND excluded.free_at = excluded.pushed_at THEN known.free_at
        ELSE excluded.free_at END
WHERE known.head = known.last RETURNING 1"
);

/// Whether everything was written, in this order.
const WHOLE: &str = "
SELECT NOT EXISTS (SELECT FROM refuted) AND count(*) = $40::bigint AS whole FROM (
    SELECT FROM conversations UNION ALL SELECT FROM commits UNION ALL SELECT FROM names UNION ALL SELECT FROM entries
    UNION ALL SELECT FROM lanes
) AS written";

/// Locks the counters and draws from them, unless records were written since this statement began. Answers the last numbers.
const COUNTERS: &str = "
INSERT INTO helpdesk.counters AS known (workspace, ticket, change, records)
SELECT drawn.workspace, 0, drawn.changes, coalesce(before.records, 0)
FROM unnest($41::uuid[], $42::bigint[]) AS drawn(workspace, changes)
LEFT JOIN helpdesk.counters AS before ON before.workspace = drawn.workspace
WHERE (SELECT whole FROM whole) ORDER BY drawn.workspace
ON CONFLICT (workspace) DO UPDATE SET change = known.change + excluded.change WHERE known.records = excluded.records
RETURNING workspace, change";

/// One row for each workspace; the commits are in the order of these.
const CHANGES: &str = "
INSERT INTO helpdesk.changes (workspace, last, kind, ids, versions)
SELECT drawn.workspace, counters.change, 'conversation',
    ($7::uuid[])[drawn.place - drawn.changes + 1:drawn.place], ($9::bigint[])[drawn.place - drawn.changes + 1:drawn.place]
FROM unnest($41::uuid[], $42::bigint[], $43::bigint[]) AS drawn(workspace, changes, place)
JOIN counters ON counters.workspace = drawn.workspace";

/// Only who holds the counters gets here.
const COUNTS: &str = "
INSERT INTO helpdesk.counts AS known (workspace, status, assignee, operator, responsible, waiting, unassigned, conversations)
SELECT new.* FROM unnest($44::uuid[], $45::bigint[], $46::bigint[], $47::uuid[], $48::uuid[], $49::boolean[], $50::boolean[], $51::bigint[])
    AS new(workspace, status, assignee, operator, responsible, waiting, unassigned, conversations)
JOIN counters ON counters.workspace = new.workspace
ON CONFLICT (workspace, status, assignee, operator, responsible, waiting, unassigned)
DO UPDATE SET conversations = known.conversations + excluded.conversations";

/// The workspaces and the last change of each.
const ANSWER: &str = "
SELECT ARRAY(SELECT workspace FROM counters ORDER BY workspace), ARRAY(SELECT change FROM counters ORDER BY workspace),
    1 / CASE WHEN (SELECT count(*) FROM counters) = cardinality($41::uuid[]) THEN 1 ELSE 0 END";

/// The statement without and with differences of counts.
static STATEMENTS: LazyLock<[String; 2]> = LazyLock::new(|| [statement(""), statement(&format!(", counts AS ({COUNTS})"))]);

fn statement(counts: &str) -> String {
    format!(
        "WITH refuted AS MATERIALIZED ({REFUTED}), moment AS MATERIALIZED ({MOMENT}), conversations AS ({CONVERSATIONS}), commits AS ({COMMITS}), names AS ({NAMES}), \
         entries AS ({ENTRIES}), lanes AS ({LANES}), whole AS MATERIALIZED ({WHOLE}), counters AS ({COUNTERS}), \
         changes AS ({CHANGES}){counts} {ANSWER}"
    )
}

/// Both statements, for the tests of their plans.
#[cfg(test)]
pub(super) fn searches() -> [&'static str; 2] {
    STATEMENTS.each_ref().map(String::as_str)
}

/// Plain commits whose conversations are known as they stood.
pub(super) struct Trusted<'a> {
    rows: Vec<Row<'a>>,
    /// How much each sort of conversations grows.
    counts: Vec<((WorkspaceId, Facets), i64)>,
    /// How many changes each workspace draws.
    drawn: BTreeMap<WorkspaceId, i64>,
}

impl<'a> Trusted<'a> {
    /// None: something of it has to be sorted out.
    pub(super) fn of(reader: &Reader, plain: &Plain<'a>) -> Option<Self> {
        let rows: Vec<Row<'a>> = plain.rows.iter().map(|(_, row)| *row).collect();
        let (mut counts, mut drawn) = (BTreeMap::new(), BTreeMap::new());
        for row in &rows {
            let workspace = row.commit.workspace;
            let before = reader.standing.at(workspace, row.conversation.id, row.guarded)?;
            if row.job.is_some_and(|job| !job.clears) {
                return None;
            }
            *counts.entry((workspace, before)).or_default() -= 1;
            *counts.entry((workspace, Facets::of(row.conversation))).or_default() += 1;
            *drawn.entry(workspace).or_default() += 1;
        }
        counts.retain(|_, difference| *difference != 0);
        Some(Self { rows, counts: counts.into_iter().collect(), drawn })
    }

    pub(super) fn question(&self, reader: &Reader, plain: &Plain<'_>) -> Query {
        let rows = &self.rows;
        let statement = &STATEMENTS[usize::from(!self.counts.is_empty())];
        let query = columns::begun(reader.schema.sql(statement), reader, plain)
            .bind(column(rows, |row| row.commit.workspace.as_uuid()))
            .bind(column(rows, |row| row.conversation.id.as_uuid()))
            .bind(column(rows, |row| signed(row.guarded.0)))
            .bind(column(rows, |row| signed(row.conversation.version.0)))
            .bind(column(rows, |row| signed(row.entry.seq.0)));
        let query = columns::conversations(query, rows)
            .bind(column(rows, |row| row.commit.id.as_uuid()))
            .bind(column(rows, |row| &row.commit.result[..]));
        let query = self.names(query);
        let query = columns::entries(query, rows);
        self.numbers(self.lanes(query))
    }

    pub(super) fn went(&self, row: &PgRow) -> Result<Went, Fault> {
        let places = (1..).take(self.rows.len()).collect();
        Ok(Went { places, workspaces: row.try_get(0)?, changes: row.try_get(1)? })
    }

    fn names(&self, query: Query) -> Query {
        let claim = |row: &Row<'a>| Some((row.commit.workspace, row.bodies.name?, row.claim?));
        let mut claims: Vec<_> = self.rows.iter().filter_map(claim).collect();
        claims.sort_unstable_by_key(|(workspace, name, _)| (*workspace, *name));
        query
            .bind(column(&claims, |(workspace, ..)| workspace.as_uuid()))
            .bind(column(&claims, |(_, name, _)| *name))
            .bind(column(&claims, |(.., claim)| &claim.owner.0[..]))
            .bind(column(&claims, |(.., claim)| claim.keep.map(delay)))
    }

    fn lanes(&self, query: Query) -> Query {
        let job = |row: &Row<'a>| Some((row.commit.workspace, row.job?.job, row.bodies.work.as_deref()));
        let mut jobs: Vec<_> = self.rows.iter().filter_map(job).collect();
        jobs.sort_unstable_by_key(|(workspace, job, _)| (*workspace, &job.lane));
        query
            .bind(column(&jobs, |(workspace, ..)| workspace.as_uuid()))
            .bind(column(&jobs, |(_, job, _)| job.lane.as_str().as_bytes()))
            .bind(column(&jobs, |(_, job, _)| job.id.as_uuid()))
            .bind(column(&jobs, |(.., work)| *work))
            .bind(column(&jobs, |(_, job, _)| delay(job.delay)))
    }

    fn numbers(&self, query: Query) -> Query {
        let each = |row: &Row<'_>| 3 + i64::from(row.claim.is_some()) + i64::from(row.job.is_some());
        let drawn = Vec::from_iter(&self.drawn);
        let places = drawn.iter().scan(0, |place, (_, changes)| {
            *place += **changes;
            Some(*place)
        });
        let query = query
            .bind(self.rows.iter().map(each).sum::<i64>())
            .bind(column(&drawn, |(workspace, _)| workspace.as_uuid()))
            .bind(column(&drawn, |(_, changes)| **changes))
            .bind(places.collect::<Vec<i64>>());
        if self.counts.is_empty() {
            return query;
        }
        let counts = &self.counts;
        query
            .bind(column(counts, |((workspace, _), _)| workspace.as_uuid()))
            .bind(column(counts, |((_, facets), _)| facets.status))
            .bind(column(counts, |((_, facets), _)| facets.assignee))
            .bind(column(counts, |((_, facets), _)| facets.operator.unwrap_or(Uuid::nil())))
            .bind(column(counts, |((_, facets), _)| facets.responsible.unwrap_or(Uuid::nil())))
            .bind(column(counts, |((_, facets), _)| facets.waiting))
            .bind(column(counts, |((_, facets), _)| facets.unassigned))
            .bind(column(counts, |(_, difference)| *difference))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_is_named() {
        for (statement, last) in STATEMENTS.iter().zip([43, 51]) {
            for number in 1..=last {
                assert!(statement.contains(&format!("${number}")), "${number}");
            }
            assert!(!statement.contains(&format!("${}", last + 1)) && !statement.contains('{'));
        }
    }
}
