//! What of the wire's shapes a history keeps: all that the checker judges by, and no more.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A contact, an operator, the assistant, the helpdesk itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AuthorKind {
    Contact,
    Assistant,
    Operator,
    System,
}

/// Who did something. Names are left out: they belong to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Author {
    /// What they are.
    #[serde(rename = "type")]
    pub(crate) kind: AuthorKind,
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<Uuid>,
}

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Assignee {
    /// The assistant.
    Assistant,
    /// Nobody.
    Nobody,
    /// An operator.
    Operator {
        /// Who.
        id: Uuid,
    },
}

impl Assignee {
    /// The operator who answers.
    pub(crate) fn operator(self) -> Option<Uuid> {
        match self {
            Self::Operator { id } => Some(id),
            Self::Assistant | Self::Nobody => None,
        }
    }
}

/// Where a conversation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Open,
    Pending,
    Resolved,
}

/// One thing in a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Its place.
    pub(crate) seq: u64,
    /// The version that changed it last.
    pub(crate) rev: u64,
    /// Whose it is.
    pub(crate) author: Author,
    /// What it is.
    pub(crate) body: Body,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Body {
    /// For both sides.
    Message {
        /// The text.
        text: String,
    },
    /// For the team.
    Note {
        /// The text.
        text: String,
    },
    /// Something that happened.
    Activity(Activity),
    /// Gone.
    Erased,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Activity {
    /// What.
    pub(crate) kind: ActivityKind,
    /// The operator concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) actor: Option<Author>,
    /// The new assignee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) assignee: Option<Assignee>,
    /// The new status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<Status>,
}

/// The kinds of what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ActivityKind {
    Assigned,
    Claimed,
    TakeoverRequested,
    HandedBack,
    StatusChanged,
    Escalated,
    Merged,
}

impl Entry {
    /// Whether the contact may see it, as the protocol says.
    pub(crate) fn is_for_contact(&self) -> bool {
        match &self.body {
            Body::Message { .. } | Body::Erased => true,
            Body::Note { .. } => false,
            Body::Activity(activity) => matches!(
                activity.kind,
                ActivityKind::TakeoverRequested | ActivityKind::Claimed | ActivityKind::HandedBack | ActivityKind::StatusChanged
            ),
        }
    }

    /// Whether it is a message of this kind of author.
    pub(crate) fn is_message_of(&self, kind: AuthorKind) -> bool {
        self.author.kind == kind && matches!(self.body, Body::Message { .. })
    }

    /// Whether the helpdesk itself asks for a human here: the assistant failed.
    pub(crate) fn is_failure(&self) -> bool {
        let requested = matches!(&self.body, Body::Activity(activity) if activity.kind == ActivityKind::TakeoverRequested);
        requested && self.author.kind == AuthorKind::System
    }

    /// The text of a message or a note.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.body {
            Body::Message { text } | Body::Note { text } => Some(text),
            Body::Activity(_) | Body::Erased => None,
        }
    }
}

/// Which side looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Audience {
    Team,
    Contact,
}

/// A conversation as somebody was shown it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Summary {
    /// In whose shape.
    pub(crate) audience: Audience,
    /// Which.
    #[serde(rename = "id")]
    pub(crate) conversation: Uuid,
    /// The version; a contact's is the last that changed anything they may see.
    pub(crate) version: u64,
    /// The last entry; a contact's is the last they may see.
    pub(crate) seq: u64,
    /// The turn.
    pub(crate) turn: u64,
    /// Where it stands.
    pub(crate) status: Status,
    /// Who answers.
    pub(crate) assignee: Assignee,
    /// Whether the assistant owes an answer.
    pub(crate) answering: bool,
    /// How much this side has not read.
    pub(crate) unread: u64,
}

/// What the wire says, without the audience.
#[derive(Deserialize)]
struct Shape {
    id: Uuid,
    version: u64,
    seq: u64,
    turn: u64,
    status: Status,
    assignee: Assignee,
    answering: bool,
    unread: u64,
}

impl Summary {
    /// Reads a conversation of the wire.
    pub(crate) fn read(audience: Audience, conversation: &serde_json::Value) -> Result<Self, serde_json::Error> {
        let Shape { id, version, seq, turn, status, assignee, answering, unread } = Shape::deserialize(conversation)?;
        Ok(Self { audience, conversation: id, version, seq, turn, status, assignee, answering, unread })
    }
}
