//! Who works on what within this process.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, Weak};

use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use super::execute::Request;
use crate::error::Error;

/// Commands of callers at once on a node, those included whose caller has gone while the store commits: when the store
/// stalls, who comes later is told to come again instead of being kept in memory.
const AT_ONCE: usize = 1024;

/// A command's place among those that this node works on; the workers' own are few anyway and need none.
pub(super) type PlaceAtWork = Option<Arc<OwnedSemaphorePermit>>;

/// Serialises the commands of a conversation within this process, so that they do not meet as conflicts in the store.
#[derive(Debug)]
pub(crate) struct Queues {
    places: Arc<Semaphore>,
    /// By conversation, or by the contact who begins one; forgotten with the last who waits. Nobody waits for another's
    /// conversation, as they would if a few locks were shared by all.
    turns: std::sync::Mutex<HashMap<Uuid, Weak<Mutex<()>>>>,
}

impl Default for Queues {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(AT_ONCE)), turns: std::sync::Mutex::default() }
    }
}

impl Queues {
    /// A place for a command, if there is one left.
    pub(super) fn enter(&self, request: &Request) -> Result<PlaceAtWork, Error> {
        if request.fence.is_some() {
            return Ok(None);
        }
        self.place().map(|place| Some(Arc::new(place)))
    }

    pub(super) fn place(&self) -> Result<OwnedSemaphorePermit, Error> {
        Arc::clone(&self.places).try_acquire_owned().map_err(|_| Error::Busy)
    }

    /// Waits until nobody else works where this command goes.
    pub(super) async fn turn_of(&self, request: &Request) -> OwnedMutexGuard<()> {
        let conversation = request.conversation.map(|conversation| conversation.as_uuid());
        let contact = || request.contact().map(|contact| contact.as_uuid());
        let place = conversation.or_else(contact).unwrap_or_default();
        self.turns_at(place).lock_owned().await
    }

    fn turns_at(&self, place: Uuid) -> Arc<Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.len() > AT_ONCE && turns.len().is_power_of_two() {
            turns.retain(|_, turn| turn.strong_count() > 0);
        }
        let turn = turns.entry(place).or_default();
        turn.upgrade().unwrap_or_else(|| {
            let anew = Arc::default();
            *turn = Arc::downgrade(&anew);
            anew
        })
    }
}
