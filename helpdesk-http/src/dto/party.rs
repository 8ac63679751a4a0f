//! Who takes part.

use helpdesk_core::model;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Somebody or something with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Named {
    /// Its id.
    pub(crate) id: Uuid,
    /// Its name.
    pub(crate) name: String,
}

impl From<model::AssistantRef> for Named {
    fn from(assistant: model::AssistantRef) -> Self {
        Self { id: assistant.id.as_uuid(), name: assistant.name }
    }
}

/// The kinds of authors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AuthorKind {
    Contact,
    Assistant,
    Operator,
    System,
}

/// Who wrote or did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Author {
    /// What they are.
    #[serde(rename = "type")]
    pub(crate) kind: AuthorKind,
    /// Their id; the system has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<Uuid>,
    /// The name of the time. A contact's is that of the conversation's contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
}

impl Author {
    /// The helpdesk itself.
    pub(crate) const SYSTEM: Self = Self { kind: AuthorKind::System, id: None, name: None };

    /// The customer.
    pub(crate) const CONTACT: Self = Self { kind: AuthorKind::Contact, id: None, name: None };
}

impl From<&model::OperatorRef> for Author {
    fn from(operator: &model::OperatorRef) -> Self {
        Self { kind: AuthorKind::Operator, id: Some(operator.id.as_uuid()), name: Some(operator.name.clone()) }
    }
}

impl From<model::Author> for Author {
    fn from(author: model::Author) -> Self {
        match author {
            model::Author::Contact { id } => Self { id: Some(id.as_uuid()), ..Self::CONTACT },
            model::Author::Assistant(assistant) => {
                Self { kind: AuthorKind::Assistant, id: Some(assistant.id.as_uuid()), name: Some(assistant.name) }
            }
            model::Author::Operator(operator) => {
                Self { kind: AuthorKind::Operator, id: Some(operator.id.as_uuid()), name: Some(operator.name) }
            }
            model::Author::System => Self::SYSTEM,
        }
    }
}

impl From<&model::Author> for Author {
    fn from(author: &model::Author) -> Self {
        author.clone().into()
    }
}

/// The kinds of assignees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AssigneeKind {
    Assistant,
    Nobody,
    Operator,
}

/// Who answers a conversation, or is responsible for a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Assignee {
    /// What they are.
    #[serde(rename = "type")]
    pub(crate) kind: AssigneeKind,
    /// Their id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<Uuid>,
    /// Their name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
}

impl Assignee {
    const NOBODY: Self = Self { kind: AssigneeKind::Nobody, id: None, name: None };

    /// A conversation's assignee; the assistant gets the conversation's name for it.
    pub(crate) fn of(conversation: &model::Conversation) -> Self {
        let mut assignee = Self::from(&conversation.assignee);
        if assignee.kind == AssigneeKind::Assistant {
            assignee.id = Some(conversation.assistant.id.as_uuid());
            assignee.name = Some(conversation.assistant.name.clone());
        }
        assignee
    }
}

impl From<&model::Assignee> for Assignee {
    fn from(assignee: &model::Assignee) -> Self {
        match assignee {
            model::Assignee::Assistant => Self { kind: AssigneeKind::Assistant, id: None, name: None },
            model::Assignee::Nobody => Self::NOBODY,
            model::Assignee::Operator(operator) => Some(operator).into(),
        }
    }
}

impl From<Option<&model::OperatorRef>> for Assignee {
    fn from(operator: Option<&model::OperatorRef>) -> Self {
        operator.map_or(Self::NOBODY, |operator| Self {
            kind: AssigneeKind::Operator,
            id: Some(operator.id.as_uuid()),
            name: Some(operator.name.clone()),
        })
    }
}
