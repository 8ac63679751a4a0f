//! Answers that this node is asking for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use super::Helpdesk;
use crate::id::{ConversationId, TurnNumber, WorkspaceId};

/// A conversation of a workspace.
type Place = (WorkspaceId, ConversationId);

/// The turns this node works on, one a conversation.
#[derive(Debug, Default)]
pub(crate) struct Running {
    turns: Mutex<HashMap<Place, (TurnNumber, Arc<CancellationToken>)>>,
}

impl Running {
    /// Stops the turn, if this node works on it.
    pub(super) fn stop(&self, workspace: WorkspaceId, conversation: ConversationId, turn: TurnNumber) {
        let turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((running, stop)) = turns.get(&(workspace, conversation))
            && *running == turn
        {
            stop.cancel();
        }
    }
}

/// An attempt at a turn. However it ends (done, dropped, in a panic), its draft is forgotten with it.
#[derive(Debug)]
pub(super) struct Attempt {
    desk: Helpdesk,
    workspace: WorkspaceId,
    conversation: ConversationId,
    turn: TurnNumber,
    stop: Arc<CancellationToken>,
}

impl Attempt {
    /// Begins an attempt, and stops what this node still does for the conversation.
    pub(super) fn begin(desk: &Helpdesk, workspace: WorkspaceId, conversation: ConversationId, turn: TurnNumber) -> Self {
        let stop = Arc::new(CancellationToken::new());
        let before = {
            let mut turns = desk.inner.running.turns.lock().unwrap_or_else(PoisonError::into_inner);
            turns.insert((workspace, conversation), (turn, stop.clone()))
        };
        if let Some((_, before)) = before {
            before.cancel();
        }
        Self { desk: desk.clone(), workspace, conversation, turn, stop }
    }

    /// Waits until the turn is over: superseded, or taken over.
    pub(super) async fn stopped(&self) {
        self.stop.cancelled().await;
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let key = (self.workspace, self.conversation);
        let mut turns = self.desk.inner.running.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.get(&key).is_some_and(|(_, stop)| Arc::ptr_eq(stop, &self.stop)) {
            turns.remove(&key);
            drop(turns);
            self.desk.finish_draft(self.workspace, self.conversation, self.turn);
        }
    }
}
