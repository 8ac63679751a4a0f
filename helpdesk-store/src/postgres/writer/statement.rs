//! The statement that writes a batch: every table that most batches touch, in one round trip.
//!
//! The parts of it do not see each other's rows and need not. What may have to wait for another transaction comes in one
//! order, by table and within a table by key, and the counters come last: each part is counted before the next begins.

/// An id that was forgotten but is still there becomes new.
const COMMITS: &str = "
INSERT INTO helpdesk.commits AS known (workspace, id, at, result)
SELECT workspace, id, $1, result FROM unnest($3::uuid[], $4::uuid[], $5::bytea[]) AS new(workspace, id, result)
ON CONFLICT (workspace, id) DO UPDATE SET at = excluded.at, result = excluded.result WHERE known.at <= $2";

const NAMES_GIVEN_UP: &str = "
DELETE FROM helpdesk.names AS known USING unnest($6::uuid[], $7::uuid[]) AS gone(workspace, name)
WHERE known.workspace = gone.workspace AND known.name = gone.name";

const NAMES_KEPT: &str = "
UPDATE helpdesk.names AS known SET owner = new.owner, expires_at = new.expires_at
FROM unnest($8::uuid[], $9::uuid[], $10::bytea[], $11::bigint[], $12::boolean[]) AS new(workspace, name, owner, expires_at, stored)
WHERE new.stored AND known.workspace = new.workspace AND known.name = new.name";

const NAMES_TAKEN: &str = "
INSERT INTO helpdesk.names (workspace, name, owner, expires_at)
SELECT workspace, name, owner, expires_at
FROM unnest($8::uuid[], $9::uuid[], $10::bytea[], $11::bigint[], $12::boolean[]) AS new(workspace, name, owner, expires_at, stored)
WHERE NOT new.stored ON CONFLICT DO NOTHING";

const CONVERSATIONS: &str = "
SELECT * FROM unnest($13::uuid[], $14::uuid[], $15::bigint[], $16::uuid[], $17::uuid[], $18::uuid[], $19::bigint[], $20::bigint[],
    $21::uuid[], $22::uuid[], $23::boolean[], $24::boolean[], $25::boolean[], $26::boolean[], $27::bigint[], $28::text[], $29::boolean[],
    $83::bigint[])
AS new(workspace, id, version, contact, assistant, ticket, status, assignee, operator, responsible, waiting, unassigned, flagged,
    unread, last_activity_at, body, stored, seq)";

const CONVERSATIONS_CHANGED: &str = "
UPDATE helpdesk.conversations AS known SET version = new.version, seq = new.seq, contact = new.contact, assistant = new.assistant,
    ticket = new.ticket, status = new.status, assignee = new.assignee, operator = new.operator, responsible = new.responsible,
    waiting = new.waiting, unassigned = new.unassigned, flagged = new.flagged, unread = new.unread,
    last_activity_at = new.last_activity_at, body = new.body
FROM ({conversations}) AS new WHERE new.stored AND known.workspace = new.workspace AND known.id = new.id";

const CONVERSATIONS_BEGUN: &str = "
INSERT INTO helpdesk.conversations (workspace, id, version, seq, contact, assistant, ticket, status, assignee, operator, responsible,
    waiting, unassigned, flagged, unread, last_activity_at, body)
SELECT workspace, id, version, seq, contact, assistant, ticket, status, assignee, operator, responsible, waiting, unassigned, flagged,
    unread, last_activity_at, body
FROM ({conversations}) AS new WHERE NOT new.stored ON CONFLICT DO NOTHING";

const ENTRIES: &str = "
INSERT INTO helpdesk.entries AS known (workspace, conversation, seq, rev, revised, public, sender, body)
SELECT * FROM unnest($30::uuid[], $31::uuid[], $32::bigint[], $33::bigint[], $84::bigint[], $34::boolean[], $35::bigint[], $36::text[])
ON CONFLICT (workspace, conversation, seq) DO UPDATE SET revised = coalesce(excluded.revised, excluded.rev),
    public = excluded.public, sender = excluded.sender, body = excluded.body";

