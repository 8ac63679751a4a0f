//! What operators do with a conversation.

use axum::Json as Reply;
use axum::extract::State;
use axum::http::StatusCode;
use helpdesk_core::bus::LiveActor;
use helpdesk_core::command::AssignTarget;
use helpdesk_core::engine::Done;
use helpdesk_core::id::{ConversationId, OperatorId, Seq};
use helpdesk_core::model;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::Caller;
use crate::dto::{AssigneeKind, TeamConversation};
use crate::extract::{ClientName, Empty, Json, Number, PathId};
use crate::problem::Problem;
use crate::reply::Answer;
use crate::state::App;

/// The conversation after it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConversationReply {
    conversation: TeamConversation,
}

/// To whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Target {
    /// What they are.
    #[serde(rename = "type")]
    kind: AssigneeKind,
    /// The operator's id. Of an assistant it may be given, and must be the conversation's own.
    id: Option<Uuid>,
}

/// Gives the conversation to somebody.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assign {
    /// Makes the request safe to repeat.
    #[schema(min_length = 1, max_length = 64)]
    client_id: Option<String>,
    /// To whom.
    assignee: Target,
}

/// What operators set.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NewStatus {
    /// Reopen.
    Open,
    /// Close.
    Resolved,
}

/// Resolves or reopens.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetStatus {
    /// Makes the request safe to repeat.
    #[schema(min_length = 1, max_length = 64)]
    client_id: Option<String>,
    /// Which.
    status: NewStatus,
}

/// Exempts from timeouts, or no longer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Flag {
    /// Makes the request safe to repeat.
    #[schema(min_length = 1, max_length = 64)]
    client_id: Option<String>,
    /// Exempt.
    flagged: bool,
}

/// How far the operator has read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperatorHasRead {
    /// Makes the request safe to repeat.
    #[schema(min_length = 1, max_length = 64)]
    client_id: Option<String>,
    /// Up to this entry.
    seq: Number,
}

/// Is writing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IsTyping {
    /// Accepted; nothing is kept under it.
    #[serde(rename = "client_id")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64)]
    _client_id: Option<ClientName>,
    /// A note: the contact is not told.
    note: Option<bool>,
}

/// Takes the conversation over. Of any number who try at once, one succeeds.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/claim", tag = "inbox", request_body = Empty, params(("id" = Uuid, Path, description = "The conversation")), responses(
    (status = 200, description = "Taken over", body = ConversationReply),
    (status = 409, description = "`already_claimed`, with `claimed_by: {id, name}`; `conversation_resolved`", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn claim(caller: Caller, PathId(id): PathId<ConversationId>, Empty { client_id }: Empty) -> Answer<ConversationReply> {
    let done = caller.handle.with_client_id(client_id.as_deref())?.claim(id).await?;
    reply(&caller, done).await
}

/// Gives the conversation to somebody. To the assistant it is the hand-back.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/assign", tag = "inbox", request_body = Assign,
    params(("id" = Uuid, Path, description = "The conversation")),
    responses((status = 200, description = "Assigned", body = ConversationReply)))]
pub(crate) async fn assign(caller: Caller, PathId(id): PathId<ConversationId>, Json(body): Json<Assign>) -> Answer<ConversationReply> {
    let unfit = |why: &str| Problem::invalid("assignee.id", format!("assignee.id: {why}"));
    let target = match (body.assignee.kind, body.assignee.id) {
        (AssigneeKind::Assistant, None) => AssignTarget::Assistant,
        (AssigneeKind::Assistant, Some(assistant)) => {
            if caller.handle.conversation(id).await?.conversation.assistant.id.as_uuid() != assistant {
                return Err(unfit("the conversation has another assistant; leave the id out"));
            }
            AssignTarget::Assistant
        }
        (AssigneeKind::Nobody, None) => AssignTarget::Nobody,
        (AssigneeKind::Nobody, Some(_)) => return Err(unfit("nobody has no id; leave it out")),
        (AssigneeKind::Operator, Some(operator)) => AssignTarget::Operator(OperatorId::from_uuid(operator)),
        (AssigneeKind::Operator, None) => return Err(unfit("an operator is named by id")),
    };
    let done = caller.handle.with_client_id(body.client_id.as_deref())?.assign(id, target).await?;
    reply(&caller, done).await
}

/// Resolves or reopens the conversation.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/status", tag = "inbox", request_body = SetStatus,
    params(("id" = Uuid, Path, description = "The conversation")),
    responses((status = 200, description = "Set", body = ConversationReply)))]
pub(crate) async fn set_status(
    caller: Caller,
    PathId(id): PathId<ConversationId>,
    Json(body): Json<SetStatus>,
) -> Answer<ConversationReply> {
    let status = match body.status {
        NewStatus::Open => model::Status::Open,
        NewStatus::Resolved => model::Status::Resolved,
    };
    let done = caller.handle.with_client_id(body.client_id.as_deref())?.set_status(id, status).await?;
    reply(&caller, done).await
}

/// Exempts the conversation from timeouts, or no longer.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/flag", tag = "inbox", request_body = Flag,
    params(("id" = Uuid, Path, description = "The conversation")),
    responses((status = 200, description = "Set", body = ConversationReply)))]
pub(crate) async fn flag(caller: Caller, PathId(id): PathId<ConversationId>, Json(body): Json<Flag>) -> Answer<ConversationReply> {
    let done = caller.handle.with_client_id(body.client_id.as_deref())?.set_flag(id, body.flagged).await?;
    reply(&caller, done).await
}

/// Notes how far the operator has read.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/read", tag = "inbox", request_body = OperatorHasRead,
    params(("id" = Uuid, Path, description = "The conversation")),
    responses((status = 200, description = "Noted", body = ConversationReply)))]
pub(crate) async fn read(
    caller: Caller,
    PathId(id): PathId<ConversationId>,
    Json(body): Json<OperatorHasRead>,
) -> Answer<ConversationReply> {
    let done = caller.handle.with_client_id(body.client_id.as_deref())?.read(id, Seq(body.seq.0)).await?;
    reply(&caller, done).await
}

/// Is writing; shown to the other side for 5 seconds.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/typing", tag = "inbox", request_body = IsTyping,
    params(("id" = Uuid, Path, description = "The conversation")), responses((status = 202, description = "Told")))]
pub(crate) async fn typing(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<ConversationId>,
    Json(body): Json<IsTyping>,
) -> Result<StatusCode, Problem> {
    if app.limiter().may_type(caller.handle.workspace().id(), LiveActor::Operator(caller.handle.id())) {
        caller.handle.typing(id, body.note.unwrap_or(false)).await?;
    }
    Ok(StatusCode::ACCEPTED)
}

async fn reply(caller: &Caller, done: Done) -> Answer<ConversationReply> {
    let details = caller.handle.workspace().details_of(done.conversation).await?;
    Ok(Reply(ConversationReply { conversation: TeamConversation::of(details) }))
}
