//! Who is connected now: to this node, with a grace period so that a reload is no absence, and to the others.
//!
//! A node tells the others who comes and goes ([`Topic::Presence`]) and repeats every few seconds who is there. Whoever is not
//! repeated for a while has gone, with their node. What changes over all nodes is told to this node's own listeners as
//! [`Signal::Presence`]. A node hears of a workspace's presence while somebody here is connected, listens, or asks.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::sync::oneshot;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::{Helpdesk, Inner, WorkspaceHandle};
use crate::bus::{BusItem, EventBus as _, LiveActor, Signal, Topic};
use crate::id::{NodeId, RandomIds, WorkspaceId};
use crate::model::PageView;

/// How long somebody who went counts as still there.
const GRACE: Duration = Duration::from_secs(5);
/// How often a node repeats who is connected to it.
const REPETITION: Duration = Duration::from_secs(5);
/// How long a node's word holds.
const EXPIRY: Duration = Duration::from_secs(15);
/// How soon a node repeats itself when it is asked to, so that many who ask are answered together.
const SOON: Duration = Duration::from_millis(200);
/// How long a node that nobody is connected to goes on hearing who is connected to others after it was asked.
const INTEREST: Duration = Duration::from_secs(60);
/// Actors told in one signal.
const PART: usize = 200;

/// The connections of this node, and what it knows of others'.
#[derive(Debug)]
pub(crate) struct Registry {
    node: NodeId,
    /// The number of this node's last word; drawn while the workspaces are locked, so that it rises with what happens.
    number: AtomicU64,
    workspaces: Mutex<HashMap<WorkspaceId, Attendance>>,
}

impl Default for Registry {
    fn default() -> Self {
        Self { node: NodeId::generate(&RandomIds), number: AtomicU64::new(0), workspaces: Mutex::default() }
    }
}

/// Who is connected, of one workspace.
#[derive(Debug, Default)]
struct Attendance {
    /// Connections to this node.
    here: HashMap<LiveActor, usize>,
    /// What other nodes said last.
    elsewhere: HashMap<LiveActor, HashMap<NodeId, Word>>,
    /// Somebody asked.
    asked: Option<Instant>,
    /// A task hears the other nodes.
    attended: bool,
}

/// What a node said of an actor. A departure is kept for a while too, so that an earlier arrival that comes later is known to
/// be old.
#[derive(Clone, Copy, Debug)]
struct Word {
    online: bool,
    number: u64,
    until: Instant,
}

impl Attendance {
    fn is_elsewhere(&self, actor: LiveActor) -> bool {
        self.elsewhere.get(&actor).is_some_and(|nodes| nodes.values().any(|word| word.online))
    }

    fn is_online(&self, actor: LiveActor) -> bool {
        self.here.contains_key(&actor) || self.is_elsewhere(actor)
    }

    /// Notes what a node said. True: seen over all nodes, they came or went by it.
    fn hear(&mut self, actor: LiveActor, node: NodeId, word: Word) -> bool {
        let before = self.is_online(actor);
        let nodes = self.elsewhere.entry(actor).or_default();
        if nodes.get(&node).is_none_or(|known| known.number <= word.number) {
            nodes.insert(node, word);
        }
        before != self.is_online(actor)
    }

    /// Forgets words that were not repeated, and says who is nowhere now.
    fn expire(&mut self, now: Instant) -> Vec<LiveActor> {
        let mut gone = Vec::new();
        self.elsewhere.retain(|actor, nodes| {
            let before = nodes.values().any(|word| word.online);
            nodes.retain(|_, word| word.until > now);
            if before && !nodes.values().any(|word| word.online) && !self.here.contains_key(actor) {
                gone.push(*actor);
            }
            !nodes.is_empty()
        });
        gone
    }
}

/// What an arrival or a departure means.
struct Step {
    /// The number under which the other nodes are to be told: for this node the first connection came, or the last went.
    edge: Option<u64>,
    /// Over all nodes as well.
    news: bool,
}

impl Registry {
    fn with<R>(&self, workspace: WorkspaceId, work: impl FnOnce(&mut Attendance) -> R) -> R {
        let mut workspaces = self.workspaces.lock().unwrap_or_else(PoisonError::into_inner);
        work(workspaces.entry(workspace).or_default())
    }

