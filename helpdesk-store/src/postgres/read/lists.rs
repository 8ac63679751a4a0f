//! Things by their ids, and the short lists.

use std::collections::BTreeSet;

use helpdesk_core::id::{AuditId, ContactId, ConversationId, TicketNumber, WorkspaceId};
use helpdesk_core::model::{Audit, Contact, Conversation, Record, RecordKey, RecordKind, Ticket};
use helpdesk_core::store::TicketRef;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::Reader;
use super::row::{item, items};
use crate::sql::fault::Fault;
use crate::sql::value::{parsed, signed, unsigned};

// What is wanted is looked up one by one, which the limits see to. Asked for with `= ANY`, or joined, of a table that was small
// when it planned the planner would read all of a workspace and look which rows are in the list.

pub(super) const CONVERSATIONS: &str = "
SELECT found.body FROM (SELECT DISTINCT unnest($2::uuid[]) AS id) AS wanted
CROSS JOIN LATERAL (SELECT body FROM helpdesk.conversations WHERE workspace = $1 AND id = wanted.id LIMIT 1) AS found";

pub(super) const CONTACTS: &str = "
SELECT found.body FROM (SELECT DISTINCT unnest($2::uuid[]) AS id) AS wanted
CROSS JOIN LATERAL (SELECT body FROM helpdesk.contacts WHERE workspace = $1 AND id = wanted.id LIMIT 1) AS found";

/// By id or by number; a ticket that is named both ways comes once.
pub(super) const TICKETS: &str = "
SELECT found.body, found.number FROM unnest($2::uuid[]) AS wanted(id)
CROSS JOIN LATERAL (SELECT body, number FROM helpdesk.tickets WHERE workspace = $1 AND id = wanted.id LIMIT 1) AS found
UNION
SELECT found.body, found.number FROM unnest($3::bigint[]) AS wanted(number)
CROSS JOIN LATERAL (SELECT body, number FROM helpdesk.tickets WHERE workspace = $1 AND number = wanted.number LIMIT 1) AS found";

pub(super) const RECORD: &str = "SELECT body FROM helpdesk.records WHERE workspace = $1 AND kind = $2 AND id = $3";

pub(super) const FIRST_RECORDS: &str =
    "SELECT body FROM helpdesk.records WHERE workspace = $1 AND kind = $2 AND id >= $3 ORDER BY id LIMIT $4";

pub(super) const RECORDS: &str = "SELECT body FROM helpdesk.records WHERE workspace = $1 AND kind = $2 AND id > $3 ORDER BY id LIMIT $4";

pub(super) const LAST_AUDIT: &str = "SELECT body FROM helpdesk.audit WHERE workspace = $1 AND id <= $2 ORDER BY id DESC LIMIT $3";

pub(super) const AUDIT: &str = "SELECT body FROM helpdesk.audit WHERE workspace = $1 AND id < $2 ORDER BY id DESC LIMIT $3";

impl Reader {
    pub(in crate::postgres) async fn conversations(
        &self,
        workspace: WorkspaceId,
        ids: &[ConversationId],
    ) -> Result<Vec<Conversation>, Fault> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.as_uuid()).collect();
        items("a conversation", &self.about(workspace, CONVERSATIONS).bind(ids).fetch_all(&self.pool).await?)
    }

    pub(in crate::postgres) async fn contacts(&self, workspace: WorkspaceId, ids: &[ContactId]) -> Result<Vec<Contact>, Fault> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.as_uuid()).collect();
        items("a contact", &self.about(workspace, CONTACTS).bind(ids).fetch_all(&self.pool).await?)
    }

    pub(in crate::postgres) async fn tickets(&self, workspace: WorkspaceId, refs: &[TicketRef]) -> Result<Vec<Ticket>, Fault> {
        let (mut ids, mut numbers) = (BTreeSet::new(), BTreeSet::new());
        for reference in refs {
            match reference {
                TicketRef::Id(id) => ids.insert(id.as_uuid()),
                TicketRef::Number(number) => numbers.insert(signed(number.0)),
            };
        }
        let query = self.about(workspace, TICKETS).bind(Vec::from_iter(ids)).bind(Vec::from_iter(numbers));
        query.fetch_all(&self.pool).await?.iter().map(ticket).collect()
    }

    pub(in crate::postgres) async fn record(&self, workspace: WorkspaceId, key: RecordKey) -> Result<Option<Record>, Fault> {
        let row = self.about(workspace, RECORD).bind(key.kind.as_str()).bind(key.id).fetch_optional(&self.pool).await?;
        row.map_or(Ok(None), |row| item("a record", &row, 0))
    }

    pub(in crate::postgres) async fn records(
        &self,
        workspace: WorkspaceId,
        kind: RecordKind,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Record>, Fault> {
        let (sql, after) = after.map_or((FIRST_RECORDS, Uuid::nil()), |after| (RECORDS, after));
        let query = self.about(workspace, sql).bind(kind.as_str()).bind(after).bind(i64::from(limit));
        items("a record", &query.fetch_all(&self.pool).await?)
    }

    pub(in crate::postgres) async fn audit(
        &self,
        workspace: WorkspaceId,
        before: Option<AuditId>,
        limit: u32,
    ) -> Result<Vec<Audit>, Fault> {
        let (sql, before) = before.map_or((LAST_AUDIT, Uuid::max()), |before| (AUDIT, before.as_uuid()));
        let query = self.about(workspace, sql).bind(before).bind(i64::from(limit));
        items("the audit log", &query.fetch_all(&self.pool).await?)
    }
}

/// A ticket with the number of its column.
fn ticket(row: &PgRow) -> Result<Ticket, Fault> {
    numbered(row.try_get(0)?, row.try_get(1)?)
}

/// A ticket's body with the number that was drawn for it.
pub(super) fn numbered(body: &str, number: i64) -> Result<Ticket, Fault> {
    Ok(Ticket { number: TicketNumber(unsigned(number)), ..parsed("a ticket", body)? })
}
