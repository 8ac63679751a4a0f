//! Jobs: work that must be done though the request that caused it is over.
//!
//! Jobs wait in lanes. Of a lane one job is leased at a time, the oldest first, and a retry keeps its place.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::id::{ContactId, ConversationId, JobId, LeaseToken, TicketId, TurnNumber, WorkspaceId};

/// A queue of jobs that must not run side by side.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lane(String);

impl Lane {
    /// The answers of an assistant in a conversation.
    #[must_use]
    pub fn turn(conversation: ConversationId) -> Self {
        Self(format!("turn:{conversation}"))
    }

    /// The confirmations of human requests in a conversation. A lane of its own, because a superseded turn
    /// cancels its lane and a confirmation must survive that.
    #[must_use]
    pub fn confirm(conversation: ConversationId) -> Self {
        Self(format!("confirm:{conversation}"))
    }

    /// What a ticket's conversations remember of it.
    #[must_use]
    pub fn relink(ticket: TicketId) -> Self {
        Self(format!("relink:{ticket}"))
    }

    /// A lane by its stored name.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as stores keep it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is to be done. Holds ids, never text. Stores keep it as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Work {
    /// The assistant answers.
    Answer {
        /// Where.
        conversation: ConversationId,
        /// The turn that the answer belongs to.
        turn: TurnNumber,
    },
    /// The assistant confirms that a human was asked for.
    Confirm {
        /// Where.
        conversation: ConversationId,
        /// Which request: its time.
        requested_at: Timestamp,
    },
    /// The conversations that share a ticket learn how it stands.
    Relink {
        /// Which ticket.
        ticket: TicketId,
        /// Whose conversations.
        contact: ContactId,
    },
}

/// A job to be put in a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    /// Its id.
    pub id: JobId,
    /// Its lane.
    pub lane: Lane,
    /// What is to be done.
    pub work: Work,
    /// How long it waits at least, on the store's clock.
    pub delay: Duration,
}

/// Proof of a lease, shown when the result is committed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fence {
    /// The lane.
    pub lane: Lane,
    /// The job.
    pub job: JobId,
    /// The token of the lease.
    pub token: LeaseToken,
}

/// A job that was leased to this worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leased {
    /// The tenant.
    pub workspace: WorkspaceId,
    /// What to show when it is done.
    pub fence: Fence,
    /// What is to be done.
    pub work: Work,
    /// Which attempt this is, from 1. A lease that ran out counts as one.
    pub attempt: u32,
    /// When the job was pushed, on the store's clock.
    pub pushed_at: Timestamp,
}
