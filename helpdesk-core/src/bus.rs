//! The bus: hints between the parts of a node, and between nodes.
//!
//! A bus may lose, repeat or reorder signals without harm: the truth is in the store, and who listens reads it again.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::stream::BoxStream;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::id::{ChangeNumber, ContactId, ConversationId, OperatorId, TurnNumber, Version, WorkspaceId};
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
}

impl Topic {
    /// The tenant.
    #[must_use]
    pub const fn workspace(&self) -> WorkspaceId {
        match self {
            Self::Conversation { workspace, .. } | Self::Queue { workspace } => *workspace,
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
        /// Characters before this text.
        offset: u64,
        /// The text.
        text: String,
    },
    /// An answer will not be finished.
    Discard {
        /// Where.
        conversation: ConversationId,
        /// In which turn.
        turn: TurnNumber,
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
/// [`subscribe`](Self::subscribe) answers once signals published from then on will come (or be reported lost). Publishing
/// never waits for listeners: who is slow loses signals and is told so.
#[async_trait]
pub trait EventBus: fmt::Debug + Send + Sync + 'static {
    /// Tells all nodes. Best effort: failures are logged by the bus, not reported.
    async fn publish(&self, topic: Topic, signal: Arc<Signal>);

    /// Listens until the stream is dropped.
    async fn subscribe(&self, topic: Topic) -> BoxStream<'static, BusItem>;
}
