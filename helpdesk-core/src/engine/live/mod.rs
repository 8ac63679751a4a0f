//! Live streams: first what was missed, then what happens, with no hole between.
//!
//! A stream listens, then reads, then goes live. What it hears are hints; what it tells comes from the store. A
//! conversation is heard and read once for all of this node who look on ([`follower`]).

mod conversation;
mod follower;
mod followers;
mod heartbeat;
mod meeting;
mod news;
mod outlet;
mod queue;
mod reader;
mod seat;
mod seats;
mod standing;
mod steps;

use std::sync::Arc;

use futures_util::stream::BoxStream;

pub(super) use followers::Followers;
pub(super) use heartbeat::Watched;
pub use outlet::Outlet;
pub(super) use steps::AllSteps;

use super::readings::ConversationChange;
use super::{Details, WorkspaceHandle};
use crate::bus::{LiveActor, NotificationKind, Signal};
use crate::clock::Timestamp;
use crate::error::{Error, Refusal};
use crate::id::{ConversationId, OperatorId, TurnNumber, Version};
use crate::model::{Audience, Author, Conversation, Operator, PageView};
use crate::store::{ChangeCursor, ViewCounts};

/// Changes read at once.
const CHANGES: u32 = 500;

/// What to listen to, and from where on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveTopic {
    /// A conversation, from behind this version; none: only what is new.
    Conversation {
        /// Which.
        conversation: ConversationId,
        /// The last version known; a contact's is a public version.
        after: Option<Version>,
    },
    /// The workspace's queue, from behind this cursor; none: only what is new. Operators only.
    Queue {
        /// The last change known.
        after: Option<ChangeCursor>,
    },
}

/// A thing of the queue that changed.
#[derive(Clone, Debug, PartialEq)]
pub enum QueueChange {
    /// A conversation, as it is now.
    Conversation(Box<Details>),
    /// An operator, as they are now.
    Operator(Operator),
    /// The settings; read them.
    Settings,
}

/// What a listener is told.
#[derive(Clone, Debug, PartialEq)]
pub enum LiveEvent {
    /// A conversation changed. Versions are public versions for a contact.
    Changed(Arc<ConversationChange>),
    /// The queue changed.
    Queue {
        /// Everything up to here is known with this.
        cursor: ChangeCursor,
        /// What changed; shared by those who are told the same.
        changes: Arc<[QueueChange]>,
        /// The counts of the views for this operator.
        counts: ViewCounts,
    },
    /// Somebody is writing.
    Typing {
        /// Where.
        conversation: ConversationId,
        /// Who.
        author: Author,
        /// A note.
        note: bool,
    },
    /// Somebody came or went.
    Presence {
        /// Who.
        actor: LiveActor,
        /// Came.
        online: bool,
        /// The page being viewed.
        page: Option<PageView>,
    },
    /// More of the assistant's answer.
    Delta {
        /// Where.
        conversation: ConversationId,
        /// In which turn.
        turn: TurnNumber,
        /// Characters before this text.
        offset: u64,
        /// The text.
        text: String,
    },
    /// The assistant's answer will not be finished.
    Discard {
        /// Where.
        conversation: ConversationId,
        /// In which turn.
        turn: TurnNumber,
    },
    /// Something the team should know at once.
    Notification {
        /// What of.
        kind: NotificationKind,
        /// Where.
        conversation: ConversationId,
        /// When.
        at: Timestamp,
        /// A preview.
        text: Option<String>,
    },
    /// The cursor is worth nothing any more: load afresh and listen from there.
    Resync,
}

/// Events until it is dropped, or until the first error, after which it ends: resume from the last cursor.
pub type LiveStream = BoxStream<'static, Result<LiveEvent, Error>>;

impl WorkspaceHandle {
    /// Listens as a contact or an operator.
    ///
    /// A conversation's stream begins with at least one [`LiveEvent::Changed`], a queue's with one [`LiveEvent::Queue`],
    /// even if nothing was missed.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for what this actor may not see.
    pub async fn subscribe(&self, actor: LiveActor, topic: LiveTopic) -> Result<LiveStream, Error> {
        self.listen(actor, topic, None).await
    }

    /// Listens as [`subscribe`](Self::subscribe) does. While the stream waits, the changes of a conversation that this outlet
    /// takes do not come out of it: they are told, and the stream goes on from behind them. What the outlet refuses comes out,
    /// and so does whatever else happens.
    ///
    /// # Errors
    /// Those of [`subscribe`](Self::subscribe).
    pub async fn subscribe_with_outlet(&self, actor: LiveActor, topic: LiveTopic, outlet: Arc<dyn Outlet>) -> Result<LiveStream, Error> {
        self.listen(actor, topic, Some(outlet)).await
    }

    async fn listen(&self, actor: LiveActor, topic: LiveTopic, outlet: Option<Arc<dyn Outlet>>) -> Result<LiveStream, Error> {
        match (actor, topic) {
            (LiveActor::Contact(contact), LiveTopic::Conversation { conversation, after }) => {
                self.contact(contact).own(conversation).await?;
                self.watch_conversation(Audience::Contact, conversation, after, outlet).await
            }
            (LiveActor::Operator(operator), LiveTopic::Conversation { conversation, after }) => {
                self.active_operator(operator).await?;
                self.watch_conversation(Audience::Team, conversation, after, outlet).await
            }
            (LiveActor::Operator(operator), LiveTopic::Queue { after }) => {
                self.active_operator(operator).await?;
                self.watch_queue(operator, after).await
            }
            (LiveActor::Contact(_), LiveTopic::Queue { .. }) => Err(Refusal::NotFound.into()),
        }
    }

    async fn active_operator(&self, id: OperatorId) -> Result<Operator, Error> {
        let operator = self.find_operator(id).await?;
        if operator.disabled { Err(Refusal::Forbidden("this operator is disabled").into()) } else { Ok(operator) }
    }
}

const fn visible_version(conversation: &Conversation, audience: Audience) -> Version {
    match audience {
        Audience::Contact => conversation.public_version,
        Audience::Team => conversation.version,
    }
}

/// What is told as it comes, because it is not kept.
fn passing(signal: &Signal, audience: Audience) -> Option<LiveEvent> {
    match signal.clone() {
        Signal::Typing { note: true, .. } if audience == Audience::Contact => None,
        // A contact knows that they are writing.
        Signal::Typing { author: Author::Contact { .. }, .. } if audience == Audience::Contact => None,
        Signal::Typing { conversation, author, note } => Some(LiveEvent::Typing { conversation, author, note }),
        Signal::Discard { conversation, turn, .. } => Some(LiveEvent::Discard { conversation, turn }),
        Signal::Presence { actor, online, page } if audience == Audience::Team => Some(LiveEvent::Presence { actor, online, page }),
        Signal::Notification { kind, conversation, at, text } if audience == Audience::Team => {
            Some(LiveEvent::Notification { kind, conversation, at, text })
        }
        Signal::Presence { .. } | Signal::Notification { .. } | Signal::Changed { .. } | Signal::Advanced { .. } => None,
        // Drafts are put together by the stream; nodes talk about presence among themselves.
        Signal::Delta { .. } | Signal::DraftWanted { .. } => None,
        Signal::Arrived { .. } | Signal::Left { .. } | Signal::Roll { .. } | Signal::RollWanted { .. } => None,
    }
}
