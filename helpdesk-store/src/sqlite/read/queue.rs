//! The queue: walks along the index of a view.
//!
//! A view is one or two walks (mine has one along what I answer and one along what I am responsible for), each along an
//! index in the order of the page. Filters are tested while walking, at most [`LONGEST`] rows a call; a walk that ends
//! there makes the page short, and its cursor goes on from that row.

use std::cmp::Ordering;

use helpdesk_core::id::{ContactId, ConversationId, WorkspaceId};
use helpdesk_core::model::{Conversation, Status};
use helpdesk_core::store::{AssigneeFilter, Page, QueueCursor, QueueQuery, QueueView, Sort};
use sqlx::{AssertSqlSafe, SqliteConnection, SqlitePool};
use uuid::Uuid;

use super::array::items;
use crate::sqlite::facets::{ASSISTANT, NOBODY, OPERATOR, status_code};
use crate::sqlite::fault::Fault;
use crate::sqlite::value::{micros, timestamp};

/// The most rows that one walk looks at.
pub(in crate::sqlite) const LONGEST: i64 = 5_000;
/// The most rows of a page.
const LARGEST: u32 = 200;

/// A way through the conversations of a workspace, in order of activity. Its condition may name `?2`, whom it is for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk {
    pub(super) index: &'static str,
    pub(super) condition: &'static str,
}

const ALL: Walk = Walk { index: "helpdesk_conversations_all", condition: "TRUE" };
const ANSWERED: Walk =
    Walk { index: "helpdesk_conversations_answered", condition: "operator = ?2 AND operator IS NOT NULL AND status <> 2" };
/// What is both is found by the other walk.
const RESPONSIBLE: Walk = Walk {
    index: "helpdesk_conversations_responsible",
    condition: "responsible = ?2 AND responsible IS NOT NULL AND status <> 2 AND operator IS NOT ?2",
};
const UNASSIGNED: Walk = Walk { index: "helpdesk_conversations_unassigned", condition: "unassigned = 1" };
const WAITING: Walk = Walk { index: "helpdesk_conversations_waiting", condition: "waiting = 1" };
const CLAIMED: Walk = Walk { index: "helpdesk_conversations_claimed", condition: "operator IS NOT NULL AND status <> 2" };
const PENDING: Walk = Walk { index: "helpdesk_conversations_pending", condition: "status = 1" };
const RESOLVED: Walk = Walk { index: "helpdesk_conversations_resolved", condition: "status = 2" };
const OF_CONTACT: Walk = Walk { index: "helpdesk_conversations_by_contact", condition: "contact = ?2" };

/// Every walk, for the tests of their plans.
#[cfg(test)]
pub(super) const WALKS: [Walk; 9] = [ALL, ANSWERED, RESPONSIBLE, UNASSIGNED, WAITING, CLAIMED, PENDING, RESOLVED, OF_CONTACT];

/// The walks of a view, or a shorter one that a filter allows.
fn walks(query: &QueueQuery) -> &'static [Walk] {
    match (query.view, query.status) {
        (QueueView::All | QueueView::Resolved, Some(Status::Resolved)) => &[RESOLVED],
        (QueueView::All | QueueView::Pending, Some(Status::Pending)) => &[PENDING],
        (QueueView::All, _) => &[ALL],
        (QueueView::Mine, _) => &[ANSWERED, RESPONSIBLE],
        (QueueView::Unassigned, _) => &[UNASSIGNED],
        (QueueView::Waiting, _) => &[WAITING],
        (QueueView::Claimed, _) => &[CLAIMED],
        (QueueView::Pending, _) => &[PENDING],
        (QueueView::Resolved, _) => &[RESOLVED],
    }
}

/// The walk without filters, at most `?5` rows of it.
fn walk_sql(walk: Walk, sort: Sort, columns: &str) -> String {
    let Walk { index, condition } = walk;
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
    array_sql(&walk_sql(walk, sort, "body"))
}

/// The conversations of a walk that pass the filters, at most `?12`.
pub(super) fn filtered_sql(walk: Walk, sort: Sort) -> String {
    let walk = walk_sql(walk, sort, "body, status, assignee, operator, assistant, flagged, unread");
    array_sql(&format!("SELECT body FROM ({walk}) WHERE {FILTERS} LIMIT ?12"))
}

fn array_sql(question: &str) -> String {
    format!("SELECT '[' || coalesce(group_concat(body), '') || ']' FROM ({question})")
}

/// The last row that a walk may look at.
pub(super) fn end_sql(walk: Walk, sort: Sort) -> String {
    format!("{} OFFSET {}", walk_sql(walk, sort, "last_activity_at, id"), LONGEST - 1)
}

