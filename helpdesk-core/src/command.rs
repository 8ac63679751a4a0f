//! Commands: what the people and the parts around a conversation can do to it.

use crate::ai::{Answer, Escalation};
use crate::clock::Timestamp;
use crate::id::{ContactId, OperatorId, Seq, TurnNumber};
use crate::model::{Channel, MessageText, Operator, Status};

/// Who gives a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Actor {
    /// The contact.
    Contact(ContactId),
    /// An operator, as their record stood when they were let in.
    Operator(Operator),
    /// The conversation's assistant.
    Assistant,
    /// The helpdesk itself.
    System,
}

/// To whom a conversation is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssignTarget {
    /// To the assistant: the hand-back.
    Assistant,
    /// To nobody: it waits for the team.
    Nobody,
    /// To this operator.
    Operator(OperatorId),
}

/// Something to be done to a conversation.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// The contact begins a conversation; the snapshot has none.
    Start {
        /// The first message.
        text: MessageText,
        /// Where it came in.
        channel: Channel,
    },
    /// The contact writes.
    ContactMessage {
        /// The message.
        text: MessageText,
    },
    /// The contact asks for a human.
    RequestHuman,
    /// The contact ends the chat.
    End,
    /// An operator writes to the contact.
    Reply {
        /// The message.
        text: MessageText,
    },
    /// An operator writes to the team.
    Note {
        /// The note.
        text: MessageText,
    },
    /// An operator takes over.
    Claim,
    /// An operator gives it to somebody.
    Assign(AssignTarget),
    /// An operator resolves or reopens it.
    SetStatus(Status),
    /// An operator exempts it from timeouts, or no longer.
    SetFlag(bool),
    /// The contact or an operator has read up to here.
    Read(Seq),
    /// The conversation learns how its ticket stands, which another conversation changed.
    Relink,
    /// The assistant answered.
    Answer {
        /// The turn it was asked in.
        turn: TurnNumber,
        /// What it said.
        answer: Answer,
    },
    /// The assistant confirmed a human request.
    Confirm {
        /// Which request.
        requested_at: Timestamp,
        /// What it said.
        text: MessageText,
    },
    /// The assistant failed for good: the contact is told, and a human asked for.
    AnswerFailed {
        /// The turn it was asked in.
        turn: TurnNumber,
        /// What the team should know.
        reason: String,
    },
}

/// Shorthand for escalations that come with no answer.
impl From<Escalation> for Answer {
    fn from(escalation: Escalation) -> Self {
        Self { escalation: Some(escalation), ..Self::default() }
    }
}
