//! Who takes part in a conversation, and through what.

use serde::{Deserialize, Serialize};

use crate::id::{AssistantId, ContactId, OperatorId};

/// An operator as entries and queue rows remember them: the id, and the display name of the time.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OperatorRef {
    /// Who.
    pub id: OperatorId,
    /// The display name when it was written.
    pub name: String,
}

/// An assistant as entries and queue rows remember it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AssistantRef {
    /// Which.
    pub id: AssistantId,
    /// Its name when it was written.
    pub name: String,
}

/// Who wrote an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Author {
    /// The customer.
    Contact {
        /// Which contact.
        id: ContactId,
    },
    /// The AI.
    Assistant(AssistantRef),
    /// A human of the team.
    Operator(OperatorRef),
    /// The helpdesk itself.
    System,
}

/// Who answers a conversation: always exactly one of these.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Assignee {
    /// The conversation's assistant.
    Assistant,
    /// Nobody: it waits for the team.
    Nobody,
    /// One operator; the assistant is idle.
    Operator(OperatorRef),
}

impl Assignee {
    /// The operator who answers, if one does.
    #[must_use]
    pub fn operator(&self) -> Option<&OperatorRef> {
        match self {
            Self::Operator(operator) => Some(operator),
            Self::Assistant | Self::Nobody => None,
        }
    }

    /// Whether this operator answers.
    #[must_use]
    pub fn is_operator(&self, id: OperatorId) -> bool {
        self.operator().is_some_and(|operator| operator.id == id)
    }
}

/// The name of a channel driver, such as `widget`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Channel(String);

impl Channel {
    /// The web widget, the channel that is always there.
    #[must_use]
    pub fn widget() -> Self {
        Self("widget".to_owned())
    }

    /// The channel of the driver with this name.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The driver's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
