//! The conversation: one thread with a contact, and everything that the queue shows of it.

use serde::{Deserialize, Serialize};

use super::{Assignee, AssistantRef, Author, Channel, OperatorRef, TicketStatus};
use crate::clock::Timestamp;
use crate::id::{ContactId, ConversationId, DepartmentId, OperatorId, Seq, TicketId, TurnNumber, Version};

/// Where a conversation stands. Who answers it is another dimension: [`Assignee`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Somebody of ours owes the next step.
    Open,
    /// The contact owes the next step.
    Pending,
    /// Closed.
    Resolved,
}

/// How urgent it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Can wait.
    Low,
    /// The default.
    #[default]
    Normal,
    /// Soon.
    High,
    /// Now.
    Urgent,
}

/// Who closed a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClosedBy {
    /// The contact ended the chat.
    Contact,
    /// An operator resolved it.
    Operator(OperatorRef),
    /// A timer or a rule did.
    System,
}

/// The end of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// Who closed it.
    pub by: ClosedBy,
    /// When.
    pub at: Timestamp,
}

/// The last message as a queue row shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// Who wrote it.
    pub author: Author,
    /// Its beginning, on one line, at most 140 characters.
    pub text: String,
    /// When it was written.
    pub at: Timestamp,
}

/// The ticket of a conversation, as far as queues and counts need it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketLink {
    /// Which ticket.
    pub id: TicketId,
    /// Where it stands.
    pub status: TicketStatus,
    /// Who is responsible.
    pub assignee: Option<OperatorRef>,
}

/// One thread with a contact.
///
/// `version` rises with every commit on the conversation and is its optimistic lock; `public_version` is the last
/// version that changed anything the contact may see. `seq` numbers entries, dense from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// The customer.
    pub contact: ContactId,
    /// The assistant that this conversation belongs to, whether or not it is the one who answers.
    pub assistant: AssistantRef,
    /// The channel the contact writes on.
    pub channel: Channel,
    /// The contact's language tag, where known; texts are chosen by it.
    pub language: Option<String>,
    /// Who answers.
    pub assignee: Assignee,
    /// Where it stands.
    pub status: Status,
    /// When a human was asked for, while nobody came yet.
    pub takeover_requested_at: Option<Timestamp>,
    /// The department it was given to.
    pub department: Option<DepartmentId>,
    /// How urgent.
    pub priority: Priority,
    /// Exempt from timeouts.
    pub flagged: bool,
    /// Labels, in the order they were added.
    pub labels: Vec<String>,
    /// The last entry.
    pub seq: Seq,
    /// The last entry the contact may see.
    pub public_seq: Seq,
    /// How often it was written.
    pub version: Version,
    /// The last version that changed anything the contact may see.
    pub public_version: Version,
    /// The assistant's round.
    pub turn: TurnNumber,
    /// Whether the assistant owes an answer in this turn.
    pub answering: bool,
    /// Messages of all authors.
    pub messages: u64,
    /// Messages of the assistant.
    pub assistant_replies: u64,
    /// The highest entry any operator has read.
    pub team_read: Seq,
    /// The highest entry the contact has read.
    pub contact_read: Seq,
    /// Contact messages above `team_read`.
    pub unread_for_team: u64,
    /// Messages of others than the contact above `contact_read`.
    pub unread_for_contact: u64,
    /// The last message.
    pub last_message: Option<Preview>,
    /// When the contact last wrote.
    pub last_contact_message_at: Option<Timestamp>,
    /// What they wrote then, in short: it names a ticket that nobody named otherwise.
    pub last_contact_words: Option<String>,
    /// The contact was told, of the request that is pending, that nobody is there.
    #[serde(default)]
    pub auto_replied: bool,
    /// The ticket, if humans had to be asked.
    pub ticket: Option<TicketLink>,
    /// Operators who wrote here, in the order of their first message.
    pub participants: Vec<OperatorId>,
    /// Who closed it and when, while it is resolved.
    pub closed: Option<Closed>,
    /// Where its thread goes on, once merged.
    pub merged_into: Option<ConversationId>,
    /// When it began.
    pub created_at: Timestamp,
    /// When a message or a change of hands last happened; the queue sorts by it.
    pub last_activity_at: Timestamp,
}

impl Conversation {
    /// Whether it waits for a human: not resolved, and either nobody answers, or a human was asked for and no
    /// operator answers yet.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.status != Status::Resolved
            && match self.assignee {
                Assignee::Nobody => true,
                Assignee::Assistant => self.takeover_requested_at.is_some(),
                Assignee::Operator(_) => false,
            }
    }

    /// Whether nobody has it in hand: not resolved, and either an open ticket without a responsible operator, or
    /// nobody answers.
    #[must_use]
    pub fn is_unassigned(&self) -> bool {
        self.status != Status::Resolved
            && (matches!(self.assignee, Assignee::Nobody)
                || self.ticket.as_ref().is_some_and(|ticket| ticket.status == TicketStatus::Unassigned))
    }

    /// Whether this operator answers it, or is responsible for its open ticket.
    #[must_use]
    pub fn is_mine(&self, operator: OperatorId) -> bool {
        self.status != Status::Resolved && (self.assignee.is_operator(operator) || self.responsible() == Some(operator))
    }

    /// The operator who is responsible for the open ticket.
    #[must_use]
    pub fn responsible(&self) -> Option<OperatorId> {
        let ticket = self.ticket.as_ref().filter(|ticket| ticket.status == TicketStatus::Assigned)?;
        ticket.assignee.as_ref().map(|operator| operator.id)
    }
}
