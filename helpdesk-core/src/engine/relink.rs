//! What conversations remember of the ticket that they share.

use super::Helpdesk;
use super::execute::Request;
use super::turn::{Ended, OFF_PAUSE};
use crate::command::{Actor, Command};
use crate::error::{Error, Refusal};
use crate::id::{ContactId, TicketId, WorkspaceId};
use crate::store::{QueueRow, TicketRef};

/// Conversations that are looked at in one read.
const PAGE: u32 = 200;

impl Helpdesk {
    /// Does a `Relink` job. Doing it twice is the same as once.
    pub(super) async fn relink(&self, workspace: WorkspaceId, ticket: TicketId, contact: ContactId) -> Result<Ended, Error> {
        let store = &self.inner.store;
        let Some(now) = store.tickets(workspace, &[TicketRef::Id(ticket)]).await?.pop() else { return Ok(Ended::Over) };
        let mut cursor = None;
        loop {
            let page = store.conversations_of(workspace, contact, cursor, PAGE).await?;
            for QueueRow { conversation, .. } in page.items {
                let stale = conversation
                    .ticket
                    .as_ref()
                    .filter(|_| conversation.merged_into.is_none())
                    .is_some_and(|link| link.id == ticket && (link.status, &link.assignee) != (now.status, &now.assignee));
                if stale {
                    match self.execute(Request::new(workspace, Actor::System, conversation.id, Command::Relink)).await {
                        // Nothing is written while the helpdesk is off, not even this.
                        Err(Error::Refused(Refusal::HelpdeskOff)) => return Ok(Ended::Again(OFF_PAUSE)),
                        other => other?,
                    };
                }
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(Ended::Over);
            }
        }
    }
}
