//! What the queue's views and counts tell conversations apart by.

use helpdesk_core::model::{Assignee, Conversation, Status};
use uuid::Uuid;

/// The columns of a conversation that decide in which views it is; also the key of its count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Facets {
    pub(crate) status: i64,
    pub(crate) assignee: i64,
    pub(crate) operator: Option<Uuid>,
    pub(crate) responsible: Option<Uuid>,
    pub(crate) waiting: bool,
    pub(crate) unassigned: bool,
}

/// How a status is stored; the partial indexes name these numbers.
pub(crate) const fn status_code(status: Status) -> i64 {
    match status {
        Status::Open => 0,
        Status::Pending => 1,
        Status::Resolved => 2,
    }
}

/// How it is stored that the assistant answers.
pub(crate) const ASSISTANT: i64 = 0;
/// How it is stored that nobody answers.
pub(crate) const NOBODY: i64 = 1;
/// How it is stored that an operator answers.
pub(crate) const OPERATOR: i64 = 2;

impl Facets {
    /// Those of a conversation. To change what this answers is a migration of conversations and counts: what is stored was counted
    /// by it.
    pub(crate) fn of(conversation: &Conversation) -> Self {
        Self {
            status: status_code(conversation.status),
            assignee: match conversation.assignee {
                Assignee::Assistant => ASSISTANT,
                Assignee::Nobody => NOBODY,
                Assignee::Operator(_) => OPERATOR,
            },
            operator: conversation.assignee.operator().map(|operator| operator.id.as_uuid()),
            responsible: conversation.responsible().map(|operator| operator.as_uuid()),
            waiting: conversation.is_waiting(),
            unassigned: conversation.is_unassigned(),
        }
    }
}
