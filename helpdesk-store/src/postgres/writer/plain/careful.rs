//! Writes those of plain commits whose guards hold, and leaves the others.
//!
//! `written` is the gate: a commit whose guards do not hold, whose name is held or whose entry is no new one passes it by, and
//! everything else is written of those that went through. What this statement only read may have changed by the time it holds
//! its locks, since it sees the moment at which it began. Hence the rest of the proof: what somebody else wrote first fails, or
//! is missing when `counted` counts; and the counters of a workspace whose records were written meanwhile are not given.
//! Either happens only in a race, and then the statement divides by zero: it writes all of it or nothing.
//!
//! As everywhere, what may have to wait for another transaction comes in one order, by table and within a table by key:
//! conversations, lanes (first those that are there), and last the counters.

use std::sync::LazyLock;

use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::columns::REFUTED;
use super::row::{Plain, Row};
use super::{Query, Went, columns};
use crate::postgres::read::Reader;
use crate::postgres::time::{delay, later, now};
use crate::postgres::writer::tables::column;
use crate::sql::fault::Fault;
use crate::sql::value::signed;

const NEW: &str = "
SELECT new.*, before.ctid AS spot, lane.ctid AS lane_spot, lane.last AS last_job, before.status AS old_status, before.assignee AS old_assignee, before.operator AS old_operator,
    before.responsible AS old_responsible, before.waiting AS old_waiting, before.unassigned AS old_unassigned
FROM unnest($6::uuid[], $7::uuid[], $8::bigint[], $9::bigint[], $10::uuid[], $11::uuid[], $12::uuid[], $13::bigint[], $14::bigint[],
    $15::uuid[], $16::uuid[], $17::boolean[], $18::boolean[], $19::boolean[], $20::boolean[], $21::bigint[], $22::text[], $23::uuid[],
    $24::bytea[], $25::uuid[], $26::bytea[], $27::bigint[], $28::bigint[], $29::bigint[], $30::boolean[], $31::bigint[], $32::text[],
    $33::bytea[], $34::boolean[], $35::uuid[], $36::text[], $37::bigint[])
    WITH ORDINALITY AS new(workspace, conversation, guarded, version, contact, assistant, ticket, status, assignee,
    operator, responsible, waiting, unassigned, flagged, unread, last_activity_at, body, commit,
    result, name, owner, keep, seq, rev, public, sender, entry,
    lane, clears, job, work, delay, place)
JOIN helpdesk.conversations AS before
ON before.workspace = new.workspace AND before.id = new.conversation AND before.version = new.guarded
LEFT JOIN helpdesk.lanes AS lane ON lane.workspace = new.workspace AND lane.lane = new.lane
WHERE NOT EXISTS (SELECT FROM refuted WHERE refuted.workspace = new.workspace)
AND NOT EXISTS (SELECT FROM helpdesk.names AS held WHERE held.workspace = new.workspace AND held.name = new.name)
AND before.seq < new.seq
AND NOT coalesce(new.clears AND lane.head < lane.last, FALSE)";

/// Answers what the other parts write, and by which facets it was counted before.
const WRITTEN: &str = "
UPDATE helpdesk.conversations AS known SET version = new.version, seq = new.seq, contact = new.contact, assistant = new.assistant,
    ticket = new.ticket, status = new.status, assignee = new.assignee, operator = new.operator, responsible = new.responsible,
    waiting = new.waiting, unassigned = new.unassigned, flagged = new.flagged, unread = new.unread,
    last_activity_at = new.last_activity_at, body = new.body
FROM ({new}) AS new WHERE known.ctid = new.spot AND known.version = new.guarded
RETURNING new.place, new.workspace, new.conversation, new.version, new.commit, new.result, new.name, new.owner, new.keep, new.seq,
    new.rev, new.public, new.sender, new.entry, new.lane, new.lane_spot, new.clears, new.last_job, new.job, new.work, new.delay, new.status, new.assignee, new.operator, new.responsible, new.waiting, new.unassigned, new.old_status,
    new.old_assignee, new.old_operator, new.old_responsible, new.old_waiting, new.old_unassigned,
    (new.status, new.assignee, new.operator, new.responsible, new.waiting, new.unassigned) IS DISTINCT FROM
    (new.old_status, new.old_assignee, new.old_operator, new.old_responsible, new.old_waiting, new.old_unassigned) AS moved";

const COMMITS: &str = concat!(
    "
INSERT INTO helpdesk.commits (workspace, id, at, result) SELECT workspace, commit, ",
    now!("$1"),
    ", result FROM written"
);

