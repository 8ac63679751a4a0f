//! What a command needs to see.

use crate::command::{AssignTarget, Command};
use crate::id::{AssistantId, ContactId, ConversationId};
use crate::model::{AfterResolve, Conversation, RecordKey, RecordKind, Status};
use crate::store::{Snapshot, UniqueKey, Want};

/// What is known of where a command goes, before anything is read.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// A conversation that this contact begins with this assistant.
    New {
        /// The contact.
        contact: ContactId,
        /// The assistant.
        assistant: AssistantId,
    },
    /// A conversation of which only the id is known.
    Id(ConversationId),
    /// A conversation that was read before, however long ago.
    Known(&'a Conversation),
}

/// The name of the place that this conversation wants to hold while it is open.
pub(super) fn slot(conversation: &Conversation) -> UniqueKey {
    UniqueKey::open_conversation(conversation.contact, conversation.assistant.id)
}

/// What to ask the store for, so that [`decide`](super::decide()) can decide the command.
///
/// Nearly always it suffices. The name of the conversation's place among the open ones is made of its contact and
/// assistant; where only the id is known, and the command closes or reopens, [`missing`] asks for it.
#[must_use]
pub fn wanted(command: &Command, place: Place<'_>) -> Want {
    let mut want = match place {
        Place::New { contact, assistant } => Want {
            contact: Some(contact),
            records: vec![RecordKey::new(RecordKind::Assistant, assistant.as_uuid())],
            keys: vec![UniqueKey::open_conversation(contact, assistant)],
            ..Want::default()
        },
        Place::Id(id) => Want { conversation: Some(id), ..Want::default() },
        Place::Known(conversation) => Want {
            conversation: Some(conversation.id),
            keys: if moves_slot(command, conversation) { vec![slot(conversation)] } else { Vec::new() },
            ..Want::default()
        },
    };
    match command {
        Command::Assign(AssignTarget::Operator(id)) => want.records.push(RecordKey::new(RecordKind::Operator, id.as_uuid())),
        Command::Read(seq) => want.count_after = Some(*seq),
        _ => {}
    }
    want
}

/// What to ask for instead of `want`, where what it brought shows that the command needs more. None: decide.
#[must_use]
pub fn missing(command: &Command, want: &Want, snapshot: &Snapshot) -> Option<Want> {
    let conversation = snapshot.conversation.as_ref().filter(|conversation| moves_slot(command, conversation))?;
    let refused =
        matches!(command, Command::ContactMessage { .. }) && snapshot.settings().contact_message_after_resolve == AfterResolve::New;
    let slot = slot(conversation);
    if refused || want.keys.contains(&slot) {
        return None;
    }
    let mut more = want.clone();
    more.keys.push(slot);
    Some(more)
}

/// Whether the command opens or closes the conversation as it stands.
fn moves_slot(command: &Command, conversation: &Conversation) -> bool {
    let resolved = conversation.status == Status::Resolved;
    match command {
        Command::End => !resolved,
        Command::SetStatus(status) => resolved != (*status == Status::Resolved),
        Command::Reply { .. } | Command::ContactMessage { .. } => resolved,
        _ => false,
    }
}
