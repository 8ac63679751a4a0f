//! The queue: walks along the index of a view; see [`crate::sql::queue`].

use std::sync::Arc;

use helpdesk_core::id::{ContactId, WorkspaceId};
use helpdesk_core::store::{Page, QueueCursor, QueueQuery, QueueRow, Sort};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::lists::numbered;
use super::row::item;
use super::{Query, Reader, about};
use crate::sql::fault::Fault;
use crate::sql::queue::{Filters, LARGEST, LONGEST, Paging, Place, Walk, walks};
use crate::sql::value::micros;

/// What a walk holds, as the index of that view has it. The condition may name `$2`, whom the walk is for.
const fn condition(walk: Walk) -> &'static str {
    match walk {
        Walk::All => "TRUE",
        Walk::Answered => "operator = $2 AND operator IS NOT NULL AND status <> 2",
        Walk::Responsible => "responsible = $2 AND responsible IS NOT NULL AND status <> 2 AND operator IS DISTINCT FROM $2",
        Walk::Unassigned => "unassigned",
        Walk::Waiting => "waiting",
        Walk::Claimed => "operator IS NOT NULL AND status <> 2",
        Walk::Pending => "status = 1",
        Walk::Resolved => "status = 2",
        Walk::OfContact => "contact = $2",
    }
}

/// How long a period is, as the tables have it: two to this power, in microseconds.
const PERIOD: u32 = 22;

fn walk_sql(walk: Walk, sort: Sort, columns: &str, limit: &str) -> String {
    let (behind, order) = direction(sort);
    let condition = condition(walk);
    format!(
        "SELECT {columns} FROM helpdesk.conversations WHERE workspace = $1 AND {condition} AND period {behind}= $3 >> {PERIOD} \
         AND (last_activity_at, id) {behind} ($3, $4) ORDER BY period {order} {limit}"
    )
}

/// What is behind, and the order.
const fn direction(sort: Sort) -> (&'static str, &'static str) {
    match sort {
        Sort::Newest => ("<", "DESC"),
        Sort::Oldest => (">", "ASC"),
    }
}

/// At most `$5` rows of a walk that pass these filters. An index knows the order only by periods: what is sorted are the rows
/// that were found, and the others of the last of their periods. The limit within is for the planner: of one that it does not
/// know it thinks that it may be large, and then it would rather sort everything than walk.
fn found_sql(walk: Walk, sort: Sort, filters: &str, longest: i64) -> String {
    let (_, order) = direction(sort);
    let told = "body, contact, ticket, period, last_activity_at, id";
    let columns = format!("{told}, status, assignee, operator, assistant, flagged, unread");
    let walked = walk_sql(walk, sort, &columns, &format!("FETCH FIRST {longest} ROWS WITH TIES"));
    format!(
        "SELECT body, contact, ticket FROM (\
         SELECT {told} FROM ({walked}) AS walked WHERE {filters} ORDER BY period {order} FETCH FIRST ($5) ROWS WITH TIES\
         ) AS passed ORDER BY last_activity_at {order}, id {order} LIMIT $5"
    )
}

/// The rows of these conversations, and what else is `told` of them.
fn rows_sql(conversations: &str, told: &str) -> String {
    format!(
        "SELECT found.body, contacts.body, tickets.body, tickets.number{told} FROM ({conversations}) AS found \
         LEFT JOIN helpdesk.contacts ON contacts.workspace = $1 AND contacts.id = found.contact \
         LEFT JOIN helpdesk.tickets ON tickets.workspace = $1 AND tickets.id = found.ticket"
    )
}

/// The rows of these walks, at most `$5` of each.
pub(super) fn plain_sql(walks: &[Walk], sort: Sort) -> String {
    let parts = walks.iter().map(|walk| format!("({})", found_sql(*walk, sort, "TRUE", i64::from(LARGEST) + 1)));
    rows_sql(&Vec::from_iter(parts).join(" UNION ALL "), "")
}

/// A filter that is not asked for is null.
const FILTERS: &str = "($6::bigint IS NULL OR status = $6) AND ($7::bigint IS NULL OR assignee = $7) \
                       AND ($8::uuid IS NULL OR operator = $8) AND ($9::uuid IS NULL OR assistant = $9) \
                       AND ($10::boolean IS NULL OR flagged = $10) AND ($11::boolean IS NULL OR unread = $11)";