pub(in crate::sqlite) async fn queue(
    pool: &SqlitePool,
    workspace: WorkspaceId,
    query: &QueueQuery,
) -> Result<Page<Conversation, QueueCursor>, Fault> {
    let walks = walks(query);
    let limit = query.limit.min(LARGEST);
    let filtered = query.status.is_some()
        || query.assignee.is_some()
        || query.assistant.is_some()
        || query.flagged.is_some()
        || query.unread.is_some();
    if limit == 0 {
        return Ok(Page { items: Vec::new(), next: query.cursor });
    }
    let steps = Steps { workspace, whom: query.operator.as_uuid(), sort: query.sort, cursor: query.cursor, limit };
    if let ([walk], false) = (walks, filtered) {
        return steps.page(steps.plain(&mut *pool.acquire().await?, *walk).await?, None);
    }
    let mut moment = pool.begin().await?;
    let mut rows = Vec::new();
    let mut end: Option<Place> = None;
    for walk in walks {
        let found = if filtered { steps.filtered(&mut moment, *walk, query).await? } else { steps.plain(&mut moment, *walk).await? };
        if filtered && found.len() <= limit as usize {
            let last = steps.end(&mut moment, *walk).await?;
            end = [end, last].into_iter().flatten().min_by(|one, other| steps.order(*one, *other));
        }
        rows.extend(found);
    }
    moment.rollback().await?;
    steps.page(rows, end)
}

pub(in crate::sqlite) async fn conversations_of(
    pool: &SqlitePool,
    workspace: WorkspaceId,
    contact: ContactId,
    cursor: Option<QueueCursor>,
    limit: u32,
) -> Result<Page<Conversation, QueueCursor>, Fault> {
    let limit = limit.min(LARGEST);
    if limit == 0 {
        return Ok(Page { items: Vec::new(), next: cursor });
    }
    let steps = Steps { workspace, whom: contact.as_uuid(), sort: Sort::Newest, cursor, limit };
    let rows = steps.plain(&mut *pool.acquire().await?, OF_CONTACT).await?;
    steps.page(rows, None)
}

/// Where a row stands: by activity, then by id.
type Place = (i64, Uuid);

fn place(conversation: &Conversation) -> Place {
    (micros(conversation.last_activity_at), conversation.id.as_uuid())
}

/// What all walks of a page have in common.
struct Steps {
    workspace: WorkspaceId,
    whom: Uuid,
    sort: Sort,
    cursor: Option<QueueCursor>,
    limit: u32,
}

impl Steps {
    /// The place behind which the page begins; without a cursor one before all rows.
    fn start(&self) -> (i64, Vec<u8>) {
        match (self.cursor, self.sort) {
            (Some(cursor), _) => (micros(cursor.at), cursor.id.as_uuid().as_bytes().to_vec()),
            (None, Sort::Newest) => (i64::MAX, Vec::new()),
            (None, Sort::Oldest) => (i64::MIN, Vec::new()),
        }
    }

    /// One more row than the page, to know whether it goes on.
    fn fetched(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    async fn plain(&self, connection: &mut SqliteConnection, walk: Walk) -> Result<Vec<Conversation>, Fault> {
        let (at, id) = self.start();
        let sql = plain_sql(walk, self.sort);
        let query = sqlx::query(AssertSqlSafe(sql)).bind(self.workspace.as_uuid()).bind(self.whom).bind(at).bind(id);
        items("conversations", &query.bind(self.fetched()).fetch_one(connection).await?, 0)
    }

    async fn filtered(&self, connection: &mut SqliteConnection, walk: Walk, filter: &QueueQuery) -> Result<Vec<Conversation>, Fault> {
        let (at, id) = self.start();
        let (assignee, operator) = match filter.assignee {
            None => (None, None),
            Some(AssigneeFilter::Assistant) => (Some(ASSISTANT), None),
            Some(AssigneeFilter::Nobody) => (Some(NOBODY), None),
            Some(AssigneeFilter::Operator(operator)) => (Some(OPERATOR), Some(operator.as_uuid())),
        };
        let query = sqlx::query(AssertSqlSafe(filtered_sql(walk, self.sort)));
        let query = query.bind(self.workspace.as_uuid()).bind(self.whom).bind(at).bind(id).bind(LONGEST);
        let query = query.bind(filter.status.map(status_code)).bind(assignee).bind(operator);
        let query = query.bind(filter.assistant.map(|assistant| assistant.as_uuid())).bind(filter.flagged).bind(filter.unread);
        items("conversations", &query.bind(self.fetched()).fetch_one(connection).await?, 0)
    }

    /// The row at which a walk had to stop; none if it came to its end.
    async fn end(&self, connection: &mut SqliteConnection, walk: Walk) -> Result<Option<Place>, Fault> {
        let (at, id) = self.start();
        let query = sqlx::query_as(AssertSqlSafe(end_sql(walk, self.sort)));
        Ok(query.bind(self.workspace.as_uuid()).bind(self.whom).bind(at).bind(id).bind(1_i64).fetch_optional(connection).await?)
    }

    fn order(&self, one: Place, other: Place) -> Ordering {
        match self.sort {
            Sort::Newest => other.cmp(&one),
            Sort::Oldest => one.cmp(&other),
        }
    }

    /// The page of these rows. Behind `end` another walk may have missed some.
    fn page(&self, mut rows: Vec<Conversation>, end: Option<Place>) -> Result<Page<Conversation, QueueCursor>, Fault> {
        if let Some(end) = end {
            rows.retain(|row| self.order(place(row), end) != Ordering::Greater);
        }
        rows.sort_by(|one, other| self.order(place(one), place(other)));
        let more = rows.len() > self.limit as usize;
        rows.truncate(self.limit as usize);
        let next = match end {
            _ if more => rows.last().map(QueueCursor::behind),
            Some((at, id)) => Some(QueueCursor { at: timestamp(at)?, id: ConversationId::from_uuid(id) }),
            None => None,
        };
        Ok(Page { items: rows, next })
    }
}
