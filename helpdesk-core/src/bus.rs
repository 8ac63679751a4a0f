//! The bus: hints between the parts of a node, and between nodes.
//!
//! A bus may lose, repeat or reorder signals without harm: the truth is in the store, and who listens reads it again.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::id::{ChangeNumber, ContactId, ConversationId, NodeId, OperatorId, TurnNumber, Version, WorkspaceId};
use crate::model::{Author, PageView};
use crate::store::Key;

/// What one can listen to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Topic {
    /// One conversation.
    Conversation {
        /// The tenant.
        workspace: WorkspaceId,
        /// Which.
        conversation: ConversationId,
    },
    /// All that the team of a workspace should see.
    Queue {
        /// The tenant.
        workspace: WorkspaceId,
    },
    /// Who is connected to which node. Nodes talk to each other here, nobody else listens.
    Presence {
        /// The tenant.
        workspace: WorkspaceId,
    },
}

impl Topic {
    /// The tenant.
    #[must_use]
    pub const fn workspace(&self) -> WorkspaceId {
        match self {
            Self::Conversation { workspace, .. } | Self::Queue { workspace } | Self::Presence { workspace } => *workspace,
        }
    }
}

/// One end of a live connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
pub enum LiveActor {
    /// A contact.
    Contact(ContactId),
    /// An operator.
    Operator(OperatorId),
}

/// What the team is told of at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// A contact began a conversation.
    ConversationCreated,
    /// A human was asked for.
    TakeoverRequested,
    /// A contact wrote where no assistant answers.
    Message,
}

/// A hint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Signal {
    /// A conversation changed; read it.
    Changed {
        /// Which.
        conversation: ConversationId,
        /// Its version now, if known.
        version: Version,
    },
    /// The workspace's changes go at least up to here; read them.
    Advanced {
        /// The last change known.
        change: ChangeNumber,
        /// What changed, if known.
        key: Option<Key>,
    },
    /// Somebody is writing. Shown for 5 seconds.
    Typing {
        /// Where.
        conversation: ConversationId,
        /// Who.
        author: Author,
        /// A note: stays within the team.
        note: bool,
    },
    /// More of an answer.
    Delta {
        /// Where.
        conversation: ConversationId,
        /// In which turn.
        turn: TurnNumber,
        /// Which draft of the turn: a later attempt, and a later answer, has a higher number and begins anew.
        attempt: u32,
        /// Characters before this text.
        offset: u64,
        /// The text.
        text: String,
    },
    /// Somebody missed a part of an answer: whoever writes it tells the text so far, as a delta from offset 0.
    DraftWanted {
        /// Where.
        conversation: ConversationId,
    },
    /// An answer will not be finished.
    Discard {
        /// Where.
        conversation: ConversationId,
        /// In which turn.
        turn: TurnNumber,
        /// Which attempt failed; none: the turn is over, whoever writes on it may stop.
        attempt: Option<u32>,
    },
    /// Somebody came or went, seen over all nodes. Each node concludes it from what the others say, for its own listeners.
    Presence {
        /// Who.
        actor: LiveActor,
        /// Came.
        online: bool,
        /// The page being viewed.
        page: Option<PageView>,
    },
    /// Somebody connected to a node, or views another page.
    Arrived {
        /// To which.
        node: NodeId,
        /// Counts what the node says of presence: an earlier word does not undo a later one.
        number: u64,
        /// Who.
        actor: LiveActor,
        /// The page being viewed.
        page: Option<PageView>,
    },
    /// Somebody's last connection to a node ended.
    Left {
        /// Which node.
        node: NodeId,
        /// Counts what the node says of presence.
        number: u64,
        /// Who.
        actor: LiveActor,
    },
    /// A node repeats who is connected to it, a part of them in each signal. Who is not repeated has gone with their node.
    Roll {
        /// Which node.
        node: NodeId,
        /// Counts what the node says of presence.
        number: u64,
        /// Some of its actors.
        actors: Vec<LiveActor>,
    },
    /// A node wants to know who is connected to the others.
    RollWanted {
        /// Which node.
        node: NodeId,
    },
    /// Tell the team.
    Notification {
        /// What of.
        kind: NotificationKind,
        /// Where.
        conversation: ConversationId,
        /// When.
        at: Timestamp,
        /// A preview; notifications are for the team only.
        text: Option<String>,
    },
}

/// What a listener gets. [`BusItem::Lagged`] means that signals were lost: read everything again.
#[derive(Clone, Debug)]
pub enum BusItem {
    /// A hint.
    Signal(Arc<Signal>),
    /// Some were lost.
    Lagged,
}

/// Carries signals.
///
/// # Contract
///
/// - A signal reaches the listeners of its topic on every node, the publisher's own among them, and no others. It arrives as
///   it was published, or not at all; deltas that follow on each other may come as one.
/// - [`subscribe`](Self::subscribe) answers once signals published from then on will come (or be reported lost). Where the
///   medium is out of reach it answers all the same, and reports the loss when that is over.
/// - [`publish`](Self::publish) never waits for listeners, nor for a medium that is out of reach.
/// - Signals may be lost, and may be repeated. A bus that knows, or must fear, that a listener lost some tells it
///   [`BusItem::Lagged`], at the latest once it hears again: who listens too slowly, and everybody after the medium was out of
///   reach, for whoever listens and for whoever published.
/// - Signals of one kind that one node publishes on one topic, one after the other, arrive in this order. Nothing else is
///   ordered.
/// - When the last listener of a topic is dropped, nothing of the topic is kept, here or at a server.
///
/// `testing::bus_kit` (feature `testing`) holds an implementation to all of this.
#[async_trait]
pub trait EventBus: fmt::Debug + Send + Sync + 'static {
    /// Tells all nodes. Best effort: failures are logged by the bus, not reported.
    async fn publish(&self, topic: Topic, signal: Arc<Signal>);

    /// Listens until the stream is dropped.
    ///
    /// # Cancel safety
    /// Dropping the future before it is done leaves nothing behind.
    async fn subscribe(&self, topic: Topic) -> BoxStream<'static, BusItem>;
}

#[async_trait]
impl<T: EventBus + ?Sized> EventBus for Arc<T> {
    async fn publish(&self, topic: Topic, signal: Arc<Signal>) {
        (**self).publish(topic, signal).await;
    }

    async fn subscribe(&self, topic: Topic) -> BoxStream<'static, BusItem> {
        (**self).subscribe(topic).await
    }
}