const JOBS_CLEARED: &str = "
DELETE FROM helpdesk.jobs AS known USING unnest($37::uuid[], $38::bytea[]) AS gone(workspace, lane)
WHERE known.workspace = gone.workspace AND known.lane = gone.lane";

/// Jobs that become the first of their lanes, and move into their rows.
const JOBS_TAKEN: &str = "
DELETE FROM helpdesk.jobs AS known USING unnest($39::uuid[], $40::bytea[], $41::bigint[]) AS taken(workspace, lane, number)
WHERE known.workspace = taken.workspace AND known.lane = taken.lane AND known.number = taken.number
RETURNING known.workspace, known.lane, known.id, known.work, known.pushed_at";

const JOBS_MOVED: &str = "
UPDATE helpdesk.jobs AS known SET due_at = new.due_at
FROM unnest($42::uuid[], $43::bytea[], $44::bigint[], $45::bigint[]) AS new(workspace, lane, number, due_at)
WHERE known.workspace = new.workspace AND known.lane = new.lane AND known.number = new.number";

const JOBS_NEW: &str = "
INSERT INTO helpdesk.jobs (workspace, lane, number, id, work, pushed_at, due_at)
SELECT * FROM unnest($46::uuid[], $47::bytea[], $48::bigint[], $49::uuid[], $50::text[], $51::bigint[], $52::bigint[])
ON CONFLICT DO NOTHING";

const LANES_ENDED: &str = "
DELETE FROM helpdesk.lanes AS known USING unnest($53::uuid[], $54::bytea[]) AS gone(workspace, lane)
WHERE known.workspace = gone.workspace AND known.lane = gone.lane";

const LANES: &str = "
SELECT * FROM unnest($55::uuid[], $56::bytea[], $57::bigint[], $58::bigint[], $59::bigint[], $60::uuid[], $61::text[], $62::bigint[],
    $63::bigint[], $64::bigint[], $65::boolean[])
    AS new(workspace, lane, head, last, free_at, id, work, pushed_at, token, until, stored)";

/// The first job is another that is new, the one that waited behind it, or the same as before.
const LANES_CHANGED: &str = "
UPDATE helpdesk.lanes AS known
SET head = new.head, last = new.last, free_at = new.free_at, token = new.token, until = new.until,
    id = coalesce(new.id, taken.id, known.id), work = coalesce(new.work, taken.work, known.work),
    pushed_at = coalesce(new.pushed_at, taken.pushed_at, known.pushed_at),
    attempt = CASE WHEN coalesce(new.id, taken.id) IS NULL THEN known.attempt ELSE 0 END
FROM ({lanes}) AS new LEFT JOIN jobs_taken AS taken ON taken.workspace = new.workspace AND taken.lane = new.lane
WHERE new.stored AND known.workspace = new.workspace AND known.lane = new.lane";

const LANES_BEGUN: &str = "
INSERT INTO helpdesk.lanes (workspace, lane, head, last, free_at, id, work, pushed_at, token, until)
SELECT workspace, lane, head, last, free_at, id, work, pushed_at, token, until FROM ({lanes}) AS new
WHERE NOT new.stored ON CONFLICT DO NOTHING";

/// Locks the counters, even where nothing is drawn, and answers the last numbers before.
const COUNTERS: &str = "
INSERT INTO helpdesk.counters AS known (workspace, ticket, change, records)
SELECT * FROM unnest($66::uuid[], $67::bigint[], $68::bigint[], $82::bigint[]) AS new(workspace, ticket, change, records)
WHERE {before} >= 0
ON CONFLICT (workspace) DO UPDATE SET ticket = known.ticket + excluded.ticket, change = known.change + excluded.change,
    records = known.records + excluded.records
