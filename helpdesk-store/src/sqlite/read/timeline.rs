//! The entries of a conversation.

use helpdesk_core::id::{ConversationId, WorkspaceId};
use helpdesk_core::model::{Audience, Entry};
use helpdesk_core::store::{Changed, ChangedAfter, TimelineRange};
use sqlx::SqlitePool;

use super::array::{about, array_of, item, items};
use crate::sql::fault::Fault;
use crate::sql::timeline::changed as page;
use crate::sql::value::signed;

pub(super) const AFTER: &str = array_of!(
    "SELECT body FROM helpdesk_entries
     WHERE workspace = ?1 AND conversation = ?2 AND seq > ?3 AND public >= ?4 ORDER BY seq LIMIT ?5"
);

pub(super) const BEFORE: &str = array_of!(
    "SELECT body FROM helpdesk_entries
     WHERE workspace = ?1 AND conversation = ?2 AND seq < ?3 AND public >= ?4 ORDER BY seq DESC LIMIT ?5"
);

/// The conversation and its entries in one statement, so that both are of one moment.
pub(super) const CHANGED: &str = concat!(
    "SELECT (SELECT body FROM helpdesk_conversations WHERE workspace = ?1 AND id = ?2), (",
    array_of!(
        "SELECT body FROM helpdesk_entries INDEXED BY helpdesk_entries_by_rev
         WHERE workspace = ?1 AND conversation = ?2 AND (rev, seq) > (?3, ?4) AND public >= ?5 ORDER BY rev, seq LIMIT ?6"
    ),
    ")"
);

pub(in crate::sqlite) async fn timeline(
    pool: &SqlitePool,
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
    let query = about(workspace, sql).bind(conversation.as_uuid()).bind(signed(end.0)).bind(least_public(audience)).bind(limit);
    let mut entries: Vec<Entry> = items("entries", &query.fetch_one(pool).await?, 0)?;
    entries.sort_unstable_by_key(|entry| entry.seq);
    Ok(entries)
}

pub(in crate::sqlite) async fn changed(
    pool: &SqlitePool,
    workspace: WorkspaceId,
    conversation: ConversationId,
    after: ChangedAfter,
    audience: Audience,
    limit: u32,
) -> Result<Option<Changed>, Fault> {
    let query = about(workspace, CHANGED).bind(conversation.as_uuid());
    // The page before ended within the version that follows the known one, at `seq`; entries count from one.
    let query = query.bind(signed(after.version.0.saturating_add(1))).bind(signed(after.seq.0));
    let row = query.bind(least_public(audience)).bind(i64::from(limit) + 1).fetch_one(pool).await?;
    let Some(conversation) = item("a conversation", &row, 0)? else {
        return Ok(None);
    };
    let entries: Vec<Entry> = items("entries", &row, 1)?;
    Ok(Some(page(conversation, entries, after, limit)))
}

/// The least that `public` must be for this audience.
fn least_public(audience: Audience) -> i64 {
    match audience {
        Audience::Team => 0,
        Audience::Contact => 1,
    }
}
