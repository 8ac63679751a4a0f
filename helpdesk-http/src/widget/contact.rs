//! What a visitor says of themselves.

use axum::Json as Reply;
use axum::extract::State;
use helpdesk_core::bus::LiveActor;
use helpdesk_core::engine::{ContactEdit, ContactHandle};
use helpdesk_core::model;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::auth::Visitor;
use crate::dto::Contact;
use crate::extract::Json;
use crate::reply::Answer;
use crate::state::App;

/// What a visitor says of themselves. Unverified: it opens no history and joins no contacts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Statement {
    /// Their name.
    name: Option<String>,
    /// Their address.
    email: Option<String>,
}

/// The visitor.
#[utoipa::path(get, path = "/api/v1/widget/contact", tag = "widget", responses((status = 200, description = "The visitor", body = Contact)))]
pub(crate) async fn show(Visitor(visitor): Visitor) -> Answer<Contact> {
    let contact = visitor.profile().await?;
    Ok(Reply(shape(&visitor, contact)))
}

/// Keeps what the visitor says of themselves. Counts as a message does, where it comes too often.
#[utoipa::path(patch, path = "/api/v1/widget/contact", tag = "widget", request_body = Statement,
    responses((status = 200, description = "The visitor", body = Contact)))]
pub(crate) async fn update(State(app): State<App>, Visitor(visitor): Visitor, Json(body): Json<Statement>) -> Answer<Contact> {
    app.limiter().message(visitor.workspace().id(), visitor.id())?;
    let contact = visitor.update(ContactEdit { name: body.name, email: body.email }).await?;
    Ok(Reply(shape(&visitor, contact)))
}

fn shape(visitor: &ContactHandle, contact: model::Contact) -> Contact {
    let online = visitor.workspace().is_online(LiveActor::Contact(contact.id));
    Contact::of(contact, online)
}
