//! Who gives a command, and whether they may give it at all.

use std::sync::Arc;

use crate::command::{Actor, Command};
use crate::error::Refusal;
use crate::model::{Assistant, AssistantRef, Author, Conversation, OperatorRef, RecordBody, Settings};
use crate::store::Snapshot;

/// The actor as the author of what it does, once it is clear that it may touch this conversation.
///
/// A contact is told of a foreign conversation what it is told of an absent one. While the helpdesk is off nothing is
/// written by anybody; that operators read what was said before is all that goes on, and leaves no trace.
pub(super) fn giver(snapshot: &Snapshot, settings: &Settings, actor: &Actor, command: &Command) -> Result<Author, Refusal> {
    if settings.helpdesk {
        return author(snapshot, actor);
    }
    match (actor, command) {
        (Actor::Operator(_), Command::Read(_)) => author(snapshot, actor),
        // Who is no operator any more is told that first.
        (Actor::Operator(_), _) => author(snapshot, actor).and(Err(Refusal::HelpdeskOff)),
        _ => Err(Refusal::HelpdeskOff),
    }
}

fn author(snapshot: &Snapshot, actor: &Actor) -> Result<Author, Refusal> {
    match actor {
        Actor::Contact(id) => {
            let owner = snapshot.conversation.as_ref().map(|conversation| conversation.contact);
            let owner = owner.or_else(|| snapshot.contact.as_ref().map(|contact| contact.id));
            if owner == Some(*id) { Ok(Author::Contact { id: *id }) } else { Err(Refusal::NotFound) }
        }
        Actor::Operator(known) => {
            // The record may have changed since they were let in.
            let operator = snapshot.operator(known.id).unwrap_or(known);
            if operator.disabled {
                return Err(Refusal::Forbidden("this operator is disabled"));
            }
            Ok(Author::Operator(operator.reference()))
        }
        Actor::Assistant => {
            let conversation = snapshot.conversation.as_ref().ok_or(Refusal::NotFound)?;
            let record = snapshot.assistant(conversation.assistant.id);
            Ok(Author::Assistant(record.map_or_else(|| conversation.assistant.clone(), Assistant::reference)))
        }
        Actor::System => Ok(Author::System),
    }
}

/// The conversation of the snapshot, unless its thread goes on elsewhere.
pub(super) fn writable<'a>(snapshot: &'a Snapshot, command: &Command) -> Result<&'a Arc<Conversation>, Refusal> {
    let conversation = snapshot.conversation.as_ref().ok_or(Refusal::NotFound)?;
    match (conversation.merged_into, command) {
        (None, _) => Ok(conversation),
        (Some(_), Command::Answer { .. } | Command::Confirm { .. } | Command::AnswerFailed { .. }) => Err(Refusal::TurnOver),
        (Some(_), _) => Err(Refusal::ConversationResolved),
    }
}

/// The one assistant that the snapshot of a [`Command::Start`] brings.
pub(super) fn only_assistant(snapshot: &Snapshot) -> Result<&Assistant, Refusal> {
    let mut assistants = snapshot.records.iter().filter_map(|record| match &record.body {
        RecordBody::Assistant(assistant) => Some(&**assistant),
        _ => None,
    });
    assistants.next().ok_or(Refusal::NotFound)
}

pub(super) fn contact(by: &Author) -> Result<&Author, Refusal> {
    match by {
        Author::Contact { .. } => Ok(by),
        _ => Err(Refusal::Forbidden("only the contact may do this")),
    }
}

pub(super) fn operator(by: &Author) -> Result<&OperatorRef, Refusal> {
    match by {
        Author::Operator(operator) => Ok(operator),
        _ => Err(Refusal::Forbidden("only operators may do this")),
    }
}

pub(super) fn assistant(by: &Author) -> Result<&AssistantRef, Refusal> {
    match by {
        Author::Assistant(assistant) => Ok(assistant),
        _ => Err(Refusal::Forbidden("only the assistant may do this")),
    }
}

pub(super) fn operator_or_system(by: &Author) -> Result<&Author, Refusal> {
    match by {
        Author::Operator(_) | Author::System => Ok(by),
        _ => Err(Refusal::Forbidden("only operators may do this")),
    }
}

pub(super) fn system(by: &Author) -> Result<(), Refusal> {
    match by {
        Author::System => Ok(()),
        _ => Err(Refusal::Forbidden("only the helpdesk itself does this")),
    }
}

pub(super) fn assistant_or_system(by: &Author) -> Result<&Author, Refusal> {
    match by {
        Author::Assistant(_) | Author::System => Ok(by),
        _ => Err(Refusal::Forbidden("only the assistant may do this")),
    }
}
