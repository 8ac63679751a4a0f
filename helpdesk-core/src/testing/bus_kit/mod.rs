//! The conformance kit of [`EventBus`]: its whole contract, one case a behaviour.
//!
//! A case gets a [`Medium`] of its own from an asynchronous function, asks it for the buses of some nodes, and fails by
//! panicking. [`bus_kit!`](crate::bus_kit) turns all cases into tests of the module in which it is called:
//!
//! ```
//! mod contract_of_the_local_bus {
//!     use std::sync::Arc;
//!
//!     use helpdesk_core::engine::LocalBus;
//!     use helpdesk_core::testing::bus_kit::Medium;
//!
//!     async fn local() -> Arc<dyn Medium> {
//!         Arc::new(LocalBus::new())
//!     }
//!
//!     helpdesk_core::bus_kit!(local);
//! }
//! ```

#![allow(clippy::unwrap_used, reason = "a case fails by panicking")]

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::bus::EventBus;
use crate::engine::LocalBus;

mod listener;
mod scene;

pub mod cuts;
pub mod delivery;
pub mod leaving;
pub mod order;
pub mod sizes;
pub mod slowness;
pub mod subscribing;
pub mod topics;

#[cfg(test)]
mod broken;
#[cfg(test)]
mod tests;

/// How long a case may take in real time before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the buses of several nodes have in common: a server, a database, a map in the process.
#[async_trait]
pub trait Medium: fmt::Debug + Send + Sync + 'static {
    /// The bus of one more node. They are counted from 0.
    async fn node(&self) -> Arc<dyn EventBus>;

    /// How many topics are subscribed to, all nodes together, as far out as it can be counted: at a server, if it knows.
    async fn subscriptions(&self) -> usize;

    /// Whether a node can be cut off. A medium within the process cannot lose anybody.
    fn can_be_cut(&self) -> bool {
        false
    }

    /// Cuts the connections of this node, and refuses it new ones.
    async fn cut(&self, node: usize) {
        panic!("node {node} cannot be cut off");
    }

    /// Lets a node connect again.
    async fn restore(&self, node: usize) {
        panic!("node {node} cannot be cut off");
    }
}

#[async_trait]
impl Medium for LocalBus {
    async fn node(&self) -> Arc<dyn EventBus> {
        Arc::new(self.clone())
    }

    async fn subscriptions(&self) -> usize {
        self.topics_heard()
    }
}

/// Runs one case on a medium that `make` makes, on a runtime of its own with several threads.
///
/// # Panics
/// If the bus does not behave as the case wants, or it takes longer than two minutes.
pub fn run(make: impl AsyncFnOnce() -> Arc<dyn Medium>, case: impl AsyncFnOnce(&dyn Medium)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime can be built");
    runtime.block_on(async {
        let medium = make().await;
        tokio::time::timeout(PATIENCE, case(&*medium)).await.expect("the bus is stuck");
    });
}

/// Hands the list of all cases, by subject, to another macro, behind what that one is given.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_bus_case {
    ($macro:path { $($before:tt)* }) => {
        $macro! {
            $($before)*
            delivery {
                every_node_hears_every_node,
                every_listener_of_a_node_hears,
                signals_arrive_as_they_were_published,
                nobody_needs_to_listen,
            }
            topics {
                conversations_are_heard_apart,
                a_workspace_hears_nothing_of_another,
                queue_presence_and_conversations_are_heard_apart,
            }
            subscribing {
                what_is_published_after_subscribing_is_heard,
                many_may_subscribe_at_once,
                who_comes_as_another_leaves_hears,
            }
            order {
                signals_of_one_kind_keep_their_order,
                a_draft_can_be_put_together,
            }
            slowness {
                a_slow_listener_does_not_hold_up_publishers,
                a_slow_listener_learns_what_it_cost,
                a_slow_listener_costs_the_others_nothing,
            }
            sizes {
                long_drafts_arrive,
                long_pages_arrive,
                long_texts_arrive,
                long_rolls_arrive,
            }
            leaving {
                listeners_of_a_node_share_a_subscription,
                who_stays_is_not_forgotten,
                dropped_listeners_are_forgotten,
                who_gave_up_subscribing_is_forgotten,
            }
            cuts {
                publishing_does_not_wait_for_the_medium,
                everybody_learns_of_a_cut,
                who_subscribes_during_a_cut_is_served,
                listeners_learn_that_a_publisher_was_cut_off,
            }
        }
    };
}

/// Makes tests of all cases of the kit, in one module a subject.
///
/// Takes an `async fn() -> Arc<dyn Medium>` that makes a medium nobody else uses; see [`bus_kit`](crate::testing::bus_kit).
#[macro_export]
macro_rules! bus_kit {
    ($make:expr) => {
        $crate::for_each_bus_case! { $crate::bus_case_tests { $make => } }
    };
}

/// Makes tests of the listed cases.
#[doc(hidden)]
#[macro_export]
macro_rules! bus_case_tests {
    ($make:expr => $($subject:ident { $($case:ident),+ $(,)? })+) => {
        $(mod $subject {
            #[allow(unused_imports, reason = "the function that makes the medium may be named by its whole path")]
            use super::*;

            $(#[test]
            fn $case() {
                $crate::testing::bus_kit::run($make, $crate::testing::bus_kit::$subject::$case);
            })+
        })+
    };
}
