//! The queue: walks along the index of a view; see [`crate::sql::queue`].

use helpdesk_core::id::{ContactId, ConversationId, WorkspaceId};
use helpdesk_core::store::{Page, QueueCursor, QueueQuery, QueueRow, Sort};
use rusqlite::{Params, params};
use uuid::Uuid;

use super::{Look, Source};
use crate::sql::fault::Fault;
use crate::sql::queue::{Filters, LARGEST, LONGEST, Paging, Place, Walk, walks};
use crate::sql::value::micros;
use crate::sqlite::connection::{all, first};

/// The index of a walk and what it holds. The condition may name `?2`, whom the walk is for.
const fn way(walk: Walk) -> (&'static str, &'static str) {
    match walk {
        Walk::All => ("helpdesk_conversations_all", "TRUE"),
        Walk::Answered => ("helpdesk_conversations_answered", "operator = ?2 AND operator IS NOT NULL AND status <> 2"),
        Walk::Responsible => {
            ("helpdesk_conversations_responsible", "responsible = ?2 AND responsible IS NOT NULL AND status <> 2 AND operator IS NOT ?2")
        }
        Walk::Unassigned => ("helpdesk_conversations_unassigned", "unassigned = 1"),
        Walk::Waiting => ("helpdesk_conversations_waiting", "waiting = 1"),
        Walk::Claimed => ("helpdesk_conversations_claimed", "operator IS NOT NULL AND status <> 2"),
        Walk::Pending => ("helpdesk_conversations_pending", "status = 1"),
        Walk::Resolved => ("helpdesk_conversations_resolved", "status = 2"),
        Walk::OfContact => ("helpdesk_conversations_by_contact", "contact = ?2"),
    }
}

/// The walk without filters, at most `?5` rows of it.
fn walk_sql(walk: Walk, sort: Sort, columns: &str) -> String {
    let (index, condition) = way(walk);
    let (behind, order) = match sort {
        Sort::Newest => ("<", "DESC"),
        Sort::Oldest => (">", "ASC"),
    };
    format!(
        "SELECT {columns} FROM helpdesk_conversations INDEXED BY {index} \
         WHERE workspace = ?1 AND {condition} AND (last_activity_at, id) {behind} (?3, ?4) \
         ORDER BY last_activity_at {order}, id {order} LIMIT ?5"
    )
}

/// A filter that is not asked for is null.
const FILTERS: &str = "(?6 IS NULL OR status = ?6) AND (?7 IS NULL OR assignee = ?7) AND (?8 IS NULL OR operator = ?8) \
                       AND (?9 IS NULL OR assistant = ?9) AND (?10 IS NULL OR flagged = ?10) AND (?11 IS NULL OR unread = ?11)";

/// The conversations of a walk.
pub(super) fn plain_sql(walk: Walk, sort: Sort) -> String {
    walk_sql(walk, sort, "id")
}

/// The conversations of a walk that pass the filters, at most `?12`.
pub(super) fn filtered_sql(walk: Walk, sort: Sort) -> String {
    let walk = walk_sql(walk, sort, "id, status, assignee, operator, assistant, flagged, unread");
    format!("SELECT id FROM ({walk}) WHERE {FILTERS} LIMIT ?12")
}

/// The last row that a walk may look at.
pub(super) fn end_sql(walk: Walk, sort: Sort) -> String {
    format!("{} OFFSET {}", walk_sql(walk, sort, "last_activity_at, id"), LONGEST - 1)
}

pub(in crate::sqlite) fn queue(source: &Source, workspace: WorkspaceId, query: &QueueQuery) -> Result<Page<QueueRow, QueueCursor>, Fault> {
    let walks = walks(query);
    let filters = Filters::of(query);
    let paging = Paging { sort: query.sort, limit: query.limit.min(LARGEST) };
    if paging.limit == 0 {
        return Ok(Page { items: Vec::new(), next: query.cursor });
    }
    let steps = Steps { look: source.look(workspace), whom: query.operator.as_uuid(), cursor: query.cursor, paging };
    if let ([walk], true) = (walks, filters.are_none()) {
        return paging.page(steps.plain(*walk)?, None);
    }
    // Several statements of one moment; what they read is all there is to end.
    let _moment = source.connection.unchecked_transaction()?;
    let mut rows = Vec::new();
    let mut ends = Vec::new();
    for walk in walks {
        if filters.are_none() {
            rows.extend(steps.plain(*walk)?);
            continue;
        }
        let found = steps.filtered(*walk, &filters)?;
        if found.len() <= paging.limit as usize {
            ends.extend(steps.end(*walk)?);
        }
        rows.extend(found);
    }
    paging.page(rows, paging.first(ends))
}

pub(in crate::sqlite) fn conversations_of(
    source: &Source,
    workspace: WorkspaceId,
    contact: ContactId,
    cursor: Option<QueueCursor>,
    limit: u32,
) -> Result<Page<QueueRow, QueueCursor>, Fault> {
    let paging = Paging { sort: Sort::Newest, limit: limit.min(LARGEST) };
    if paging.limit == 0 {
        return Ok(Page { items: Vec::new(), next: cursor });
    }
    let steps = Steps { look: source.look(workspace), whom: contact.as_uuid(), cursor, paging };
    paging.page(steps.plain(Walk::OfContact)?, None)
}

/// What all walks of a page have in common.
struct Steps<'a> {
    look: Look<'a>,
    whom: Uuid,
    cursor: Option<QueueCursor>,
    paging: Paging,
}

impl Steps<'_> {
    /// The place behind which the page begins; without a cursor one before all rows.
    fn start(&self) -> (i64, Vec<u8>) {
        match (self.cursor, self.paging.sort) {
            (Some(cursor), _) => (micros(cursor.at), cursor.id.as_uuid().as_bytes().to_vec()),
            (None, Sort::Newest) => (i64::MAX, Vec::new()),
            (None, Sort::Oldest) => (i64::MIN, Vec::new()),
        }
    }

    fn rows(&self, sql: &str, parameters: impl Params) -> Result<Vec<QueueRow>, Fault> {
        all(self.look.connection, sql, parameters, |row| self.look.row(ConversationId::from_uuid(row.get(0)?)))
    }

    fn plain(&self, walk: Walk) -> Result<Vec<QueueRow>, Fault> {
        let (at, id) = self.start();
        let parameters = params![self.look.workspace.as_uuid(), self.whom, at, id, self.paging.fetched()];
        self.rows(&plain_sql(walk, self.paging.sort), parameters)
    }

    fn filtered(&self, walk: Walk, filters: &Filters) -> Result<Vec<QueueRow>, Fault> {
        let (at, id) = self.start();
        let Filters { status, assignee, operator, assistant, flagged, unread } = *filters;
        let (workspace, fetched) = (self.look.workspace.as_uuid(), self.paging.fetched());
        let parameters = params![workspace, self.whom, at, id, LONGEST, status, assignee, operator, assistant, flagged, unread, fetched];
        self.rows(&filtered_sql(walk, self.paging.sort), parameters)
    }

    /// The row at which a walk had to stop; none if it came to its end.
    fn end(&self, walk: Walk) -> Result<Option<Place>, Fault> {
        let (at, id) = self.start();
        let parameters = params![self.look.workspace.as_uuid(), self.whom, at, id, 1_i64];
        first(self.look.connection, &end_sql(walk, self.paging.sort), parameters, |row| Ok((row.get(0)?, row.get(1)?)))
    }
}
