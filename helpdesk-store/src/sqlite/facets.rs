//! What the queue's views and counts tell conversations apart by.

use helpdesk_core::model::{Assignee, Conversation, Status};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::fault::Fault;

/// The columns of a conversation that decide in which views it is; also the key of its count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Facets {
    pub(super) status: i64,
    pub(super) assignee: i64,
    pub(super) operator: Option<Uuid>,
    pub(super) responsible: Option<Uuid>,
    pub(super) waiting: bool,
    pub(super) unassigned: bool,
}

/// How a status is stored; the partial indexes name these numbers.
pub(super) const fn status_code(status: Status) -> i64 {
    match status {
        Status::Open => 0,
        Status::Pending => 1,
        Status::Resolved => 2,
    }
}

/// How it is stored that the assistant answers.
pub(super) const ASSISTANT: i64 = 0;
/// How it is stored that nobody answers.
pub(super) const NOBODY: i64 = 1;
/// How it is stored that an operator answers.
pub(super) const OPERATOR: i64 = 2;

impl Facets {
    /// Those of a conversation.
    pub(super) fn of(conversation: &Conversation) -> Self {
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

    /// Those of a row that holds [`Self::COLUMNS`] from `first` on.
    pub(super) fn read(row: &SqliteRow, first: usize) -> Result<Self, Fault> {
        Ok(Self {
            status: row.try_get(first)?,
            assignee: row.try_get(first + 1)?,
            operator: row.try_get(first + 2)?,
            responsible: row.try_get(first + 3)?,
            waiting: row.try_get(first + 4)?,
            unassigned: row.try_get(first + 5)?,
        })
    }
}
