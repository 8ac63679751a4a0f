//! Answers that this node is asking for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::Helpdesk;
use crate::bus::{BusItem, Signal, Topic};
use crate::id::{ConversationId, TurnNumber, WorkspaceId};

/// How long those who join late may wait for the text so far, so that many of them are answered together.
const REPETITION: Duration = Duration::from_millis(100);

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

    /// Hears what other nodes say to whoever writes this answer.
    pub(super) async fn listen(&self) -> BoxStream<'static, BusItem> {
        self.desk.inner.bus.subscribe(Topic::Conversation { workspace: self.workspace, conversation: self.conversation }).await
    }

    /// Whether the turn is over, as the store says: what the bus says is a hint.
    async fn is_over(&self) -> bool {
        match self.desk.inner.store.conversations(self.workspace, &[self.conversation]).await {
            Ok(conversations) => conversations.first().is_none_or(|now| now.turn != self.turn || !now.answering),
            // Then the commit will show it.
            Err(_) => false,
        }
    }

    /// Waits until the turn is over: superseded, or taken over, here or on another node. Until then it tells the text so far
    /// to those who ask for it.
    pub(super) async fn stopped(&self, mut heard: BoxStream<'static, BusItem>) {
        let mut wanted: Option<Instant> = None;
        let mut repeated: Option<Instant> = None;
        loop {
            let due = wanted;
            tokio::select! {
                () = self.stop.cancelled() => return,
                item = heard.next() => match item {
                    Some(BusItem::Signal(signal)) => match &*signal {
                        Signal::Discard { turn, attempt: None, .. } if *turn >= self.turn && self.is_over().await => return,
                        Signal::DraftWanted { .. } => {
                            let now = Instant::now();
                            wanted.get_or_insert_with(|| repeated.map_or(now, |last| (last + REPETITION).max(now)));
                        }
                        _ => {}
                    },
                    // Somebody's question may be among what was lost as well; they ask again.
                    Some(BusItem::Lagged) => if self.is_over().await { return },
                    // The bus has ended: what stops the turn comes from this node, or the commit is refused.
                    None => return self.stop.cancelled().await,
                },
                () = async { sleep_until(due.unwrap_or_else(Instant::now)).await }, if due.is_some() => {
                    wanted = None;
                    repeated = Some(Instant::now());
                    self.desk.repeat_draft(self.workspace, self.conversation, self.turn).await;
                }
            }
        }
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
