//! Topics, and signals that can be told apart.

use std::sync::Arc;

use super::super::ids::SequentialIds;
use crate::bus::{Signal, Topic};
use crate::id::{ChangeNumber, ConversationId, TurnNumber, Version, WorkspaceId};

/// What the cases talk about.
pub(super) struct Scene {
    pub(super) ids: SequentialIds,
    pub(super) workspace: WorkspaceId,
    pub(super) conversation: ConversationId,
}

impl Scene {
    pub(super) fn new() -> Self {
        let ids = SequentialIds::new();
        let (workspace, conversation) = (WorkspaceId::generate(&ids), ConversationId::generate(&ids));
        Self { ids, workspace, conversation }
    }

    pub(super) fn topic(&self) -> Topic {
        Topic::Conversation { workspace: self.workspace, conversation: self.conversation }
    }

    pub(super) fn another_topic(&self) -> Topic {
        Topic::Conversation { workspace: self.workspace, conversation: ConversationId::generate(&self.ids) }
    }

    pub(super) fn queue(&self) -> Topic {
        Topic::Queue { workspace: self.workspace }
    }

    pub(super) fn presence(&self) -> Topic {
        Topic::Presence { workspace: self.workspace }
    }

    pub(super) fn changed(&self, version: u64) -> Arc<Signal> {
        Arc::new(Signal::Changed { conversation: self.conversation, version: Version(version) })
    }

    pub(super) fn delta(&self, offset: u64, text: impl Into<String>) -> Arc<Signal> {
        Arc::new(Signal::Delta { conversation: self.conversation, turn: TurnNumber(1), attempt: 1, offset, text: text.into() })
    }
}

pub(super) fn advanced(change: u64) -> Arc<Signal> {
    Arc::new(Signal::Advanced { change: ChangeNumber(change), key: None })
}