const NAMES: &str = concat!(
    "
INSERT INTO helpdesk.names (workspace, name, owner, expires_at) SELECT workspace, name, owner,
    CASE WHEN keep IS NOT NULL THEN ",
    later!(now!("$1"), "keep"),
    " END FROM written WHERE name IS NOT NULL ORDER BY workspace, name"
);

const ENTRIES: &str = "
INSERT INTO helpdesk.entries (workspace, conversation, seq, rev, public, sender, body)
SELECT workspace, conversation, seq, rev, public, sender, entry FROM written";

/// A lane that is cleared has one job, whose place the new one takes; it loses its lease, and is free when the new job is. Where
/// it is free already it stays so, since what it is found by is costly to change. Any other only has a job more.
const LANES_CHANGED: &str = concat!(
    "
UPDATE helpdesk.lanes AS known SET
    last = CASE WHEN new.clears THEN known.last ELSE known.last + 1 END,
    free_at = CASE WHEN NOT new.clears OR new.delay = 0 AND known.free_at <= ",
    now!("$1"),
    " THEN known.free_at ELSE ",
    later!(now!("$1"), "new.delay"),
    " END,
    id = CASE WHEN new.clears THEN new.job ELSE known.id END,
    work = CASE WHEN new.clears THEN new.work ELSE known.work END,
    attempt = CASE WHEN new.clears THEN 0 ELSE known.attempt END,
    pushed_at = CASE WHEN new.clears THEN ",
    now!("$1"),
    " ELSE known.pushed_at END,
    token = CASE WHEN new.clears THEN NULL ELSE known.token END,
    until = CASE WHEN new.clears THEN NULL ELSE known.until END
FROM (SELECT * FROM written WHERE last_job IS NOT NULL ORDER BY workspace, lane) AS new
WHERE known.ctid = new.lane_spot AND known.last = new.last_job"
);

const LANES_BEGUN: &str = concat!(
    "
INSERT INTO helpdesk.lanes (workspace, lane, head, last, free_at, id, work, pushed_at) SELECT workspace, lane, 1, 1, ",
    later!(now!("$1"), "delay"),
    ", job, work, ",
    now!("$1"),
    " FROM written WHERE lane IS NOT NULL AND last_job IS NULL ORDER BY workspace, lane"
);

/// Behind the first, which lies in the lane's row.
const JOBS_NEW: &str = concat!(
    "
INSERT INTO helpdesk.jobs (workspace, lane, number, id, work, pushed_at, due_at)
SELECT workspace, lane, last_job + 1, job, work, ",
    now!("$1"),
    ", ",
    later!(now!("$1"), "delay"),
    " FROM written WHERE last_job IS NOT NULL AND NOT clears"
);

/// How many went through, and whether each part wrote its rows. The parts run in the order in which they are counted here.
const COUNTED: &str = "
SELECT went.commits, went.workspaces,
    went.commits = (SELECT count(*) FROM commits) AND went.names = (SELECT count(*) FROM names)
    AND went.commits = (SELECT count(*) FROM entries)
    AND went.jobs = (SELECT count(*) FROM lanes_changed) + (SELECT count(*) FROM lanes_begun)
    AND went.waiting = (SELECT count(*) FROM jobs_new) AS whole
FROM (
    SELECT count(*) AS commits, count(name) AS names, count(lane) AS jobs,
        count(*) FILTER (WHERE last_job IS NOT NULL AND NOT clears) AS waiting, count(DISTINCT workspace) AS workspaces
    FROM written
) AS went";

/// Locks the counters and draws from them, unless records were written since this statement began. Answers the last numbers.
const COUNTERS: &str = "
INSERT INTO helpdesk.counters AS known (workspace, ticket, change, records)
SELECT drawn.workspace, 0, drawn.changes, coalesce(before.records, 0)
FROM (SELECT workspace, count(*) AS changes FROM written GROUP BY workspace) AS drawn
LEFT JOIN helpdesk.counters AS before ON before.workspace = drawn.workspace
WHERE (SELECT whole FROM counted) ORDER BY drawn.workspace
ON CONFLICT (workspace) DO UPDATE SET change = known.change + excluded.change WHERE known.records = excluded.records
RETURNING workspace, change";

const CHANGES: &str = "
INSERT INTO helpdesk.changes (workspace, last, kind, ids, versions)
SELECT counters.workspace, counters.change, 'conversation', array_agg(conversation ORDER BY place), array_agg(version ORDER BY place)
FROM written JOIN counters ON counters.workspace = written.workspace GROUP BY counters.workspace, counters.change";

