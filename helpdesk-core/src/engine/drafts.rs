//! Answers as they are being written: in memory, on the node that asks for them.
//!
//! Other nodes keep none of it. They pass on what they hear, and ask for the text so far where they missed a part
//! ([`Signal::DraftWanted`]); the node that writes hears that for as long as it writes. A node that dies takes its draft along:
//! the next attempt begins a new one, and clients drop what is silent for 15 seconds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Helpdesk;
use crate::bus::{Signal, Topic};
use crate::id::{ConversationId, TurnNumber, WorkspaceId};
use crate::model::text::MESSAGE_LIMIT;

/// The drafts of this node.
#[derive(Debug, Default)]
pub(crate) struct Drafts {
    open: Mutex<HashMap<(WorkspaceId, ConversationId), Draft>>,
}

/// An answer so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) turn: TurnNumber,
    pub(crate) attempt: u32,
    pub(crate) text: String,
    /// Length of `text` in characters.
    pub(crate) length: u64,
}

impl Drafts {
    fn open(&self) -> std::sync::MutexGuard<'_, HashMap<(WorkspaceId, ConversationId), Draft>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, workspace: WorkspaceId, conversation: ConversationId) -> Option<Draft> {
        self.open().get(&(workspace, conversation)).cloned()
    }

    /// Adds text and says how many characters were there before. None: it is not wanted, because a later turn has begun
    /// or because no message may be that long.
    fn append(&self, workspace: WorkspaceId, conversation: ConversationId, (turn, attempt): (TurnNumber, u32), text: &str) -> Option<u64> {
        let mut open = self.open();
        let empty = || Draft { turn, attempt, text: String::new(), length: 0 };
        let draft = open.entry((workspace, conversation)).or_insert_with(empty);
        if (draft.turn, draft.attempt) < (turn, attempt) {
            *draft = empty();
        }
        if (draft.turn, draft.attempt) > (turn, attempt) || draft.length >= MESSAGE_LIMIT as u64 {
            return None;
        }
        let offset = draft.length;
        draft.text.push_str(text);
        draft.length += text.chars().count() as u64;
        Some(offset)
    }

    fn remove(&self, workspace: WorkspaceId, conversation: ConversationId, turn: TurnNumber) -> bool {
        let mut open = self.open();
        let ours = open.get(&(workspace, conversation)).is_some_and(|draft| draft.turn == turn);
        ours && open.remove(&(workspace, conversation)).is_some()
    }
}

impl Helpdesk {
    /// Adds to the draft of a turn and tells who looks on.
    pub(super) async fn draft(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        (turn, attempt): (TurnNumber, u32),
        text: String,
    ) {
        let Some(offset) = self.inner.drafts.append(workspace, conversation, (turn, attempt), &text) else { return };
        let signal = Signal::Delta { conversation, turn, attempt, offset, text };
        self.inner.bus.publish(Topic::Conversation { workspace, conversation }, Arc::new(signal)).await;
    }

    /// Tells the text so far, for those on other nodes who missed a part.
    pub(super) async fn repeat_draft(&self, workspace: WorkspaceId, conversation: ConversationId, turn: TurnNumber) {
        let Some(draft) = self.inner.drafts.get(workspace, conversation).filter(|draft| draft.turn == turn) else { return };
        let signal = Signal::Delta { conversation, turn, attempt: draft.attempt, offset: 0, text: draft.text };
        self.inner.bus.publish(Topic::Conversation { workspace, conversation }, Arc::new(signal)).await;
    }

    /// Forgets the draft of a turn that was committed: its entry takes its place.
    pub(super) fn finish_draft(&self, workspace: WorkspaceId, conversation: ConversationId, turn: TurnNumber) {
        self.inner.drafts.remove(workspace, conversation, turn);
    }

    /// Withdraws the draft of a turn, stops whoever writes on it here, and tells who looks on. With an attempt it is only that
    /// one which failed.
    pub(super) async fn discard(&self, workspace: WorkspaceId, conversation: ConversationId, turn: TurnNumber, attempt: Option<u32>) {
        if attempt.is_none() {
            self.inner.running.stop(workspace, conversation, turn);
        }
        self.inner.drafts.remove(workspace, conversation, turn);
        let signal = Signal::Discard { conversation, turn, attempt };
        self.inner.bus.publish(Topic::Conversation { workspace, conversation }, Arc::new(signal)).await;
    }
}
