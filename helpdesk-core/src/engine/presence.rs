//! Who is connected now. In memory, with a grace period, so that a reload is no absence.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{Helpdesk, WorkspaceHandle};
use crate::bus::{LiveActor, Signal, Topic};
use crate::id::WorkspaceId;
use crate::model::PageView;

/// How long somebody who went counts as still there.
const GRACE: Duration = Duration::from_secs(5);

/// The connections of this node.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    connections: Mutex<HashMap<(WorkspaceId, LiveActor), usize>>,
}

impl Registry {
    fn connections(&self) -> std::sync::MutexGuard<'_, HashMap<(WorkspaceId, LiveActor), usize>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_online(&self, workspace: WorkspaceId, actor: LiveActor) -> bool {
        self.connections().contains_key(&(workspace, actor))
    }

    /// True: this is the first connection.
    fn enter(&self, workspace: WorkspaceId, actor: LiveActor) -> bool {
        let mut connections = self.connections();
        let count = connections.entry((workspace, actor)).or_default();
        *count += 1;
        *count == 1
    }

    /// True: this was the last connection.
    fn leave(&self, workspace: WorkspaceId, actor: LiveActor) -> bool {
        let mut connections = self.connections();
        let Some(count) = connections.get_mut(&(workspace, actor)) else { return false };
        *count -= 1;
        let last = *count == 0;
        if last {
            connections.remove(&(workspace, actor));
        }
        last
    }
}

/// Somebody is connected as long as this lives (and a few seconds longer).
#[derive(Debug)]
pub struct PresenceGuard {
    desk: Helpdesk,
    workspace: WorkspaceId,
    actor: LiveActor,
}

impl Drop for PresenceGuard {
    fn drop(&mut self) {
        let (desk, workspace, actor) = (self.desk.clone(), self.workspace, self.actor);
        let leave = async move {
            tokio::time::sleep(GRACE).await;
            if desk.inner.presence.leave(workspace, actor) {
                desk.publish_presence(workspace, actor, false, None).await;
            }
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(leave)),
            // No runtime is left to wait in: the process is ending.
            Err(_) => drop(self.desk.inner.presence.leave(workspace, actor)),
        }
    }
}

impl WorkspaceHandle {
    /// Notes that somebody is connected, until the guard is dropped. The team is told.
    pub async fn enter(&self, actor: LiveActor, page: Option<PageView>) -> PresenceGuard {
        let first = self.desk.inner.presence.enter(self.id, actor);
        // From here on the guard undoes it, even if the caller does not wait for the team to be told.
        let guard = PresenceGuard { desk: self.desk.clone(), workspace: self.id, actor };
        if first || page.is_some() {
            self.desk.publish_presence(self.id, actor, true, page).await;
        }
        guard
    }

    /// Whether somebody is connected to this node.
    #[must_use]
    pub fn is_online(&self, actor: LiveActor) -> bool {
        self.desk.inner.presence.is_online(self.id, actor)
    }
}

impl Helpdesk {
    async fn publish_presence(&self, workspace: WorkspaceId, actor: LiveActor, online: bool, page: Option<PageView>) {
        let signal = Arc::new(Signal::Presence { actor, online, page });
        self.inner.bus.publish(Topic::Queue { workspace }, signal).await;
    }
}
