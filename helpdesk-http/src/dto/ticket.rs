//! Tickets.

use chrono::{DateTime, Utc};
use helpdesk_core::model;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Assignee, Contact, Named, Priority, TicketStatus};

/// A numbered case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Ticket {
    /// Its id.
    pub(crate) id: Uuid,
    /// Its number, by which people name it.
    pub(crate) number: u64,
    /// What it is about, one line.
    pub(crate) subject: String,
    /// Why the assistant escalated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// Where it stands.
    pub(crate) status: TicketStatus,
    /// How urgent.
    pub(crate) priority: Priority,
    /// The customer.
    pub(crate) requester: Contact,
    /// The assistant that it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) assistant: Option<Named>,
    /// Who is responsible: an operator or nobody.
    pub(crate) assignee: Assignee,
    /// The channel that it came from.
    pub(crate) channel: String,
    /// The id of the conversation that it came from.
    pub(crate) conversation: Uuid,
    /// When it was opened.
    pub(crate) created_at: DateTime<Utc>,
}

impl Ticket {
    /// The shape of a ticket and its requester.
    pub(crate) fn of(ticket: &model::Ticket, requester: Contact) -> Self {
        Self {
            id: ticket.id.as_uuid(),
            number: ticket.number.0,
            subject: ticket.subject.clone(),
            reason: ticket.reason.clone(),
            status: ticket.status.into(),
            priority: ticket.priority.into(),
            requester,
            assistant: ticket.assistant.clone().map(Into::into),
            assignee: ticket.assignee.as_ref().into(),
            channel: ticket.channel.as_str().to_owned(),
            conversation: ticket.conversation.as_uuid(),
            created_at: ticket.created_at,
        }
    }
}