/// Only who holds the counters gets here.
const COUNTS: &str = "
INSERT INTO helpdesk.counts AS known (workspace, status, assignee, operator, responsible, waiting, unassigned, conversations)
SELECT moved.workspace, moved.status, moved.assignee, coalesce(moved.operator, '{nobody}'), coalesce(moved.responsible, '{nobody}'),
    moved.waiting, moved.unassigned, sum(moved.difference)
FROM (
    SELECT workspace, status, assignee, operator, responsible, waiting, unassigned, 1 AS difference FROM written WHERE written.moved
    UNION ALL
    SELECT workspace, old_status, old_assignee, old_operator, old_responsible, old_waiting, old_unassigned, -1 FROM written
    WHERE written.moved
) AS moved JOIN counters ON counters.workspace = moved.workspace
GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(moved.difference) <> 0
ON CONFLICT (workspace, status, assignee, operator, responsible, waiting, unassigned)
DO UPDATE SET conversations = known.conversations + excluded.conversations";

/// The parts, in the order in which they run; those that answer nothing of their own answer that they wrote.
const PARTS: [(&str, &str); 10] = [
    ("commits", COMMITS),
    ("names", NAMES),
    ("entries", ENTRIES),
    ("lanes_changed", LANES_CHANGED),
    ("lanes_begun", LANES_BEGUN),
    ("jobs_new", JOBS_NEW),
    ("counted", COUNTED),
    ("counters", COUNTERS),
    ("changes", CHANGES),
    ("counts", COUNTS),
];

/// The places of what went through, counted from one, and the last change of each workspace.
const ANSWER: &str = "
SELECT ARRAY(SELECT place FROM written ORDER BY place), ARRAY(SELECT workspace FROM counters ORDER BY workspace),
    ARRAY(SELECT change FROM counters ORDER BY workspace),
    1 / CASE WHEN commits = 0 OR whole AND workspaces = (SELECT count(*) FROM counters) THEN 1 ELSE 0 END
FROM counted";

static STATEMENT: LazyLock<String> = LazyLock::new(statement);

/// The statement, for the tests of its plan.
#[cfg(test)]
pub(super) fn search() -> &'static str {
    &STATEMENT
}

/// The whole statement. It answers one row.
fn statement() -> String {
    let mut tables = vec![format!("refuted AS MATERIALIZED ({REFUTED})"), format!("written AS ({})", WRITTEN.replace("{new}", NEW))];
    tables.extend(PARTS.iter().map(|(name, part)| match *name {
        "counted" => format!("{name} AS MATERIALIZED ({part})"),
        "counters" => format!("{name} AS ({part})"),
        _ => format!("{name} AS ({part} RETURNING 1)"),
    }));
    format!("WITH {}{ANSWER}", tables.join(",\n")).replace("{nobody}", &Uuid::nil().to_string())
}

pub(super) fn question(reader: &Reader, plain: &Plain<'_>) -> Query {
    let rows: Vec<Row<'_>> = plain.rows.iter().map(|(_, row)| *row).collect();
    let query = columns::begun(reader.schema.sql(&STATEMENT), reader, plain)
        .bind(column(&rows, |row| row.commit.workspace.as_uuid()))
        .bind(column(&rows, |row| row.conversation.id.as_uuid()))
        .bind(column(&rows, |row| signed(row.guarded.0)))
        .bind(column(&rows, |row| signed(row.conversation.version.0)));
    let query = columns::conversations(query, &rows)
        .bind(column(&rows, |row| row.commit.id.as_uuid()))
        .bind(column(&rows, |row| &row.commit.result[..]))
        .bind(column(&rows, |row| row.bodies.name))
        .bind(column(&rows, |row| row.claim.map(|claim| &claim.owner.0[..])))
        .bind(column(&rows, |row| row.claim.and_then(|claim| claim.keep).map(delay)));
    jobs(columns::entries(query, &rows), &rows)
}

fn jobs(query: Query, rows: &[Row<'_>]) -> Query {
    query
        .bind(column(rows, |row| row.job.map(|job| job.job.lane.as_str().as_bytes())))
        .bind(column(rows, |row| row.job.is_some_and(|job| job.clears)))
        .bind(column(rows, |row| row.job.map(|job| job.job.id.as_uuid())))
        .bind(column(rows, |row| row.job.and(row.bodies.work.as_deref())))
        .bind(column(rows, |row| row.job.map(|job| delay(job.job.delay))))
}

pub(super) fn went(row: &PgRow) -> Result<Went, Fault> {
    Ok(Went { places: row.try_get(0)?, workspaces: row.try_get(1)?, changes: row.try_get(2)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_is_named() {
        let statement = statement();
        for number in 1..=37 {
            assert!(statement.contains(&format!("${number}")), "${number}");
        }
        assert!(!statement.contains("$38") && !statement.contains('{'));
    }
}
