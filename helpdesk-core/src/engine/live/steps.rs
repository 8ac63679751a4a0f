//! What was read of a workspace's queue lately: who listens, and stands where a step begins, takes it over instead of
//! reading the same.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::QueueChange;
use crate::id::WorkspaceId;
use crate::store::ChangeCursor;

/// Steps that one who is slower than the others may be behind before it reads for itself.
const KEPT: usize = 16;
/// Changes of a step that is left for others. A long replay is nobody else's.
const SHORT: usize = 50;

/// From one place in the changes of a workspace to a later one.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) from: ChangeCursor,
    pub(super) to: ChangeCursor,
    /// What changed between them, as it was when it was read.
    pub(super) changes: Arc<[QueueChange]>,
    /// Whether there may be more behind it.
    pub(super) more: bool,
}

/// The steps of one workspace.
#[derive(Debug, Default)]
pub(in crate::engine) struct Steps {
    kept: Mutex<VecDeque<Step>>,
    /// Held by whoever reads, so that the others wait for that instead of reading too.
    pub(super) reading: tokio::sync::Mutex<()>,
}

impl Steps {
    fn kept(&self) -> MutexGuard<'_, VecDeque<Step>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The newest step that begins here.
    pub(super) fn from(&self, cursor: ChangeCursor) -> Option<Step> {
        self.kept().iter().rev().find(|step| step.from == cursor).cloned()
    }

    /// Leaves a step for the others.
    pub(super) fn leave(&self, step: &Step) {
        if step.changes.len() > SHORT || step.to == step.from {
            return;
        }
        let mut kept = self.kept();
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(step.clone());
    }
}

/// The steps of the workspaces whose queues somebody of this node listens to.
#[derive(Debug, Default)]
pub(in crate::engine) struct AllSteps {
    map: Mutex<HashMap<WorkspaceId, Weak<Steps>>>,
}

impl AllSteps {
    /// Those of a workspace, for as long as they are held.
    pub(super) fn of(&self, workspace: WorkspaceId) -> Arc<Steps> {
        let mut map = self.map.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(steps) = map.get(&workspace).and_then(Weak::upgrade) {
            return steps;
        }
        map.retain(|_, steps| steps.strong_count() > 0);
        let steps = Arc::new(Steps::default());
        map.insert(workspace, Arc::downgrade(&steps));
        steps
    }
}
