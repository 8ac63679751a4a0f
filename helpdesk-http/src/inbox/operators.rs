//! The team.

use axum::Json as Reply;
use helpdesk_core::bus::LiveActor;
use helpdesk_core::id::OperatorId;

use crate::auth::Caller;
use crate::cursor::{self, IdCursor, by_id};
use crate::dto::{Operator, Page};
use crate::extract::{Paging, Query};
use crate::reply::Answer;

/// The operators.
#[utoipa::path(get, path = "/api/v1/operators", tag = "inbox", params(Paging), responses((status = 200, description = "A page", body = Page<Operator>)))]
pub(crate) async fn list(caller: Caller, Query(query): Query<Paging>) -> Answer<Page<Operator>> {
    let after = cursor::decode::<IdCursor>(query.cursor.as_deref())?.map(|cursor| OperatorId::from_uuid(cursor.0));
    let operators = caller.handle.operators(after, query.limit.0).await?;
    let workspace = caller.handle.workspace();
    let shape = |operator: &_| Operator::of(operator, workspace.is_online(LiveActor::Operator(operator.id)));
    Ok(Reply(by_id(operators, query.limit, |operator| operator.id.as_uuid(), shape)))
}
