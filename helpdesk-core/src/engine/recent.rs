//! What was true a moment ago: settings, operators and tokens, for what is asked with every request and may be a little
//! late; and what the last message left of a conversation, for a guess that the commit proves or refutes.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::WorkspaceHandle;
use crate::error::{Error, Refusal};
use crate::id::{ConversationId, OperatorId, TokenId, WorkspaceId};
use crate::model::{ApiToken, Operator, RecordBody, RecordKey, RecordKind, Settings};
use crate::store::Snapshot;

/// How late. Rights that are withdrawn must be gone within ten seconds on every node.
const AGE: Duration = Duration::from_secs(2);
/// Things of a kind that are remembered at a time.
const LIMIT: usize = 2_000;

/// What this node read lately, of one kind.
#[derive(Debug)]
struct Kind<K, V> {
    read: HashMap<K, (Instant, V)>,
    /// Rises when something is forgotten: what was read before that is not remembered after it.
    age: u64,
    /// When what is old was last cleared away.
    swept: Option<Instant>,
}

impl<K: Eq + Hash, V: Clone> Kind<K, V> {
    fn get(&self, key: &K) -> Option<V> {
        self.read.get(key).filter(|(at, _)| at.elapsed() < AGE).map(|(_, value)| value.clone())
    }

    fn put(&mut self, key: K, began: (Instant, u64), value: V) {
        let (at, age) = began;
        if self.age != age {
            return;
        }
        if self.read.len() >= LIMIT && self.swept.is_none_or(|swept| swept.elapsed() >= AGE) {
            self.swept = Some(Instant::now());
            self.read.retain(|_, (at, _)| at.elapsed() < AGE);
        }
        // What finds no place is read again the next time.
        if self.read.len() < LIMIT {
            self.read.insert(key, (at, value));
        }
    }

    /// Like [`get`](Self::get), and it is gone.
    fn take(&mut self, key: &K) -> Option<V> {
        self.read.remove(key).filter(|(at, _)| at.elapsed() < AGE).map(|(_, value)| value)
    }

    fn forget(&mut self, gone: impl Fn(&K) -> bool) {
        self.age += 1;
        self.read.retain(|key, _| !gone(key));
    }
}

impl<K, V> Default for Kind<K, V> {
    fn default() -> Self {
        Self { read: HashMap::new(), age: 0, swept: None }
    }
}

/// What this node read lately.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    settings: Mutex<Kind<WorkspaceId, Arc<Settings>>>,
    operators: Mutex<Kind<(WorkspaceId, OperatorId), Arc<Operator>>>,
    tokens: Mutex<Kind<(WorkspaceId, TokenId), Arc<ApiToken>>>,
    conversations: Mutex<Kind<(WorkspaceId, ConversationId), Box<Snapshot>>>,
}

impl Recent {
    /// Records of this workspace changed on this node.
    pub(crate) fn forget(&self, workspace: WorkspaceId) {
        lock(&self.settings).forget(|of| *of == workspace);
        lock(&self.operators).forget(|(of, _)| *of == workspace);
        lock(&self.tokens).forget(|(of, _)| *of == workspace);
        lock(&self.conversations).forget(|(of, _)| *of == workspace);
    }

    /// Takes what the last message left of this conversation.
    pub(super) fn take_snapshot(&self, workspace: WorkspaceId, conversation: ConversationId) -> Option<Box<Snapshot>> {
        lock(&self.conversations).take(&(workspace, conversation))
    }

    /// Leaves it for the next message.
    pub(super) fn leave_snapshot(&self, workspace: WorkspaceId, conversation: ConversationId, snapshot: Box<Snapshot>) {
        let mut conversations = lock(&self.conversations);
        let now = (Instant::now(), conversations.age);
        conversations.put((workspace, conversation), now, snapshot);
    }
}

fn lock<T>(kind: &Mutex<T>) -> MutexGuard<'_, T> {
    kind.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is remembered under a key, or else read and remembered.
async fn remembered<K, V, F>(kind: &Mutex<Kind<K, V>>, key: K, read: F) -> Result<V, Error>
where
    K: Eq + Hash,
    V: Clone,
    F: Future<Output = Result<V, Error>>,
{
    let (known, age) = {
        let kind = lock(kind);
        (kind.get(&key), kind.age)
    };
    if let Some(value) = known {
        return Ok(value);
    }
    let began = (Instant::now(), age);
    let value = read.await?;
    lock(kind).put(key, began, value.clone());
    Ok(value)
}

impl WorkspaceHandle {
    /// The settings, at most two seconds old; at once if they were changed through this [`Helpdesk`](super::Helpdesk).
    /// What a command may do is never judged by them: every decision reads and guards the settings themselves.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn recent_settings(&self) -> Result<Arc<Settings>, Error> {
        remembered(&self.desk.inner.recent.settings, self.id, async { Ok(Arc::new(self.settings().await?)) }).await
    }

    /// An operator's record, as late as the settings may be. Decisions read the record itself.
    pub(super) async fn recent_operator(&self, operator: OperatorId) -> Result<Arc<Operator>, Error> {
        let read = async { Ok(Arc::new(self.find_operator(operator).await?)) };
        remembered(&self.desk.inner.recent.operators, (self.id, operator), read).await
    }

    /// An API token's record, as late as the settings may be.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], which is not remembered: anybody can make names of tokens up.
    pub(super) async fn recent_token(&self, token: TokenId) -> Result<Arc<ApiToken>, Error> {
        let read = async {
            let key = RecordKey::new(RecordKind::Token, token.as_uuid());
            match self.desk.inner.store.record(self.id, key).await?.map(|record| record.body) {
                Some(RecordBody::Token(token)) => Ok(Arc::new(token)),
                _ => Err(Refusal::NotFound.into()),
            }
        };
        remembered(&self.desk.inner.recent.tokens, (self.id, token), read).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_bounded_and_forgotten_when_it_changes() {
        let mut kind = Kind::default();
        for key in 0..LIMIT + 10 {
            kind.put(key, (Instant::now(), 0), key);
        }
        assert_eq!((kind.read.len(), kind.get(&0), kind.get(&LIMIT)), (LIMIT, Some(0), None));
        let before = (Instant::now(), kind.age);
        kind.forget(|key| *key == 0);
        kind.put(0, before, 1);
        assert_eq!((kind.get(&0), kind.get(&1)), (None, Some(1)), "what was read before the change is not remembered after it");
    }
}
