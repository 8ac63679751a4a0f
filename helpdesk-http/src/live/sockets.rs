//! How many connections there are, and how long they may take.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use helpdesk_core::bus::LiveActor;
use helpdesk_core::id::WorkspaceId;

use crate::extract::PATIENCE;
use crate::limits::{Limits, network};
use crate::problem::Problem;

/// How long connections may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    /// Until the first frame.
    pub(crate) hello: Duration,
    /// Until the body of a request is there.
    pub(crate) body: Duration,
    /// Without any frame of the client.
    pub(crate) idle: Duration,
    /// To take in one frame; who is slower is dropped.
    pub(crate) send: Duration,
    /// Between two looks at the client's rights. What is looked at may be two seconds old, and together that is to be ten.
    pub(crate) authorise: Duration,
    /// Between two comments on an event stream's silence.
    pub(crate) keep_alive: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            hello: Duration::from_secs(10),
            body: PATIENCE,
            idle: Duration::from_secs(60),
            send: Duration::from_secs(10),
            authorise: Duration::from_secs(8),
            keep_alive: Duration::from_secs(15),
        }
    }
}

/// How long nobody on a node who asks again is served after one was.
const REST: Duration = Duration::from_millis(20);

type Key = (WorkspaceId, LiveActor);

/// Passed by one at a time.
type Gate = Arc<tokio::sync::Mutex<()>>;

/// What an actor has open.
#[derive(Debug, Default)]
struct Opened {
    connections: usize,
    repetitions: Gate,
}

/// The open connections of this node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sockets {
    open: Arc<Mutex<HashMap<Key, Opened>>>,
    unproven: Arc<Mutex<Unproven>>,
    repetitions: Gate,
}

/// The sockets on which nobody proved yet who they are.
#[derive(Debug, Default)]
struct Unproven {
    all: usize,
    by_network: HashMap<IpAddr, usize>,
}

/// The place of a socket among those on which nobody proved yet who they are, until it is dropped.
#[derive(Debug)]
pub(crate) struct Doorstep {
    sockets: Sockets,
    network: Option<IpAddr>,
}

/// A connection's place among the open ones, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    sockets: Sockets,
    key: Key,
    /// Of its actor.
    repetitions: Gate,
}

impl Sockets {
    /// Lets a socket wait for its first frame, if not too many do already. Where the address is not known, only all are
    /// counted.
    pub(crate) fn approach(&self, limits: &Limits, address: Option<IpAddr>) -> Result<Doorstep, Problem> {
        let network = address.map(network);
        let mut unproven = self.unproven.lock().unwrap_or_else(PoisonError::into_inner);
        let of_network = network.and_then(|network| unproven.by_network.get(&network)).copied().unwrap_or_default();
        if unproven.all >= limits.unproven_sockets || of_network >= limits.unproven_sockets_per_address {
            return Err(Problem::busy());
        }
        unproven.all += 1;
        if let Some(network) = network {
            unproven.by_network.insert(network, of_network + 1);
        }
        Ok(Doorstep { sockets: self.clone(), network })
    }

    /// Takes a place, if this actor has not too many already.
    pub(crate) fn enter(&self, limits: &Limits, workspace: WorkspaceId, actor: LiveActor) -> Result<Place, Problem> {
        let limit = match actor {
            LiveActor::Contact(_) => limits.sockets_per_visitor,
            LiveActor::Operator(_) => limits.sockets_per_operator,
        };
        let key = (workspace, actor);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_actor = open.entry(key).or_default();
        if of_actor.connections >= limit {
            let detail = format!("too many connections are open: at most {limit}");
            return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail).retry_after(Duration::from_secs(10)));
        }
        of_actor.connections += 1;
        metrics::gauge!("helpdesk_live_connections").increment(1.0);
        Ok(Place { sockets: self.clone(), key, repetitions: Arc::clone(&of_actor.repetitions) })
    }
}

