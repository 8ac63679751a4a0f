//! Tickets.

use axum::Json as Reply;
use helpdesk_core::bus::LiveActor;
use helpdesk_core::id::TicketNumber;

use crate::auth::Caller;
use crate::dto::{Contact, Ticket};
use crate::extract::PathNumber;
use crate::reply::Answer;

/// A ticket, by number.
#[utoipa::path(get, path = "/api/v1/tickets/{number}", tag = "inbox", params(("number" = u64, Path, description = "The ticket's number")),
    responses((status = 200, description = "The ticket", body = Ticket)))]
pub(crate) async fn show(caller: Caller, PathNumber(number): PathNumber) -> Answer<Ticket> {
    let (ticket, requester) = caller.handle.ticket(TicketNumber(number)).await?;
    let online = caller.handle.workspace().is_online(LiveActor::Contact(requester.id));
    Ok(Reply(Ticket::of(&ticket, Contact::of(requester, online))))
}
