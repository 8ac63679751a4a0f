//! The audit log.

use axum::Json as Reply;
use helpdesk_core::id::AuditId;

use crate::auth::Caller;
use crate::cursor::{self, IdCursor, by_id};
use crate::dto::{AuditLine, Page};
use crate::extract::{Paging, Query};
use crate::reply::Answer;

/// Who changed what, newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "settings", params(Paging), responses((status = 200, description = "A page", body = Page<AuditLine>)))]
pub(crate) async fn list(caller: Caller, Query(query): Query<Paging>) -> Answer<Page<AuditLine>> {
    let before = cursor::decode::<IdCursor>(query.cursor.as_deref())?.map(|cursor| AuditId::from_uuid(cursor.0));
    let lines = caller.handle.audit(before, query.limit.0).await?;
    Ok(Reply(by_id(lines, query.limit, |line| line.id.as_uuid(), |line| AuditLine::from(line))))
}