impl Place {
    /// Waits its turn among those who ask again for what they were told already: first among its actor's connections, so
    /// that each actor waits once, then among all. A client that found a gap does so now and then and waits for nobody;
    /// however many do nothing else, they cost the others next to nothing.
    ///
    /// # Cancel safety
    /// Who stops waiting loses its place and takes nobody's.
    pub(crate) fn repetition(&self) -> impl Future<Output = ()> + use<> {
        let (of_actor, of_all) = (Arc::clone(&self.repetitions), Arc::clone(&self.sockets.repetitions));
        async move {
            let _first = of_actor.lock_owned().await;
            let turn = of_all.lock_owned().await;
            tokio::spawn(async move {
                tokio::time::sleep(REST).await;
                drop(turn);
            });
        }
    }
}

impl Drop for Doorstep {
    fn drop(&mut self) {
        let mut unproven = self.sockets.unproven.lock().unwrap_or_else(PoisonError::into_inner);
        unproven.all -= 1;
        if let Some(network) = self.network {
            leave(&mut unproven.by_network, network, |count| count);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        metrics::gauge!("helpdesk_live_connections").decrement(1.0);
        let mut open = self.sockets.open.lock().unwrap_or_else(PoisonError::into_inner);
        leave(&mut open, self.key, |of_actor| &mut of_actor.connections);
    }
}

/// One less; whoever has none is forgotten.
fn leave<K: Hash + Eq, V>(counted: &mut HashMap<K, V>, key: K, count: impl FnOnce(&mut V) -> &mut usize) {
    if let Entry::Occupied(mut entry) = counted.entry(key) {
        let count = count(entry.get_mut());
        *count -= 1;
        if *count == 0 {
            entry.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use super::*;
    use futures_util::FutureExt as _;
    use helpdesk_core::id::ContactId;

    #[test]
    fn a_visitor_has_a_bounded_number_of_connections() {
        let sockets = Sockets::default();
        let limits = Limits { sockets_per_visitor: 2, ..Limits::default() };
        let enter = |number| {
            let contact = ContactId::from_uuid(uuid::Uuid::from_u128(number));
            sockets.enter(&limits, WorkspaceId::DEFAULT, LiveActor::Contact(contact))
        };
        let (first, _second) = (enter(1).unwrap(), enter(1).unwrap());
        assert_eq!(enter(1).unwrap_err().code(), "rate_limited");
        assert!(enter(2).is_ok());
        drop(first);
        assert!(enter(1).is_ok());
    }

    #[tokio::test]
    async fn who_asks_again_waits_for_nobody_or_for_its_turn() {
        let sockets = Sockets::default();
        let enter = |number| {
            let contact = LiveActor::Contact(ContactId::from_uuid(uuid::Uuid::from_u128(number)));
            sockets.enter(&Limits::default(), WorkspaceId::DEFAULT, contact).unwrap()
        };
        let (place, beside, other) = (enter(1), enter(1), enter(2));
        place.repetition().now_or_never().expect("nobody else asks");
        assert!(place.repetition().now_or_never().is_none(), "somebody just did");
        // Who gave up holds nobody up, and of one actor one waits among all.
        let (mut first, mut second, mut third) = (pin!(place.repetition()), pin!(beside.repetition()), pin!(other.repetition()));
        assert!(first.as_mut().now_or_never().is_none());
        assert!(second.as_mut().now_or_never().is_none());
        assert!(third.as_mut().now_or_never().is_none());
        first.await;
        assert!(second.as_mut().now_or_never().is_none());
        third.await;
        second.await;
    }

    #[test]
    fn a_bounded_number_waits_on_the_doorstep() {
        let sockets = Sockets::default();
        let limits = Limits { unproven_sockets: 3, unproven_sockets_per_address: 1, ..Limits::default() };
        let approach = |text: &str| sockets.approach(&limits, text.parse().ok());
        let (first, second) = (approach("2001:db8::1").unwrap(), approach("192.0.2.1").unwrap());
        assert_eq!(approach("2001:db8::2").unwrap_err().code(), "busy");
        let third = approach("unknown").unwrap();
        assert_eq!(approach("192.0.2.2").unwrap_err().code(), "busy");
        drop(first);
        let again = approach("2001:db8::2").unwrap();
        drop((second, third, again));
        let unproven = sockets.unproven.lock().unwrap();
        assert_eq!((unproven.all, unproven.by_network.len()), (0, 0));
    }
}
