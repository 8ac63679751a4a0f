//! Conversations, in the team's shape and in the contact's.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use helpdesk_core::engine::Details;
use helpdesk_core::model;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Assignee, Author, Contact, Named, Priority, Status, TicketStatus};

/// The last message as a row shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct LastMessage {
    /// Who wrote it.
    pub(crate) author: Author,
    /// Its beginning, on one line.
    pub(crate) text: String,
    /// When.
    pub(crate) at: DateTime<Utc>,
}

impl From<model::Preview> for LastMessage {
    fn from(preview: model::Preview) -> Self {
        Self { author: preview.author.into(), text: preview.text, at: preview.at }
    }
}

/// The ticket of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct TicketSummary {
    /// Its id.
    pub(crate) id: Uuid,
    /// Its number.
    pub(crate) number: u64,
    /// What it is about.
    pub(crate) subject: String,
    /// Where it stands.
    pub(crate) status: TicketStatus,
    /// How urgent.
    pub(crate) priority: Priority,
    /// Who is responsible: an operator or nobody.
    pub(crate) assignee: Assignee,
}

impl From<&model::Ticket> for TicketSummary {
    fn from(ticket: &model::Ticket) -> Self {
        Self {
            id: ticket.id.as_uuid(),
            number: ticket.number.0,
            subject: ticket.subject.clone(),
            status: ticket.status.into(),
            priority: ticket.priority.into(),
            assignee: ticket.assignee.as_ref().into(),
        }
    }
}

/// A conversation as the team sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct TeamConversation {
    /// Its id.
    pub(crate) id: Uuid,
    /// The customer.
    pub(crate) contact: Contact,
    /// The assistant it belongs to, whether or not that is who answers.
    pub(crate) assistant: Named,
    /// The channel the contact writes on.
    pub(crate) channel: String,
    /// Who answers.
    pub(crate) assignee: Assignee,
    /// Where it stands.
    pub(crate) status: Status,
    /// Who closed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) closed_by: Option<Author>,
    /// When it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) closed_at: Option<DateTime<Utc>>,
    /// When a human was asked for, while none came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) takeover_requested_at: Option<DateTime<Utc>>,
    /// The last entry.
    pub(crate) seq: u64,
    /// How often it was written; the cursor of its live topic.
    pub(crate) version: u64,
    /// The assistant's round.
    pub(crate) turn: u64,
    /// Whether the assistant owes an answer.
    pub(crate) answering: bool,
    /// The contact's messages that no operator has read.
    pub(crate) unread: u64,
    /// Messages of all authors.
    pub(crate) messages: u64,
    /// Messages of the assistant.
    pub(crate) assistant_replies: u64,
    /// Exempt from timeouts.
    pub(crate) flagged: bool,
    /// How urgent.
    pub(crate) priority: Priority,
    /// Labels.
    pub(crate) labels: Vec<String>,
    /// The last message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_message: Option<LastMessage>,
    /// When the contact last wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_contact_message_at: Option<DateTime<Utc>>,
    /// When it began.
    pub(crate) created_at: DateTime<Utc>,
    /// When a message or a change of hands last happened; the queue sorts by it.
    pub(crate) last_activity_at: DateTime<Utc>,
    /// Its ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ticket: Option<TicketSummary>,
}

impl TeamConversation {
    /// The team's shape.
    pub(crate) fn of(details: Details) -> Self {
        let Details { conversation, contact, contact_online, ticket, .. } = details;
        let conversation = Arc::unwrap_or_clone(conversation);
        Self {
            id: conversation.id.as_uuid(),
            contact: Contact::of(Arc::unwrap_or_clone(contact), contact_online),
            assignee: Assignee::of(&conversation),
            assistant: conversation.assistant.into(),
            channel: conversation.channel.as_str().to_owned(),
            status: conversation.status.into(),
            closed_by: conversation.closed.as_ref().map(|closed| match &closed.by {
                model::ClosedBy::Contact => Author { id: Some(conversation.contact.as_uuid()), ..Author::CONTACT },
                model::ClosedBy::Operator(operator) => operator.into(),
                model::ClosedBy::System => Author::SYSTEM,
            }),
            closed_at: conversation.closed.as_ref().map(|closed| closed.at),
            takeover_requested_at: conversation.takeover_requested_at,
            seq: conversation.seq.0,
            version: conversation.version.0,
            turn: conversation.turn.0,
            answering: conversation.answering,
            unread: conversation.unread_for_team,
            messages: conversation.messages,
            assistant_replies: conversation.assistant_replies,
            flagged: conversation.flagged,
            priority: conversation.priority.into(),
            labels: conversation.labels,
            last_message: conversation.last_message.map(Into::into),
            last_contact_message_at: conversation.last_contact_message_at,
            created_at: conversation.created_at,
            last_activity_at: conversation.last_activity_at,
            ticket: ticket.as_deref().map(Into::into),
        }
    }
}

/// A conversation as its contact sees it: no labels, no priority, no ticket, no trace of notes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct ContactConversation {
    /// Its id.
    pub(crate) id: Uuid,
    /// The channel.
    pub(crate) channel: String,
    /// The assistant it belongs to.
    pub(crate) assistant: Named,
    /// Who answers.
    pub(crate) assignee: Assignee,
    /// Where it stands.
    pub(crate) status: Status,
    /// When a human was asked for, while none came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) takeover_requested_at: Option<DateTime<Utc>>,
    /// The last entry the contact can see.
    pub(crate) seq: u64,
    /// The last version that changed anything the contact may see; the cursor of its live topic.
    pub(crate) version: u64,
    /// The assistant's round.
    pub(crate) turn: u64,
    /// Whether the assistant owes an answer.
    pub(crate) answering: bool,
    /// Messages of others that the contact has not read.
    pub(crate) unread: u64,
    /// Whether the button that asks for a human is shown now.
    pub(crate) human_button: bool,
    /// The last message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_message: Option<LastMessage>,
    /// When it began.
    pub(crate) created_at: DateTime<Utc>,
    /// When a message or a change of hands last happened.
    pub(crate) last_activity_at: DateTime<Utc>,
}

impl ContactConversation {
    /// The contact's shape.
    pub(crate) fn of(details: Details) -> Self {
        let Details { conversation, human_button, .. } = details;
        let conversation = Arc::unwrap_or_clone(conversation);
        Self {
            id: conversation.id.as_uuid(),
            channel: conversation.channel.as_str().to_owned(),
            assignee: Assignee::of(&conversation),
            assistant: conversation.assistant.into(),
            status: conversation.status.into(),
            takeover_requested_at: conversation.takeover_requested_at,
            seq: conversation.public_seq.0,
            version: conversation.public_version.0,
            turn: conversation.turn.0,
            answering: conversation.answering,
            unread: conversation.unread_for_contact,
            human_button,
            last_message: conversation.last_message.map(Into::into),
            created_at: conversation.created_at,
            last_activity_at: conversation.last_activity_at,
        }
    }
}
