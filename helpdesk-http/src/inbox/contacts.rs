//! Contacts, for the team.

use axum::Json as Reply;
use helpdesk_core::bus::LiveActor;
use helpdesk_core::id::ContactId;
use helpdesk_core::store::QueueCursor;

use crate::auth::Caller;
use crate::cursor::{self, Cursor as _};
use crate::dto::{Contact, Page, TeamConversation};
use crate::extract::{Paging, PathId, Query};
use crate::reply::Answer;

/// A contact.
#[utoipa::path(get, path = "/contacts/{id}", tag = "inbox", params(("id" = Uuid, Path, description = "The contact")),
    responses((status = 200, description = "The contact", body = Contact)))]
pub(crate) async fn show(caller: Caller, PathId(id): PathId<ContactId>) -> Answer<Contact> {
    let contact = caller.handle.contact(id).await?;
    Ok(Reply(Contact::of(contact, caller.handle.workspace().is_online(LiveActor::Contact(id)))))
}

/// A contact's conversations, latest activity first.
#[utoipa::path(get, path = "/contacts/{id}/conversations", tag = "inbox", params(("id" = Uuid, Path, description = "The contact"), Paging),
    responses((status = 200, description = "A page", body = Page<TeamConversation>)))]
pub(crate) async fn conversations(
    caller: Caller,
    PathId(id): PathId<ContactId>,
    Query(query): Query<Paging>,
) -> Answer<Page<TeamConversation>> {
    let cursor = cursor::decode::<QueueCursor>(query.cursor.as_deref())?;
    let page = caller.handle.conversations_of(id, cursor, query.limit.0).await?;
    let items = page.items.into_iter().map(TeamConversation::of).collect();
    Ok(Reply(Page { items, next_cursor: page.next.map(|next| next.encode()) }))
}