    fn next_number(&self) -> u64 {
        self.number.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Counts a connection. One that shows another page is told even if it is not the first.
    fn enter(&self, workspace: WorkspaceId, actor: LiveActor, moved: bool) -> Step {
        self.with(workspace, |attendance| {
            let news = !attendance.is_online(actor);
            let count = attendance.here.entry(actor).or_default();
            *count += 1;
            let first = *count == 1;
            Step { edge: (first || moved).then(|| self.next_number()), news }
        })
    }

    fn leave(&self, workspace: WorkspaceId, actor: LiveActor) -> Step {
        self.with(workspace, |attendance| {
            let Some(count) = attendance.here.get_mut(&actor) else { return Step { edge: None, news: false } };
            *count -= 1;
            if *count > 0 {
                return Step { edge: None, news: false };
            }
            attendance.here.remove(&actor);
            Step { edge: Some(self.next_number()), news: !attendance.is_elsewhere(actor) }
        })
    }

    /// Forgets the workspace if nobody is interested any more. True: it is forgotten.
    fn forget(&self, workspace: WorkspaceId, listened_to: bool) -> bool {
        let mut workspaces = self.workspaces.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = workspaces.get(&workspace).is_some_and(|attendance| {
            listened_to || !attendance.here.is_empty() || attendance.asked.is_some_and(|asked| asked.elapsed() < INTEREST)
        });
        if !wanted {
            workspaces.remove(&workspace);
        }
        !wanted
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
            let Step { edge, news } = desk.inner.presence.leave(workspace, actor);
            if let Some(number) = edge {
                let node = desk.inner.presence.node;
                desk.inner.bus.publish(Topic::Presence { workspace }, Arc::new(Signal::Left { node, number, actor })).await;
            }
            if news {
                desk.tell_presence(workspace, actor, false, None).await;
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
        let Step { edge, news } = self.desk.inner.presence.enter(self.id, actor, page.is_some());
        // From here on the guard undoes it, even if the caller does not wait for the team to be told.
        let guard = PresenceGuard { desk: self.desk.clone(), workspace: self.id, actor };
        drop(self.desk.attend(self.id));
        if let Some(number) = edge {
            let arrived = Signal::Arrived { node: self.desk.inner.presence.node, number, actor, page: page.clone() };
            self.desk.inner.bus.publish(Topic::Presence { workspace: self.id }, Arc::new(arrived)).await;
        }
        if news || page.is_some() {
            self.desk.tell_presence(self.id, actor, true, page).await;
        }
        guard
    }

    /// Whether somebody is connected, to this node or, as far as it knows, to another.
    ///
    /// A node that has not dealt with a workspace for a minute learns of the other nodes' connections within a moment of being
    /// asked for the first time, not before.
    #[must_use]
    pub fn is_online(&self, actor: LiveActor) -> bool {
        self.desk.is_online(self.id, actor)
    }
}

impl Helpdesk {
    pub(super) fn is_online(&self, workspace: WorkspaceId, actor: LiveActor) -> bool {
        self.who_is_online(workspace, [actor]).contains(&true)
    }

    /// Whether each of these is connected, in their order.
    pub(super) fn who_is_online(&self, workspace: WorkspaceId, actors: impl IntoIterator<Item = LiveActor>) -> Vec<bool> {
        let online = self.inner.presence.with(workspace, |attendance| {
            attendance.asked = Some(Instant::now());
            actors.into_iter().map(|actor| attendance.is_online(actor)).collect()
        });
        drop(self.attend(workspace));
        online
    }

    /// Tells this node's listeners.
    async fn tell_presence(&self, workspace: WorkspaceId, actor: LiveActor, online: bool, page: Option<PageView>) {
        let signal = Arc::new(Signal::Presence { actor, online, page });
        self.inner.heartbeat.publish(Topic::Queue { workspace }, signal).await;
    }

    /// Has a task hear what other nodes say about this workspace, and tell them about this one, while that interests somebody.
    /// Who wants to miss nothing from now on waits for what this returns.
    pub(super) fn attend(&self, workspace: WorkspaceId) -> Option<oneshot::Receiver<()>> {
        let runtime = tokio::runtime::Handle::try_current().ok()?;
        if self.inner.presence.with(workspace, |attendance| std::mem::replace(&mut attendance.attended, true)) {
            return None;
        }
        let (hears, begun) = oneshot::channel();
        runtime.spawn(attend(Arc::downgrade(&self.inner), workspace, hears));
        Some(begun)
    }

    /// Says who is connected here.
    async fn repeat_presence(&self, workspace: WorkspaceId) {
        let registry = &self.inner.presence;
        let (number, here): (u64, Vec<LiveActor>) =
            registry.with(workspace, |attendance| (registry.next_number(), attendance.here.keys().copied().collect()));
        for part in here.chunks(PART) {
            let roll = Signal::Roll { node: registry.node, number, actors: part.to_vec() };
            self.inner.bus.publish(Topic::Presence { workspace }, Arc::new(roll)).await;
        }
    }

    /// Takes note of what another node says. True: it wants to know who is here.
    async fn hear_presence(&self, workspace: WorkspaceId, signal: &Signal) -> bool {
        let registry = &self.inner.presence;
        let (Signal::Arrived { node, .. } | Signal::Left { node, .. } | Signal::Roll { node, .. } | Signal::RollWanted { node }) = *signal
        else {
            return false;
        };
        if node == registry.node {
            return false;
        }
        let until = Instant::now() + EXPIRY;
        let hear =
            |actor, online, number| registry.with(workspace, |attendance| attendance.hear(actor, node, Word { online, number, until }));
        match *signal {
            Signal::Arrived { number, actor, ref page, .. } => {
                let news = hear(actor, true, number);
                // Another page is told as well, but not by a word that came too late.
                if news || (page.is_some() && registry.with(workspace, |attendance| attendance.is_online(actor))) {
                    self.tell_presence(workspace, actor, true, page.clone()).await;
                }
            }
            Signal::Left { number, actor, .. } if hear(actor, false, number) => {
                self.tell_presence(workspace, actor, false, None).await;
            }
            Signal::Roll { number, ref actors, .. } => {
                for &actor in actors {
                    if hear(actor, true, number) {
                        self.tell_presence(workspace, actor, true, None).await;
                        // Listeners hold few signals: many news at once must not drown the rest.
                        tokio::task::yield_now().await;
                    }
                }
            }
            Signal::RollWanted { .. } => return true,
            _ => {}
        }
        false
    }

    /// Forgets who was not repeated.
    async fn expire_presence(&self, workspace: WorkspaceId) {
        for actor in self.inner.presence.with(workspace, |attendance| attendance.expire(Instant::now())) {
            self.tell_presence(workspace, actor, false, None).await;
        }
    }
}

async fn attend(inner: Weak<Inner>, workspace: WorkspaceId, hears: oneshot::Sender<()>) {
    let desk = || inner.upgrade().map(|inner| Helpdesk { inner });
    let mut heard = match desk() {
        Some(desk) => {
            let heard = desk.inner.bus.subscribe(Topic::Presence { workspace }).await;
            // Nobody needs to wait for it.
            let _ = hears.send(());
            let wanted = Signal::RollWanted { node: desk.inner.presence.node };
            desk.inner.bus.publish(Topic::Presence { workspace }, Arc::new(wanted)).await;
            heard.fuse()
        }
        None => return,
    };
    let mut repetition = interval(REPETITION);
    repetition.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut asked = false;
    loop {
        tokio::select! {
            Some(item) = heard.next() => {
                let Some(desk) = desk() else { return };
                // What was lost is repeated within seconds anyway.
                if let BusItem::Signal(signal) = item
                    && desk.hear_presence(workspace, &signal).await
                    && !std::mem::replace(&mut asked, true)
                {
                    repetition.reset_after(SOON);
                }
            }
            _ = repetition.tick() => {
                let Some(desk) = desk() else { return };
                asked = false;
                desk.expire_presence(workspace).await;
                if desk.inner.presence.forget(workspace, desk.is_listened_to(workspace)) {
                    return;
                }
                desk.repeat_presence(workspace).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ContactId;

    const MOMENT: Duration = Duration::from_secs(1);

    fn word(online: bool, number: u64, until: Instant) -> Word {
        Word { online, number, until }
    }

    #[test]
    fn somebody_is_online_until_they_left_the_last_node() {
        let mut attendance = Attendance::default();
        let who = LiveActor::Contact(ContactId::generate(&RandomIds));
        let (one, other) = (NodeId::generate(&RandomIds), NodeId::generate(&RandomIds));
        let until = Instant::now() + EXPIRY;
        assert!(attendance.hear(who, one, word(true, 1, until)));
        assert!(!attendance.hear(who, other, word(true, 1, until)));
        assert!(!attendance.hear(who, one, word(false, 2, until)) && attendance.is_online(who));
        assert!(attendance.hear(who, other, word(false, 2, until)) && !attendance.is_online(who));
    }

    #[test]
    fn an_earlier_word_does_not_undo_a_later_one() {
        let mut attendance = Attendance::default();
        let (who, node) = (LiveActor::Contact(ContactId::generate(&RandomIds)), NodeId::generate(&RandomIds));
        let until = Instant::now() + EXPIRY;
        assert!(attendance.hear(who, node, word(true, 1, until)));
        assert!(attendance.hear(who, node, word(false, 3, until)));
        assert!(!attendance.hear(who, node, word(true, 2, until)) && !attendance.is_online(who));
        assert!(attendance.hear(who, node, word(true, 4, until)));
    }

    #[test]
    fn who_is_not_repeated_is_gone_and_nothing_is_kept_of_them() {
        let mut attendance = Attendance::default();
        let (who, node) = (LiveActor::Contact(ContactId::generate(&RandomIds)), NodeId::generate(&RandomIds));
        let now = Instant::now();
        attendance.hear(who, node, word(true, 1, now + MOMENT));
        attendance.hear(who, node, word(true, 2, now + 3 * MOMENT));
        assert!(attendance.expire(now + 2 * MOMENT).is_empty() && attendance.is_online(who));
        assert_eq!(attendance.expire(now + 4 * MOMENT), [who]);
        assert!(attendance.elsewhere.is_empty());
        attendance.hear(who, node, word(false, 3, now + MOMENT));
        assert!(attendance.expire(now + 2 * MOMENT).is_empty() && attendance.elsewhere.is_empty());
    }
}
