//! A visitor's conversations.

use std::sync::Arc;

use axum::Json as Reply;
use axum::extract::State;
use axum::response::Response;
use helpdesk_core::engine::{ContactHandle, Done};
use helpdesk_core::id::{ConversationId, Seq};
use helpdesk_core::model::Audience;
use helpdesk_core::store::QueueCursor;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Visitor;
use crate::cursor::{self, Cursor as _};
use crate::dto::{ContactConversation, Entry, Page, Timeline};
use crate::extract::{Empty, Forward, Json, Number, Paging, PathId, Query};
use crate::problem::Problem;
use crate::reply::{Answer, created};
use crate::state::App;
use crate::timeline::Reader;

/// The first message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Start {
    /// Makes the request safe to repeat.
    #[schema(min_length = 1, max_length = 64)]
    client_id: Option<String>,
    /// The message.
    #[schema(min_length = 1, max_length = 10_000)]
    text: String,
    /// A conversation of its own, even where one is open.
    new: Option<bool>,
}

/// A message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMessage {
    /// Makes the request safe to repeat.
    #[schema(min_length = 1, max_length = 64)]
    client_id: Option<String>,
    /// The message.
    #[schema(min_length = 1, max_length = 10_000)]
    text: String,
}

/// How far the visitor has read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HasRead {
    /// Makes the request safe to repeat.
    #[schema(min_length = 1, max_length = 64)]
    client_id: Option<String>,
    /// Up to this entry.
    seq: Number,
}

/// A conversation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactConversationReply {
    conversation: ContactConversation,
}

/// A conversation and the message that was written.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Started {
    conversation: ContactConversation,
    entry: Entry,
}

/// The message that was written.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContactEntryReply {
    entry: Entry,
}

/// The visitor's conversations, latest activity first.
#[utoipa::path(get, path = "/api/v1/widget/conversations", tag = "widget", params(Paging),
    responses((status = 200, description = "A page", body = Page<ContactConversation>)))]
pub(crate) async fn list(Visitor(visitor): Visitor, Query(query): Query<Paging>) -> Answer<Page<ContactConversation>> {
    let cursor = cursor::decode::<QueueCursor>(query.cursor.as_deref())?;
    let page = visitor.conversations(cursor, query.limit.0).await?;
    let items = page.items.into_iter().map(ContactConversation::of).collect();
    Ok(Reply(Page { items, next_cursor: page.next.map(|next| next.encode()) }))
}

/// Begins a conversation, or joins the one that is open.
#[utoipa::path(post, path = "/api/v1/widget/conversations", tag = "widget", request_body = Start, responses(
    (status = 201, description = "Written", body = Started),
    (status = 200, description = "Was written before, with this `client_id`", body = Started),
))]
pub(crate) async fn start(State(app): State<App>, Visitor(visitor): Visitor, Json(body): Json<Start>) -> Result<Response, Problem> {
    app.limiter().message(visitor.workspace().id(), visitor.id())?;
    let named = visitor.with_client_id(body.client_id.as_deref())?;
    let done = if body.new.unwrap_or(false) { named.start_anew(&body.text).await? } else { named.start(&body.text).await? };
    let conversation = shape(&visitor, &done).await?;
    let (entry, replayed) = written(done)?;
    Ok(created(Started { conversation, entry }, replayed))
}

/// A conversation.
#[utoipa::path(get, path = "/api/v1/widget/conversations/{id}", tag = "widget", params(("id" = Uuid, Path, description = "The conversation")),
    responses((status = 200, description = "The conversation", body = ContactConversation)))]
pub(crate) async fn show(Visitor(visitor): Visitor, PathId(id): PathId<ConversationId>) -> Answer<ContactConversation> {
    Ok(Reply(ContactConversation::of(visitor.conversation(id).await?)))
}

