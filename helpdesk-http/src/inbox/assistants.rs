//! Assistants.

use axum::Json as Reply;
use helpdesk_core::id::{AssistantId, Version};

use crate::auth::Caller;
use crate::cursor::{self, IdCursor, by_id};
use crate::dto::{Assistant, AssistantPatch, Page};
use crate::extract::{Json, Paging, PathId, Query};
use crate::reply::Answer;

/// The assistants.
#[utoipa::path(get, path = "/api/v1/assistants", tag = "settings", params(Paging), responses((status = 200, description = "A page", body = Page<Assistant>)))]
pub(crate) async fn list(caller: Caller, Query(query): Query<Paging>) -> Answer<Page<Assistant>> {
    let after = cursor::decode::<IdCursor>(query.cursor.as_deref())?.map(|cursor| AssistantId::from_uuid(cursor.0));
    let assistants = caller.handle.assistants(after, query.limit.0).await?;
    Ok(Reply(by_id(assistants, query.limit, |it| it.value.id.as_uuid(), |it| Assistant::of(&it.value, it.version.0))))
}

/// An assistant.
#[utoipa::path(get, path = "/api/v1/assistants/{id}", tag = "settings", params(("id" = Uuid, Path, description = "The assistant")),
    responses((status = 200, description = "The assistant", body = Assistant)))]
pub(crate) async fn show(caller: Caller, PathId(id): PathId<AssistantId>) -> Answer<Assistant> {
    let assistant = caller.handle.assistant(id).await?;
    Ok(Reply(Assistant::of(&assistant.value, assistant.version.0)))
}

/// Changes an assistant: any subset of its fields.
#[utoipa::path(patch, path = "/api/v1/assistants/{id}", tag = "settings", request_body = AssistantPatch,
    params(("id" = Uuid, Path, description = "The assistant")),
    responses((status = 200, description = "The assistant", body = Assistant)))]
pub(crate) async fn update(caller: Caller, PathId(id): PathId<AssistantId>, Json(body): Json<AssistantPatch>) -> Answer<Assistant> {
    let version = body.version.map(|version| Version(version.0));
    let assistant = caller.handle.update_assistant(id, version, body.into()).await?;
    Ok(Reply(Assistant::of(&assistant.value, assistant.version.0)))
}
