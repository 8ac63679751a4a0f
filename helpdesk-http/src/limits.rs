//! How often: strict for a visitor, generous for an address, since an office or a mobile carrier shares one.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use helpdesk_core::bus::LiveActor;
use helpdesk_core::id::{ContactId, WorkspaceId};

use crate::problem::Problem;

/// How often visitors may do what costs something.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Messages of one visitor, a second, in the long run. 2.
    pub messages_per_second: NonZeroU32,
    /// Messages of one visitor at once. 30.
    pub messages_at_once: NonZeroU32,
    /// Sessions of one address, an hour. 300.
    pub sessions_per_hour: NonZeroU32,
    /// Open sockets and event streams of one visitor. 64: a socket for each tab.
    pub sockets_per_visitor: usize,
    /// Open sockets and event streams of one operator. 256: programs act as operators too.
    pub sockets_per_operator: usize,
    /// Sockets on which nobody proved yet who they are, of all clients. 4096.
    pub unproven_sockets: usize,
    /// Sockets on which nobody proved yet who they are, of one address. 512: behind a proxy whose clients cannot be told
    /// apart, everybody comes back at once after a restart.
    pub unproven_sockets_per_address: usize,
    /// Requests at once. 2048. Who comes later is answered 503 with `Retry-After` at once.
    pub requests_at_once: usize,
    /// Requests that wait for the rest of their body, of all clients. 4096.
    pub slow_bodies: usize,
    /// Requests that wait for the rest of their body, of one address. 512.
    pub slow_bodies_per_address: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let number = |number: u32| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self {
            messages_per_second: number(2),
            messages_at_once: number(30),
            sessions_per_hour: number(300),
            sockets_per_visitor: 64,
            sockets_per_operator: 256,
            unproven_sockets: 4096,
            unproven_sockets_per_address: 512,
            requests_at_once: 2048,
            slow_bodies: 4096,
            slow_bodies_per_address: 512,
        }
    }
}

/// Counts, and refuses what is too much.
#[derive(Debug)]
pub(crate) struct Limiter {
    messages: Counter<(WorkspaceId, ContactId)>,
    sessions: Counter<IpAddr>,
    typing: Counter<(WorkspaceId, LiveActor)>,
}

/// How often somebody may say that they are writing, in the long run and at once: clients repeat it every 3 seconds, and
/// begin anew in each conversation.
const TYPING_EVERY: Duration = Duration::from_millis(250);
const TYPING_AT_ONCE: u32 = 8;

impl Limiter {
    /// Counts by these limits.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            messages: Counter::new(Quota::per_second(limits.messages_per_second).allow_burst(limits.messages_at_once)),
            sessions: Counter::new(Quota::per_hour(limits.sessions_per_hour)),
            typing: Counter::new(typing()),
        }
    }

    /// A visitor writes.
    pub(crate) fn message(&self, workspace: WorkspaceId, contact: ContactId) -> Result<(), Problem> {
        self.messages.count(&(workspace, contact))
    }

    /// Whether somebody may say now that they are writing, over whichever connections. What comes too often is left out:
    /// it says nothing new.
    pub(crate) fn may_type(&self, workspace: WorkspaceId, actor: LiveActor) -> bool {
        self.typing.count(&(workspace, actor)).is_ok()
    }

    /// Somebody begins a session. Whose address is not known is not counted: all would share one count.
    pub(crate) fn session(&self, address: Option<IpAddr>) -> Result<(), Problem> {
        address.map_or(Ok(()), |address| self.sessions.count(&network(address)))
    }
}

fn typing() -> Quota {
    let at_once = NonZeroU32::new(TYPING_AT_ONCE).unwrap_or(NonZeroU32::MIN);
    // The period is not zero; if it were, once a second would do.
    Quota::with_period(TYPING_EVERY).unwrap_or(Quota::per_second(NonZeroU32::MIN)).allow_burst(at_once)
}

/// One household has a whole /64 of IPv6 addresses.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
        address @ IpAddr::V4(_) => address,
    }
}

#[derive(Debug)]
struct Counter<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    clock: DefaultClock,
    counted: AtomicU64,
}

/// After how many counts those are forgotten that no longer matter.
const SWEEP_EVERY: u64 = 4096;

impl<K: Hash + Eq + Clone> Counter<K> {
    fn new(quota: Quota) -> Self {
        Self { limiter: RateLimiter::keyed(quota), clock: DefaultClock::default(), counted: AtomicU64::new(0) }
    }

    fn count(&self, key: &K) -> Result<(), Problem> {
        if self.counted.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter.check_key(key).map_err(|wait| {
            let wait: Duration = wait.wait_time_from(self.clock.now());
            Problem::rate_limited(wait)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_visitor_has_a_burst_and_others_are_not_touched() {
        let limiter = Limiter::new(&Limits::default());
        let contact = |number| ContactId::from_uuid(Uuid::from_u128(number));
        let refused = (0..32).filter(|_| limiter.message(WorkspaceId::DEFAULT, contact(1)).is_err()).count();
        assert!(refused >= 1, "the 31st at once is too many");
        assert!(limiter.message(WorkspaceId::DEFAULT, contact(2)).is_ok());
    }

    #[test]
    fn typing_is_counted_for_each_actor() {
        let limiter = Limiter::new(&Limits::default());
        let types = |number| limiter.may_type(WorkspaceId::DEFAULT, LiveActor::Contact(ContactId::from_uuid(Uuid::from_u128(number))));
        let taken = (0..1000).filter(|_| types(1)).count();
        assert!((8..1000).contains(&taken), "{taken}");
        assert!(types(2));
    }

    #[test]
    fn addresses_are_counted_by_network() {
        let limiter = Limiter::new(&Limits { sessions_per_hour: NonZeroU32::MIN, ..Limits::default() });
        let session = |text: &str| limiter.session(Some(text.parse().unwrap()));
        assert!(session("2001:db8::1").is_ok());
        assert_eq!(session("2001:db8::2").unwrap_err().code(), "rate_limited");
        assert!(session("2001:db8:0:1::2").is_ok());
        assert!(session("192.0.2.1").is_ok());
        assert!(session("::ffff:192.0.2.1").is_err());
        assert!(limiter.session(None).is_ok() && limiter.session(None).is_ok());
    }
}
