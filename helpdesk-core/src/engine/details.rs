//! Conversations with what belongs to them, for pages to show.

use std::collections::HashMap;
use std::sync::Arc;

use super::WorkspaceHandle;
use crate::bus::LiveActor;
use crate::decide::human_button;
use crate::error::Error;
use crate::id::{ContactId, TicketId};
use crate::model::{Contact, Conversation, Ticket};
use crate::store::{Page, QueueCursor, QueueRow, StoreError, TicketRef};

/// A conversation with its contact and its ticket.
#[derive(Clone, Debug, PartialEq)]
pub struct Details {
    /// The conversation.
    pub conversation: Arc<Conversation>,
    /// Its contact.
    pub contact: Arc<Contact>,
    /// Whether the contact is connected now.
    pub contact_online: bool,
    /// Its ticket; team only.
    pub ticket: Option<Arc<Ticket>>,
    /// Whether the contact is shown the button that asks for a human.
    pub human_button: bool,
}

impl WorkspaceHandle {
    /// Adds to conversations what belongs to them, in the same order. Costs two reads, however many they are.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn details(&self, conversations: impl IntoIterator<Item = impl Into<Arc<Conversation>>>) -> Result<Vec<Details>, Error> {
        let conversations: Vec<Arc<Conversation>> = conversations.into_iter().map(Into::into).collect();
        if conversations.is_empty() {
            return Ok(Vec::new());
        }
        let store = &self.desk.inner.store;
        let mut contact_ids: Vec<ContactId> = conversations.iter().map(|conversation| conversation.contact).collect();
        contact_ids.sort_unstable();
        contact_ids.dedup();
        let contacts = store.contacts(self.id, &contact_ids).await?;
        let contacts: HashMap<ContactId, Arc<Contact>> = contacts.into_iter().map(|contact| (contact.id, Arc::new(contact))).collect();
        let ticket_refs: Vec<TicketRef> =
            conversations.iter().filter_map(|it| it.ticket.as_ref()).map(|link| TicketRef::Id(link.id)).collect();
        let tickets = if ticket_refs.is_empty() { Vec::new() } else { store.tickets(self.id, &ticket_refs).await? };
        let tickets: HashMap<TicketId, Arc<Ticket>> = tickets.into_iter().map(|ticket| (ticket.id, Arc::new(ticket))).collect();
        let rows = conversations.into_iter().map(|conversation| QueueRow {
            contact: contacts.get(&conversation.contact).cloned(),
            ticket: conversation.ticket.as_ref().and_then(|link| tickets.get(&link.id).cloned()),
            conversation,
        });
        self.details_of_rows(rows.collect()).await
    }

    /// Adds to a conversation what belongs to it.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn details_of(&self, conversation: impl Into<Arc<Conversation>>) -> Result<Details, Error> {
        let mut details = self.details([conversation]).await?;
        details.pop().ok_or_else(|| StoreError::Inconsistent("details of one conversation are one".to_owned()).into())
    }

    /// The details of a page.
    pub(super) async fn details_of_page(&self, page: Page<QueueRow, QueueCursor>) -> Result<Page<Details, QueueCursor>, Error> {
        Ok(Page { items: self.details_of_rows(page.items).await?, next: page.next })
    }

    /// Adds to rows what is known besides the store. Reads nothing of it but, now and then, the settings.
    pub(super) async fn details_of_rows(&self, rows: Vec<QueueRow>) -> Result<Vec<Details>, Error> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let settings = self.recent_settings().await?;
        let missing = || Error::Store(StoreError::Inconsistent("a conversation without its contact".to_owned()));
        let online = self.desk.who_is_online(self.id, rows.iter().map(|row| LiveActor::Contact(row.conversation.contact)));
        let details = rows.into_iter().zip(online).map(|(row, contact_online)| {
            let QueueRow { conversation, contact, ticket } = row;
            let contact = contact.ok_or_else(missing)?;
            Ok(Details { human_button: human_button(&conversation, &settings), contact_online, conversation, contact, ticket })
        });
        details.collect()
    }
}
