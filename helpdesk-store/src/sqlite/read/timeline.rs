//! The entries of a conversation.

use helpdesk_core::id::{ConversationId, WorkspaceId};
use helpdesk_core::model::{Audience, Entry};
use helpdesk_core::store::{Changed, ChangedAfter, TimelineRange};
use rusqlite::{Connection, params};

use super::body::bodies;
use crate::sql::fault::Fault;
use crate::sql::timeline::changed as page;
use crate::sql::value::signed;

pub(super) const AFTER: &str = "
SELECT body FROM helpdesk_entries
WHERE workspace = ?1 AND conversation = ?2 AND seq > ?3 AND public >= ?4 ORDER BY seq LIMIT ?5";

pub(super) const BEFORE: &str = "
SELECT body FROM helpdesk_entries
WHERE workspace = ?1 AND conversation = ?2 AND seq < ?3 AND public >= ?4 ORDER BY seq DESC LIMIT ?5";

pub(super) const CONVERSATION: &str = "SELECT body FROM helpdesk_conversations WHERE workspace = ?1 AND id = ?2";

pub(super) const CHANGED: &str = "
SELECT body FROM helpdesk_entries INDEXED BY helpdesk_entries_by_rev
WHERE workspace = ?1 AND conversation = ?2 AND (rev, seq) > (?3, ?4) AND public >= ?5 ORDER BY rev, seq LIMIT ?6";

pub(in crate::sqlite) fn timeline(
    connection: &Connection,
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
    let parameters = params![workspace.as_uuid(), conversation.as_uuid(), signed(end.0), least_public(audience), limit];
    let mut entries: Vec<Entry> = bodies("an entry", connection, sql, parameters)?;
    entries.sort_unstable_by_key(|entry| entry.seq);
    Ok(entries)
}

/// The conversation and its entries of one moment.
pub(in crate::sqlite) fn changed(
    connection: &mut Connection,
    workspace: WorkspaceId,
    conversation: ConversationId,
    after: ChangedAfter,
    audience: Audience,
    limit: u32,
) -> Result<Option<Changed>, Fault> {
    let moment = connection.transaction()?;
    let (workspace, id) = (workspace.as_uuid(), conversation.as_uuid());
    let Some(conversation) = bodies("a conversation", &moment, CONVERSATION, params![workspace, id])?.pop() else {
        return Ok(None);
    };
    // The page before ended within the version that follows the known one, at `seq`; entries count from one.
    let (rev, seq) = (signed(after.version.0.saturating_add(1)), signed(after.seq.0));
    let parameters = params![workspace, id, rev, seq, least_public(audience), i64::from(limit) + 1];
    let entries: Vec<Entry> = bodies("an entry", &moment, CHANGED, parameters)?;
    Ok(Some(page(conversation, entries, after, limit)))
}

/// The least that `public` must be for this audience.
fn least_public(audience: Audience) -> i64 {
    match audience {
        Audience::Team => 0,
        Audience::Contact => 1,
    }
}
