//! Entries: what happened in a conversation, in one order.

use serde::{Deserialize, Serialize};

use super::{Assignee, Author, Channel, OperatorRef, Status};
use crate::clock::Timestamp;
use crate::id::{OperatorId, Seq, TicketId, Version};

/// For whom something is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Audience {
    /// The customer: no notes, only the activities meant for them.
    Contact,
    /// The team: everything.
    Team,
}

/// One thing that happened in a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place; never changes.
    pub seq: Seq,
    /// The conversation's version that last changed it.
    pub rev: Version,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub author: Author,
    /// The channel it went over.
    pub channel: Channel,
    /// What it is.
    pub body: Body,
}

impl Entry {
    /// Whether this audience may see it.
    #[must_use]
    pub fn is_visible_to(&self, audience: Audience) -> bool {
        audience == Audience::Team
            || match &self.body {
                Body::Message(_) | Body::Erased => true,
                Body::Note(_) => false,
                Body::Activity(activity) => activity.kind.is_public(),
            }
    }
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Body {
    /// Said by one side to the other.
    Message(Message),
    /// Said within the team; no contact sees it by any path.
    Note(Note),
    /// Something that happened.
    Activity(Activity),
    /// Was removed by law or by request. The place stays.
    Erased,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The text: plain, or the small Markdown that both pages draw as nodes.
    pub text: String,
    /// How far it got.
    pub delivery: Delivery,
    /// The help articles that an answer rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub citations: Vec<Citation>,
}

/// A help article that an answer rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// The article's title.
    pub title: String,
    /// Where it can be read.
    pub url: Option<String>,
}

/// How far a message got. It only rises, but `failed` comes only from `queued` or `sent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Waits to be sent.
    Queued,
    /// Left the house.
    Sent,
    /// Reached the other side.
    Delivered,
    /// Was read.
    Read,
    /// Could not be sent.
    Failed,
}

/// An internal note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The text.
    pub text: String,
    /// The operators it names.
    pub mentions: Vec<OperatorId>,
}

/// The kinds of things that happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivityKind {
    /// The assignee was set.
    Assigned,
    /// An operator took over.
    Claimed,
    /// A human was asked for.
    TakeoverRequested,
    /// The assistant answers again.
    HandedBack,
    /// Closed or reopened.
    StatusChanged,
    /// A ticket was opened or joined.
    Escalated,
    /// Joined with another conversation.
    Merged,
}

impl ActivityKind {
    /// Whether contacts see activities of this kind.
    #[must_use]
    pub const fn is_public(self) -> bool {
        match self {
            Self::TakeoverRequested | Self::Claimed | Self::HandedBack | Self::StatusChanged => true,
            Self::Assigned | Self::Escalated | Self::Merged => false,
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// What.
    pub kind: ActivityKind,
    /// The text of a divider: the transition message of a human request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The operator concerned: who claimed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<OperatorRef>,
    /// The new assignee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Assignee>,
    /// The new status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Why an assistant escalated; team only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The ticket concerned; team only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<TicketId>,
}

impl Activity {
    /// An activity of this kind with nothing more to say.
    #[must_use]
    pub const fn new(kind: ActivityKind) -> Self {
        Self { kind, text: None, operator: None, assignee: None, status: None, reason: None, ticket: None }
    }
}
