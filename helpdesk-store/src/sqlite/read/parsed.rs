//! Bodies that were read and parsed before, for as long as the [ledger](crate::sqlite::ledger) says that they are as they
//! were.

use std::sync::Arc;

use helpdesk_core::id::{ContactId, ConversationId, TicketId, WorkspaceId};
use helpdesk_core::model::{Contact, Conversation, Ticket};
use helpdesk_core::store::QueueRow;
use quick_cache::sync::Cache;
use rusqlite::{Connection, params};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::body::bodies;
use crate::sql::fault::Fault;
use crate::sqlite::ledger::{LastWrite, Ledger, Moment, Thing};

pub(super) const CONVERSATION: &str = "SELECT body FROM helpdesk_conversations WHERE workspace = ?1 AND id = ?2";
pub(super) const CONTACT: &str = "SELECT body FROM helpdesk_contacts WHERE workspace = ?1 AND id = ?2";
pub(super) const TICKET: &str = "SELECT body FROM helpdesk_tickets WHERE workspace = ?1 AND id = ?2";

/// How many are kept of a table.
const KEPT: usize = 2_048;

/// Of one table: each body with the write that made it.
type Bodies<T> = Cache<Thing, (LastWrite, Arc<T>)>;

/// What the readers of a file parsed lately.
#[derive(Debug)]
pub(in crate::sqlite) struct Parsed {
    ledger: Arc<Ledger>,
    conversations: Bodies<Conversation>,
    contacts: Bodies<Contact>,
    tickets: Bodies<Ticket>,
}

impl Parsed {
    /// Nothing yet.
    pub(in crate::sqlite) fn new(ledger: Arc<Ledger>) -> Self {
        Self { ledger, conversations: Cache::new(KEPT), contacts: Cache::new(KEPT), tickets: Cache::new(KEPT) }
    }

    /// To be asked before the statement is run on whose rows it [looks](Look).
    pub(super) fn moment(&self) -> Moment {
        self.ledger.moment()
    }
}

/// A look at things of a workspace that a statement named. The statement is still under way, so that what is read is of the
/// moment that it sees.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look<'a> {
    pub(super) connection: &'a Connection,
    pub(super) parsed: &'a Parsed,
    pub(super) moment: Moment,
    pub(super) workspace: WorkspaceId,
}

impl Look<'_> {
    /// A conversation that is there.
    pub(super) fn conversation(self, id: ConversationId) -> Result<Arc<Conversation>, Fault> {
        let found = self.body("a conversation", CONVERSATION, &self.parsed.conversations, id.as_uuid())?;
        found.ok_or_else(|| Fault::Inconsistent("a conversation without a body".to_owned()))
    }

    pub(super) fn contact(self, id: ContactId) -> Result<Option<Arc<Contact>>, Fault> {
        self.body("a contact", CONTACT, &self.parsed.contacts, id.as_uuid())
    }

    fn ticket(self, id: TicketId) -> Result<Option<Arc<Ticket>>, Fault> {
        self.body("a ticket", TICKET, &self.parsed.tickets, id.as_uuid())
    }

    /// The row of a conversation that is there.
    pub(super) fn row(self, id: ConversationId) -> Result<QueueRow, Fault> {
        let conversation = self.conversation(id)?;
        let contact = self.contact(conversation.contact)?;
        let ticket = match &conversation.ticket {
            Some(link) => self.ticket(link.id)?,
            None => None,
        };
        Ok(QueueRow { conversation, contact, ticket })
    }

    fn body<T: DeserializeOwned>(self, what: &str, sql: &str, known: &Bodies<T>, id: Uuid) -> Result<Option<Arc<T>>, Fault> {
        let thing = (self.workspace.as_uuid(), id);
        let last_write = self.parsed.ledger.last_write(thing, self.moment);
        if let Some(last_write) = last_write
            && let Some((_, body)) = known.get(&thing).filter(|(write, _)| *write == last_write)
        {
            return Ok(Some(body));
        }
        let Some(body) = bodies(what, self.connection, sql, params![thing.0, thing.1])?.pop() else { return Ok(None) };
        let body = Arc::new(body);
        if let Some(last_write) = last_write {
            known.insert(thing, (last_write, Arc::clone(&body)));
        }
        Ok(Some(body))
    }
}
