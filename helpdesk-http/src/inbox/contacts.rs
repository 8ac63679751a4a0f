//! Contacts, for the team.

use axum::Json as Reply;
use axum::extract::State;
use axum::response::Response;
use helpdesk_core::bus::LiveActor;
use helpdesk_core::id::ContactId;
use helpdesk_core::store::QueueCursor;

use crate::auth::Caller;
use crate::cursor;
use crate::dto::{Contact, Page, TeamConversation};
use crate::extract::{Paging, PathId, Query};
use crate::problem::Problem;
use crate::reply::Answer;
use crate::state::App;

/// A contact.
#[utoipa::path(get, path = "/api/v1/contacts/{id}", tag = "inbox", params(("id" = Uuid, Path, description = "The contact")),
    responses((status = 200, description = "The contact", body = Contact)))]
pub(crate) async fn show(caller: Caller, PathId(id): PathId<ContactId>) -> Answer<Contact> {
    let contact = caller.handle.contact(id).await?;
    Ok(Reply(Contact::of(contact, caller.handle.workspace().is_online(LiveActor::Contact(id)))))
}

/// A contact's conversations, latest activity first.
#[utoipa::path(get, path = "/api/v1/contacts/{id}/conversations", tag = "inbox", params(("id" = Uuid, Path, description = "The contact"), Paging),
    responses((status = 200, description = "A page", body = Page<TeamConversation>)))]
pub(crate) async fn conversations(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<ContactId>,
    Query(query): Query<Paging>,
) -> Result<Response, Problem> {
    let cursor = cursor::decode::<QueueCursor>(query.cursor.as_deref())?;
    let page = caller.handle.conversations_of(id, cursor, query.limit.0).await?;
    app.rows().answer(caller.handle.workspace(), page)
}
