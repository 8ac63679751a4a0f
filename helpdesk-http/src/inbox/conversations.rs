//! The queue, and one conversation of it.

use axum::Json as Reply;
use axum::extract::State;
use axum::response::Response;
use helpdesk_core::id::{AssistantId, ConversationId, OperatorId};
use helpdesk_core::store::{self, AssigneeFilter, QueueCursor, QueueQuery};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::auth::Caller;
use crate::cursor;
use crate::dto::{Counts, Page, Sort, Status, TeamConversation, Timeline, View};
use crate::extract::{EitherWay, Limit, PathId, Query};
use crate::problem::Problem;
use crate::reply::Answer;
use crate::state::App;
use crate::timeline::Reader;

/// Which part of the queue.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct QueueParams {
    /// The view.
    #[serde(default)]
    #[param(value_type = Option<View>)]
    view: View,
    /// Only this status.
    status: Option<Status>,
    /// Only this assignee: `assistant`, `nobody`, `me`, or an operator's id.
    assignee: Option<String>,
    /// Only this assistant's id.
    assistant: Option<Uuid>,
    /// Only flagged ones, or only others.
    flagged: Option<bool>,
    /// Only with unread contact messages, or only without.
    unread: Option<bool>,
    /// The order.
    sort: Option<Sort>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// At most so many.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Limit,
}

/// The queue.
#[utoipa::path(get, path = "/api/v1/conversations", tag = "inbox", params(QueueParams),
    responses((status = 200, description = "A page", body = Page<TeamConversation>)))]
pub(crate) async fn list(State(app): State<App>, caller: Caller, Query(query): Query<QueueParams>) -> Result<Response, Problem> {
    let me = caller.handle.id();
    let cursor = cursor::decode::<QueueCursor>(query.cursor.as_deref())?;
    let assignee = query.assignee.as_deref().map(|text| assignee(text, me)).transpose()?;
    let Some(view) = query.view.in_store() else {
        caller.handle.me().await?;
        return app.rows().answer(caller.handle.workspace(), store::Page { items: Vec::new(), next: None });
    };
    let query = QueueQuery {
        status: query.status.map(Into::into),
        assignee,
        assistant: query.assistant.map(AssistantId::from_uuid),
        flagged: query.flagged,
        unread: query.unread,
        sort: query.sort.map(Into::into).unwrap_or_default(),
        cursor,
        limit: query.limit.0,
        ..QueueQuery::of(me, view)
    };
    let page = caller.handle.queue(query).await?;
    app.rows().answer(caller.handle.workspace(), page)
}

fn assignee(text: &str, me: OperatorId) -> Result<AssigneeFilter, Problem> {
    match text {
        "assistant" => Ok(AssigneeFilter::Assistant),
        "nobody" => Ok(AssigneeFilter::Nobody),
        "me" => Ok(AssigneeFilter::Operator(me)),
        _ => text
            .parse()
            .map(AssigneeFilter::Operator)
            .map_err(|_| Problem::invalid("assignee", "assignee: must be assistant, nobody, me, or an operator's id")),
    }
}

/// How many conversations each view holds.
#[utoipa::path(get, path = "/api/v1/counts", tag = "inbox", responses((status = 200, description = "The counts", body = Counts)))]
pub(crate) async fn counts(caller: Caller) -> Answer<Counts> {
    Ok(Reply(caller.handle.counts().await?.into()))
}

/// A conversation.
#[utoipa::path(get, path = "/api/v1/conversations/{id}", tag = "inbox", params(("id" = Uuid, Path, description = "The conversation")),
    responses((status = 200, description = "The conversation", body = TeamConversation)))]
pub(crate) async fn show(caller: Caller, PathId(id): PathId<ConversationId>) -> Answer<TeamConversation> {
    Ok(Reply(TeamConversation::of(caller.handle.conversation(id).await?)))
}

/// What happened, oldest first.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/timeline", tag = "inbox",
    params(("id" = Uuid, Path, description = "The conversation"), EitherWay),
    responses((status = 200, description = "A part of the timeline", body = Timeline)))]
pub(crate) async fn timeline(caller: Caller, PathId(id): PathId<ConversationId>, Query(query): Query<EitherWay>) -> Answer<Timeline> {
    Reader::Operator(&caller.handle).read(id, query).await.map(Reply)
}
