//! The entries of a conversation.

use helpdesk_core::id::{ConversationId, WorkspaceId};
use helpdesk_core::model::{Audience, Entry};
use helpdesk_core::store::{Changed, ChangedAfter, TimelineRange};
use sqlx::Row as _;

use super::Reader;
use super::row::{item, items};
use crate::sql::fault::Fault;
use crate::sql::timeline::changed as page;
use crate::sql::value::signed;

pub(super) const AFTER: &str = "
SELECT body FROM helpdesk.entries
WHERE workspace = $1 AND conversation = $2 AND seq > $3 AND public >= $4 ORDER BY seq LIMIT $5";

pub(super) const BEFORE: &str = "
SELECT body FROM helpdesk.entries
WHERE workspace = $1 AND conversation = $2 AND seq < $3 AND public >= $4 ORDER BY seq DESC LIMIT $5";

/// The conversation and its entries in one statement, so that both are of one moment.
///
/// Versions at which entries were written never fall along the timeline: those since `$3` are all behind the last that was
/// written before it. `boundary` finds that by halving, after a guess by which most are found at once: that each version since
/// has written one. What was revised is found by an index of its own.
pub(super) const CHANGED: &str = "
WITH RECURSIVE boundary(low, high, probe) AS (
    SELECT 0::bigint, seq, greatest(seq - greatest(version - $3, 0) - 1, 1) FROM helpdesk.conversations WHERE workspace = $1 AND id = $2
    UNION ALL
    SELECT step.low, step.high, (step.low + step.high + 1) / 2 FROM boundary
    LEFT JOIN LATERAL (
        SELECT seq, rev FROM helpdesk.entries
        WHERE workspace = $1 AND conversation = $2 AND seq <= boundary.probe ORDER BY seq DESC LIMIT 1
    ) AS found ON TRUE
    CROSS JOIN LATERAL (
        SELECT CASE WHEN found.rev >= $3 THEN boundary.low ELSE boundary.probe END AS low,
            CASE WHEN found.rev >= $3 THEN found.seq - 1 ELSE boundary.high END AS high
    ) AS step
    WHERE boundary.low < boundary.high
)
SELECT body, TRUE FROM helpdesk.conversations WHERE workspace = $1 AND id = $2
UNION ALL
(SELECT body, FALSE FROM helpdesk.entries
 WHERE workspace = $1 AND conversation = $2 AND seq > (SELECT low FROM boundary WHERE low >= high)
 AND revised IS NULL AND (rev, seq) > ($3, $4) AND public >= $5 ORDER BY seq LIMIT $6)
UNION ALL
(SELECT body, FALSE FROM helpdesk.entries
 WHERE workspace = $1 AND conversation = $2 AND revised IS NOT NULL AND (revised, seq) > ($3, $4) AND public >= $5
 ORDER BY revised, seq LIMIT $6)";

impl Reader {
    pub(in crate::postgres) async fn timeline(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        range: TimelineRange,
        audience: Audience,
        limit: u32,
    ) -> Result<Vec<Entry>, Fault> {
        let (sql, end) = match range {
            TimelineRange::After(seq) => (AFTER, seq),
            TimelineRange::Before(seq) => (BEFORE, seq),
        };
        let query = self.about(workspace, sql).bind(conversation.as_uuid()).bind(signed(end.0));
        let query = query.bind(is_contact(audience)).bind(i64::from(limit));
        let mut entries: Vec<Entry> = items("an entry", &query.fetch_all(&self.pool).await?)?;
        entries.sort_unstable_by_key(|entry| entry.seq);
        Ok(entries)
    }

    pub(in crate::postgres) async fn changed(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        after: ChangedAfter,
        audience: Audience,
        limit: u32,
    ) -> Result<Option<Changed>, Fault> {
        let query = self.about(workspace, CHANGED).bind(conversation.as_uuid());
        // The page before ended within the version that follows the known one, at `seq`; entries count from one.
        let query = query.bind(signed(after.version.0.saturating_add(1))).bind(signed(after.seq.0));
        let rows = query.bind(is_contact(audience)).bind(i64::from(limit) + 1).fetch_all(&self.pool).await?;
        let (mut conversation, mut entries) = (None, Vec::with_capacity(rows.len()));
        for row in &rows {
            if row.try_get(1)? {
                conversation = item("a conversation", row, 0)?;
            } else {
                entries.extend(item::<Entry>("an entry", row, 0)?);
            }
        }
        let Some(conversation) = conversation else { return Ok(None) };
        Ok(Some(page(conversation, entries, after, limit)))
    }
}

/// The least that `public` must be for this audience: true where only that is shown.
fn is_contact(audience: Audience) -> bool {
    audience == Audience::Contact
}