/// Writes a message.
#[utoipa::path(post, path = "/api/v1/widget/conversations/{id}/messages", tag = "widget", request_body = NewMessage,
    params(("id" = Uuid, Path, description = "The conversation")), responses(
    (status = 201, description = "Written", body = ContactEntryReply),
    (status = 200, description = "Was written before, with this `client_id`", body = ContactEntryReply),
))]
pub(crate) async fn send(
    State(app): State<App>,
    Visitor(visitor): Visitor,
    PathId(id): PathId<ConversationId>,
    Json(body): Json<NewMessage>,
) -> Result<Response, Problem> {
    app.limiter().message(visitor.workspace().id(), visitor.id())?;
    let (entry, replayed) = written(visitor.with_client_id(body.client_id.as_deref())?.send(id, &body.text).await?)?;
    Ok(created(ContactEntryReply { entry }, replayed))
}

/// What was said, oldest first.
#[utoipa::path(get, path = "/api/v1/widget/conversations/{id}/timeline", tag = "widget",
    params(("id" = Uuid, Path, description = "The conversation"), Forward),
    responses((status = 200, description = "A part of the timeline", body = Timeline)))]
pub(crate) async fn timeline(
    Visitor(visitor): Visitor,
    PathId(id): PathId<ConversationId>,
    Query(query): Query<Forward>,
) -> Answer<Timeline> {
    Reader::Contact(&visitor).read(id, query.into()).await.map(Reply)
}

/// Asks for a human. A second time changes nothing.
#[utoipa::path(post, path = "/api/v1/widget/conversations/{id}/human", tag = "widget", request_body = Empty, params(("id" = Uuid, Path, description = "The conversation")),
    responses((status = 200, description = "Asked for", body = ContactConversationReply)))]
pub(crate) async fn request_human(
    Visitor(visitor): Visitor,
    PathId(id): PathId<ConversationId>,
    Empty { client_id }: Empty,
) -> Answer<ContactConversationReply> {
    let done = visitor.with_client_id(client_id.as_deref())?.request_human(id).await?;
    reply(&visitor, &done).await
}

/// Ends the chat.
#[utoipa::path(post, path = "/api/v1/widget/conversations/{id}/end", tag = "widget", request_body = Empty, params(("id" = Uuid, Path, description = "The conversation")),
    responses((status = 200, description = "Ended", body = ContactConversationReply)))]
pub(crate) async fn end(
    Visitor(visitor): Visitor,
    PathId(id): PathId<ConversationId>,
    Empty { client_id }: Empty,
) -> Answer<ContactConversationReply> {
    let done = visitor.with_client_id(client_id.as_deref())?.end(id).await?;
    reply(&visitor, &done).await
}

/// Notes how far the visitor has read.
#[utoipa::path(post, path = "/api/v1/widget/conversations/{id}/read", tag = "widget", request_body = HasRead,
    params(("id" = Uuid, Path, description = "The conversation")),
    responses((status = 200, description = "Noted", body = ContactConversationReply)))]
pub(crate) async fn read(
    Visitor(visitor): Visitor,
    PathId(id): PathId<ConversationId>,
    Json(body): Json<HasRead>,
) -> Answer<ContactConversationReply> {
    let done = visitor.with_client_id(body.client_id.as_deref())?.read(id, Seq(body.seq.0)).await?;
    reply(&visitor, &done).await
}

fn written(done: Done) -> Result<(Entry, bool), Problem> {
    let (entry, replayed) = done.into_entry()?;
    let entry = Entry::for_audience(&entry, Audience::Contact).ok_or_else(Problem::internal)?;
    Ok((entry, replayed))
}

async fn shape(visitor: &ContactHandle, done: &Done) -> Result<ContactConversation, Problem> {
    let details = visitor.workspace().details_of(Arc::clone(&done.conversation)).await?;
    Ok(ContactConversation::of(details))
}

async fn reply(visitor: &ContactHandle, done: &Done) -> Answer<ContactConversationReply> {
    Ok(Reply(ContactConversationReply { conversation: shape(visitor, done).await? }))
}
