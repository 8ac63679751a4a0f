//! How conversations were counted at their last versions, as far as this node read or wrote them lately.

use helpdesk_core::id::{ConversationId, Version, WorkspaceId};
use helpdesk_core::model::Conversation;
use quick_cache::sync::Cache;

use crate::sql::facets::Facets;

/// How many conversations are remembered; each takes some hundred bytes.
const REMEMBERED: usize = 16_384;

/// The facets of versions. What is remembered stays true, since a version never changes; it only may not be the last any more.
#[derive(Debug)]
pub(super) struct Standing(Cache<(WorkspaceId, ConversationId), (Version, Facets)>);

impl Default for Standing {
    fn default() -> Self {
        Self(Cache::new(REMEMBERED))
    }
}

impl Standing {
    pub(super) fn note(&self, workspace: WorkspaceId, conversation: &Conversation) {
        self.0.insert((workspace, conversation.id), (conversation.version, Facets::of(conversation)));
    }

    /// The facets of this version, if it was the last one noted.
    pub(super) fn at(&self, workspace: WorkspaceId, conversation: ConversationId, version: Version) -> Option<Facets> {
        self.0.get(&(workspace, conversation)).filter(|(noted, _)| *noted == version).map(|(_, facets)| facets)
    }
}