/// The rows of these walks that pass the filters, at most `$5` of each; and, without a body, the last period that a walk looked
/// at, where it had to stop before it had found enough.
pub(super) fn filtered_sql(walks: &[Walk], sort: Sort) -> String {
    let (mut tables, mut parts) = (Vec::new(), Vec::new());
    for (number, walk) in walks.iter().enumerate() {
        tables.push(format!("found{number} AS MATERIALIZED ({})", found_sql(*walk, sort, FILTERS, LONGEST)));
        let last = walk_sql(*walk, sort, "period", &format!("LIMIT 1 OFFSET {}", LONGEST - 1));
        parts.push(format!("SELECT body, contact, ticket, NULL::bigint AS period FROM found{number}"));
        parts.push(format!(
            "SELECT NULL::text, NULL::uuid, NULL::uuid, period FROM ({last}) AS last{number} \
             WHERE (SELECT count(*) < $5 FROM found{number})"
        ));
    }
    format!("WITH {} {}", tables.join(", "), rows_sql(&parts.join(" UNION ALL "), ", found.period"))
}

impl Reader {
    pub(in crate::postgres) async fn queue(
        &self,
        workspace: WorkspaceId,
        query: &QueueQuery,
    ) -> Result<Page<QueueRow, QueueCursor>, Fault> {
        let walks = walks(query);
        let filters = Filters::of(query);
        let paging = Paging { sort: query.sort, limit: query.limit.min(LARGEST) };
        if paging.limit == 0 {
            return Ok(Page { items: Vec::new(), next: query.cursor });
        }
        let whom = query.operator.as_uuid();
        if filters.are_none() {
            return self.walked(workspace, plain_sql(walks, query.sort), whom, query.cursor, paging).await;
        }
        let query = self.steps(workspace, filtered_sql(walks, query.sort), whom, query.cursor, paging);
        let query = query.bind(filters.status).bind(filters.assignee).bind(filters.operator);
        let query = query.bind(filters.assistant).bind(filters.flagged).bind(filters.unread);
        let (mut found, mut ends) = (Vec::new(), Vec::new());
        for row in query.fetch_all(&self.pool).await? {
            match queue_row(&row)? {
                Some(row) => found.push(row),
                None => ends.push(end(row.try_get(4)?, paging.sort)),
            }
        }
        paging.page(found, paging.first(ends))
    }

    pub(in crate::postgres) async fn conversations_of(
        &self,
        workspace: WorkspaceId,
        contact: ContactId,
        cursor: Option<QueueCursor>,
        limit: u32,
    ) -> Result<Page<QueueRow, QueueCursor>, Fault> {
        let paging = Paging { sort: Sort::Newest, limit: limit.min(LARGEST) };
        if paging.limit == 0 {
            return Ok(Page { items: Vec::new(), next: cursor });
        }
        self.walked(workspace, plain_sql(&[Walk::OfContact], paging.sort), contact.as_uuid(), cursor, paging).await
    }

    async fn walked(
        &self,
        workspace: WorkspaceId,
        sql: String,
        whom: Uuid,
        cursor: Option<QueueCursor>,
        paging: Paging,
    ) -> Result<Page<QueueRow, QueueCursor>, Fault> {
        let rows = self.steps(workspace, sql, whom, cursor, paging).fetch_all(&self.pool).await?;
        let rows = rows.iter().filter_map(|row| queue_row(row).transpose());
        paging.page(rows.collect::<Result<_, _>>()?, None)
    }

    /// A query with what all walks of a page have in common.
    fn steps(&self, workspace: WorkspaceId, sql: String, whom: Uuid, cursor: Option<QueueCursor>, paging: Paging) -> Query {
        let (at, id) = match (cursor, paging.sort) {
            (Some(cursor), _) => (micros(cursor.at), cursor.id.as_uuid()),
            (None, Sort::Newest) => (i64::MAX, Uuid::max()),
            (None, Sort::Oldest) => (i64::MIN, Uuid::nil()),
        };
        about(workspace, self.schema.composed(sql)).bind(whom).bind(at).bind(id).bind(paging.fetched())
    }
}

/// The row; none where it is the end of a walk.
fn queue_row(row: &PgRow) -> Result<Option<QueueRow>, Fault> {
    let Some(conversation) = item("a conversation", row, 0)? else { return Ok(None) };
    let contact = item("a contact", row, 1)?.map(Arc::new);
    let ticket = match row.try_get(2)? {
        Some(body) => Some(Arc::new(numbered(body, row.try_get(3)?)?)),
        None => None,
    };
    Ok(Some(QueueRow { conversation: Arc::new(conversation), contact, ticket }))
}

/// Behind all of a period.
fn end(period: i64, sort: Sort) -> Place {
    match sort {
        Sort::Newest => (period << PERIOD, Uuid::nil()),
        Sort::Oldest => ((period << PERIOD) | ((1 << PERIOD) - 1), Uuid::max()),
    }
}
