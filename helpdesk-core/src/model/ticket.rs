//! The ticket: the numbered case that a conversation becomes when humans must deal with it.

use serde::{Deserialize, Serialize};

use super::{AssistantRef, Channel, OperatorRef, Priority};
use crate::clock::Timestamp;
use crate::id::{ContactId, ConversationId, DepartmentId, TicketId, TicketNumber, Version};

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketStatus {
    /// Nobody is responsible yet.
    Unassigned,
    /// An operator is responsible.
    Assigned,
    /// Dealt with.
    Resolved,
    /// Put away.
    Archived,
}

impl TicketStatus {
    /// Whether somebody must still deal with it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Unassigned | Self::Assigned)
    }
}

/// A numbered case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its id, by which everything inside names it.
    pub id: TicketId,
    /// Its number, by which people name it; zero until the commit that opens it drew one.
    pub number: TicketNumber,
    /// How often it was written.
    pub version: Version,
    /// What it is about, one line.
    pub subject: String,
    /// Why the assistant escalated, if it did.
    pub reason: Option<String>,
    /// The customer.
    pub requester: ContactId,
    /// The conversation that it came from.
    pub conversation: ConversationId,
    /// Whether another conversation was linked to it since.
    #[serde(default)]
    pub shared: bool,
    /// The assistant that it came from.
    pub assistant: Option<AssistantRef>,
    /// The channel that it came from.
    pub channel: Channel,
    /// Where it stands.
    pub status: TicketStatus,
    /// How urgent.
    pub priority: Priority,
    /// Who is responsible.
    pub assignee: Option<OperatorRef>,
    /// The department it was given to.
    pub department: Option<DepartmentId>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}