RETURNING workspace, ticket, change";

/// A batch counts from one; its numbers follow those drawn before.
const CHANGES: &str = "
INSERT INTO helpdesk.changes (workspace, last, kind, ids, versions)
SELECT new.workspace, counters.change - drawn.change + new.number, new.kind, ARRAY[new.id], ARRAY[new.version]
FROM unnest($69::uuid[], $70::bigint[], $71::text[], $72::uuid[], $73::bigint[]) AS new(workspace, number, kind, id, version)
JOIN counters ON counters.workspace = new.workspace
JOIN unnest($66::uuid[], $68::bigint[]) AS drawn(workspace, change) ON drawn.workspace = new.workspace";

/// Only who holds the counters gets here.
const COUNTS: &str = "
INSERT INTO helpdesk.counts AS known (workspace, status, assignee, operator, responsible, waiting, unassigned, conversations)
SELECT new.* FROM unnest($74::uuid[], $75::bigint[], $76::bigint[], $77::uuid[], $78::uuid[], $79::boolean[], $80::boolean[], $81::bigint[])
    AS new(workspace, status, assignee, operator, responsible, waiting, unassigned, conversations)
JOIN counters ON counters.workspace = new.workspace
ON CONFLICT (workspace, status, assignee, operator, responsible, waiting, unassigned)
DO UPDATE SET conversations = known.conversations + excluded.conversations";

/// The parts that come before the counters, in the order in which they run. How many rows each wrote is told in this order.
/// All of them run though one lost a race, so none may fail because of that.
pub(super) const PARTS: [(&str, &str); 14] = [
    ("commits", COMMITS),
    ("names_given_up", NAMES_GIVEN_UP),
    ("names_kept", NAMES_KEPT),
    ("names_taken", NAMES_TAKEN),
    ("conversations_changed", CONVERSATIONS_CHANGED),
    ("conversations_begun", CONVERSATIONS_BEGUN),
    ("entries", ENTRIES),
    ("jobs_cleared", JOBS_CLEARED),
    ("jobs_taken", JOBS_TAKEN),
    ("jobs_moved", JOBS_MOVED),
    ("jobs_new", JOBS_NEW),
    ("lanes_ended", LANES_ENDED),
    ("lanes_changed", LANES_CHANGED),
    ("lanes_begun", LANES_BEGUN),
];

/// How many jobs there are in a lane that is cleared, nobody counted.
pub(super) const UNCOUNTED: &str = "jobs_cleared";

/// The whole statement. It answers one row: how many rows each part wrote, then the counters.
pub(super) fn write() -> String {
    let count = |(name, _): &(&str, &str)| format!("(SELECT count(*) FROM {name})");
    let counts: Vec<String> = PARTS.iter().map(count).collect();
    let answer = |part: &str| if part.contains("RETURNING") { "" } else { " RETURNING 1" };
    let mut tables: Vec<String> = PARTS.iter().map(|(name, part)| format!("{name} AS ({part}{})", answer(part))).collect();
    tables.push(format!("counters AS ({})", COUNTERS.replace("{before}", &counts.join(" + "))));
    tables.push(format!("changes AS ({CHANGES})"));
    tables.push(format!("counts AS ({COUNTS})"));
    let numbers = ["workspace", "ticket", "change"].map(|column| format!("ARRAY(SELECT {column} FROM counters ORDER BY workspace)"));
    let whole = format!("WITH {} SELECT ARRAY[{}], {}", tables.join(",\n"), counts.join(", "), numbers.join(", "));
    whole.replace("{conversations}", CONVERSATIONS).replace("{lanes}", LANES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_is_named() {
        let statement = write();
        for number in 1..=84 {
            assert!(statement.contains(&format!("${number}")), "${number}");
        }
        assert!(!statement.contains("$85") && !statement.contains('{'));
        assert!(PARTS.iter().any(|(name, _)| *name == UNCOUNTED));
    }
}
