//! What operators write.

use axum::response::Response;
use helpdesk_core::engine::Done;
use helpdesk_core::id::ConversationId;
use helpdesk_core::model::Audience;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::dto::Entry;
use crate::extract::{Json, PathId};
use crate::problem::Problem;
use crate::reply::created;

/// A message to the contact.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReply {
    /// Makes the request safe to repeat.
    #[schema(min_length = 1, max_length = 64)]
    client_id: Option<String>,
    /// The message.
    #[schema(min_length = 1, max_length = 10_000)]
    text: String,
    /// Over which channel; none: the conversation's.
    channel: Option<String>,
}

/// A note to the team.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewNote {
    /// Makes the request safe to repeat.
    #[schema(min_length = 1, max_length = 64)]
    client_id: Option<String>,
    /// The note.
    #[schema(min_length = 1, max_length = 10_000)]
    text: String,
}

/// What was written.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntryReply {
    entry: Entry,
}

/// Writes to the contact.
///
/// The first message takes the conversation over, unless another operator answers.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/messages", tag = "inbox", request_body = NewReply,
    params(("id" = Uuid, Path, description = "The conversation")), responses(
    (status = 201, description = "Written", body = EntryReply),
    (status = 200, description = "Was written before, with this `client_id`", body = EntryReply),
))]
pub(crate) async fn reply(caller: Caller, PathId(id): PathId<ConversationId>, Json(body): Json<NewReply>) -> Result<Response, Problem> {
    if let Some(channel) = &body.channel {
        let details = caller.handle.conversation(id).await?;
        if details.conversation.channel.as_str() != channel {
            return Err(Problem::invalid(
                "channel",
                format!("channel: the contact can be reached over {:?} only", details.conversation.channel.as_str()),
            ));
        }
    }
    written(caller.handle.with_client_id(body.client_id.as_deref())?.reply(id, &body.text).await?)
}

/// Writes a note to the team. No contact sees it.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/notes", tag = "inbox", request_body = NewNote,
    params(("id" = Uuid, Path, description = "The conversation")), responses(
    (status = 201, description = "Written", body = EntryReply),
    (status = 200, description = "Was written before, with this `client_id`", body = EntryReply),
))]
pub(crate) async fn note(caller: Caller, PathId(id): PathId<ConversationId>, Json(body): Json<NewNote>) -> Result<Response, Problem> {
    written(caller.handle.with_client_id(body.client_id.as_deref())?.note(id, &body.text).await?)
}

fn written(done: Done) -> Result<Response, Problem> {
    let (entry, replayed) = done.into_entry()?;
    let entry = Entry::for_audience(&entry, Audience::Team).ok_or_else(Problem::internal)?;
    Ok(created(EntryReply { entry }, replayed))
}
