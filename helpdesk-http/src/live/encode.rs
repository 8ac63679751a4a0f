//! From what the engine tells to frames.

use std::io;

use helpdesk_core::bus::LiveActor;
use helpdesk_core::engine::{ConversationChange, LiveEvent, QueueChange as Change, WorkspaceHandle};
use helpdesk_core::model::Audience;

use super::encoded::Encoded;
use super::frame::{Actor, ActorKind, QueueChange, ServerFrame, Summary};
use super::peer::Peer;
use crate::cursor::Cursor as _;
use crate::dto::{ContactConversation, Entry, Operator, TeamConversation};

impl From<LiveActor> for Actor {
    fn from(actor: LiveActor) -> Self {
        match actor {
            LiveActor::Contact(contact) => Self { kind: ActorKind::Contact, id: contact.as_uuid() },
            LiveActor::Operator(operator) => Self { kind: ActorKind::Operator, id: operator.as_uuid() },
        }
    }
}

/// For whom an actor reads.
pub(crate) const fn audience(actor: LiveActor) -> Audience {
    match actor {
        LiveActor::Contact(_) => Audience::Contact,
        LiveActor::Operator(_) => Audience::Team,
    }
}

/// The frame that tells `audience` of an event on `topic`.
pub(crate) fn frame(workspace: &WorkspaceHandle, audience: Audience, topic: &str, event: LiveEvent) -> ServerFrame {
    match event {
        LiveEvent::Changed(change) => changed(audience, &change),
        LiveEvent::Queue { cursor, changes, counts } => ServerFrame::Queue {
            cursor: cursor.encode(),
            changes: changes.iter().map(|change| queue_change(workspace, change)).collect(),
            counts: Some(counts.into()),
        },
        LiveEvent::Typing { conversation, author, note } => {
            ServerFrame::Typing { conversation: conversation.as_uuid(), author: (&author).into(), note }
        }
        LiveEvent::Presence { actor, online, page } => ServerFrame::Presence { actor: actor.into(), online, page: page.map(Into::into) },
        LiveEvent::Delta { conversation, turn, offset, text } => {
            ServerFrame::AssistantDelta { conversation: conversation.as_uuid(), turn: turn.0, offset, text }
        }
        LiveEvent::Discard { conversation, turn } => ServerFrame::AssistantDiscard { conversation: conversation.as_uuid(), turn: turn.0 },
        LiveEvent::Notification { kind, conversation, at, text } => {
            ServerFrame::Notification { kind: kind.into(), conversation: conversation.as_uuid(), at, text }
        }
        LiveEvent::Resync => ServerFrame::Resync { topic: topic.to_owned() },
    }
}

/// What goes over the wire of an event: of a change that many are told, the same bytes for all of them.
pub(super) fn encoded(peer: &Peer, topic: &str, event: LiveEvent) -> io::Result<Encoded> {
    let audience = audience(peer.actor());
    match event {
        LiveEvent::Changed(change) => match encode_once(audience, &change) {
            [] => Err(io::ErrorKind::InvalidData.into()),
            _ => Ok(Encoded::Shared(change)),
        },
        event => Encoded::of(&frame(peer.workspace(), audience, topic, event)),
    }
}

/// The frame that tells `audience` of a change, as all of them are told; nothing if it cannot be written.
pub(super) fn encode_once(audience: Audience, change: &ConversationChange) -> &[u8] {
    change.encoded_once(|change| Encoded::bytes_of(&changed(audience, change)).unwrap_or_default())
}

fn changed(audience: Audience, change: &ConversationChange) -> ServerFrame {
    ServerFrame::Changed {
        conversation: change.summary.conversation.id.as_uuid(),
        prev: change.prev.0,
        version: change.version.0,
        entries: Entry::all(&change.entries, audience),
        summary: match audience {
            Audience::Team => Summary::Team(Box::new(TeamConversation::of(change.summary.clone()))),
            Audience::Contact => Summary::Contact(Box::new(ContactConversation::of(change.summary.clone()))),
        },
    }
}

fn queue_change(workspace: &WorkspaceHandle, change: &Change) -> QueueChange {
    match change {
        Change::Conversation(details) => QueueChange::Conversation { conversation: Box::new(TeamConversation::of((**details).clone())) },
        Change::Operator(operator) => {
            let online = workspace.is_online(LiveActor::Operator(operator.id));
            QueueChange::Operator { operator: Operator::of(operator, online) }
        }
        Change::Settings => QueueChange::Settings,
    }
}
