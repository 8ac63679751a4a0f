//! The heartbeat: once a second the node reads the changes of each workspace that somebody here watches, and hints at
//! them, so that even a lost last hint is noticed.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::bus::{EventBus as _, Signal, Topic};
use crate::engine::{Helpdesk, Inner};
use crate::error::Error;
use crate::id::WorkspaceId;
use crate::store::{ChangeCursor, Changes, Key};

use super::CHANGES;

/// How often a node reads the changes of the workspaces it watches.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// The workspaces that this node's heartbeat reads, with the changes it knows of.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    cursors: Mutex<HashMap<WorkspaceId, ChangeCursor>>,
}

impl Watched {
    fn cursors(&self) -> std::sync::MutexGuard<'_, HashMap<WorkspaceId, ChangeCursor>> {
        self.cursors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the changes of watched workspaces and hints at them, until nobody listens any more.
async fn heartbeat(inner: std::sync::Weak<Inner>) {
    let mut beat = tokio::time::interval(HEARTBEAT);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        let Some(inner) = inner.upgrade() else { return };
        let desk = Helpdesk { inner };
        let watched: Vec<_> = {
            let mut cursors = desk.inner.watched.cursors();
            let listened_to = desk.listened_to();
            cursors.retain(|workspace, _| listened_to.contains(workspace));
            if cursors.is_empty() {
                return;
            }
            cursors.iter().map(|(workspace, cursor)| (*workspace, *cursor)).collect()
        };
        for (workspace, cursor) in watched {
            match desk.beat(workspace, cursor).await {
                Ok(cursor) => {
                    desk.inner.watched.cursors().insert(workspace, cursor);
                }
                Err(error) => tracing::warn!(%workspace, %error, "the changes cannot be read"),
            }
        }
    }
}

impl Helpdesk {
    /// The workspaces in which somebody listens to a conversation or the queue.
    fn listened_to(&self) -> HashSet<WorkspaceId> {
        let mut workspaces = self.inner.heartbeat.workspaces();
        self.inner.followers.add_workspaces(&mut workspaces);
        workspaces
    }

    /// Whether anybody listens to anything of this workspace.
    pub(in crate::engine) fn is_listened_to(&self, workspace: WorkspaceId) -> bool {
        self.inner.heartbeat.listens_in(workspace) || self.inner.followers.are_in(workspace)
    }

    /// Has the heartbeat read this workspace for as long as somebody listens, from now on: what changes after this
    /// returns is hinted at, within a second, though every other hint be lost.
    pub(super) async fn watch(&self, workspace: WorkspaceId) -> Result<(), Error> {
        if self.inner.watched.cursors().contains_key(&workspace) {
            return Ok(());
        }
        let (Changes::Some { cursor, .. } | Changes::Resync(cursor)) = self.inner.store.changes(workspace, None, 1).await?;
        let mut cursors = self.inner.watched.cursors();
        if cursors.is_empty() {
            tokio::spawn(heartbeat(Arc::downgrade(&self.inner)));
        }
        cursors.entry(workspace).or_insert(cursor);
        Ok(())
    }

    async fn beat(&self, workspace: WorkspaceId, mut cursor: ChangeCursor) -> Result<ChangeCursor, Error> {
        loop {
            let (changes, now) = match self.inner.store.changes(workspace, Some(cursor), CHANGES).await? {
                Changes::Some { changes, cursor } => (changes, cursor),
                Changes::Resync(now) => {
                    self.inner.heartbeat.unsettle(workspace);
                    self.inner.followers.unsettle(workspace);
                    return Ok(now);
                }
            };
            cursor = now;
            for change in &changes {
                if let Key::Conversation(conversation) = change.key {
                    self.inner.followers.hint(workspace, conversation, change.version);
                }
            }
            if !changes.is_empty() {
                let signal = Signal::Advanced { change: cursor.number, key: None };
                self.inner.heartbeat.publish(Topic::Queue { workspace }, Arc::new(signal)).await;
            }
            if changes.len() < CHANGES as usize {
                return Ok(cursor);
            }
        }
    }

    /// Hints that records changed.
    pub(in crate::engine) async fn tell_records(&self, workspace: WorkspaceId, committed: &crate::store::Committed) {
        self.inner.recent.forget(workspace);
        if let Some(change) = committed.change {
            let signal = Signal::Advanced { change, key: None };
            self.inner.bus.publish(Topic::Queue { workspace }, Arc::new(signal)).await;
        }
    }
}
