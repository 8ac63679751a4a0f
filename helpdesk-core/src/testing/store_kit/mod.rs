//! The conformance kit of [`Store`]: its whole contract, one case a behaviour.
//!
//! A case gets a store of its own, empty, from an asynchronous function that makes a [`StoreFixture`]; it fails by panicking.
//! [`store_kit!`](crate::store_kit) turns all cases into tests of the module in which it is called:
//!
//! ```
//! mod contract_of_the_memory_store {
//!     use std::sync::Arc;
//!
//!     use helpdesk_core::store::MemoryStore;
//!     use helpdesk_core::testing::ManualClock;
//!     use helpdesk_core::testing::store_kit::StoreFixture;
//!
//!     async fn memory() -> StoreFixture {
//!         let clock = ManualClock::new();
//!         StoreFixture::new(Arc::new(MemoryStore::with_clock(Arc::new(clock.clone()))), Arc::new(clock))
//!     }
//!
//!     helpdesk_core::store_kit!(memory);
//! }
//! ```
//!
//! What only an implementation can show is left to it: that a commit answered as done survives a crash, that two processes
//! do not get in each other's way, that it is fast.

#![allow(clippy::unwrap_used, reason = "a case fails by panicking")]

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::clock::ManualClock;
use super::ids::SequentialIds;
use crate::store::Store;

mod scene;

pub mod arming;
pub mod cancelling;
pub mod changed;
pub mod changes;
pub mod commits;
pub mod concurrency;
pub mod guards;
pub mod isolation;
pub mod lanes;
pub mod leases;
pub mod messages;
pub mod names;
pub mod queue;
pub mod records;
pub mod round_trip;
pub mod rows;
pub mod settling;
pub mod snapshot;
pub mod tickets;
pub mod timeline;

#[cfg(test)]
mod tests;

/// How long a case may take in real time before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(120);

/// Lets time pass for a store, as its own clock shows it.
///
/// [`ManualClock`] does it at once. A store that asks a database for the time may wait instead: cases ask for 90 days at most
/// and compare nothing finer than a second.
#[async_trait]
pub trait PassTime: Send + Sync + 'static {
    /// Returns when the store's clock has advanced by at least this much, and not by a second more.
    async fn advance(&self, by: Duration);
}

#[async_trait]
impl PassTime for ManualClock {
    async fn advance(&self, by: Duration) {
        Self::advance(self, by);
    }
}

/// A store of its own for one case: empty, and used by nobody else.
pub struct StoreFixture {
    /// The store under test.
    pub store: Arc<dyn Store>,
    /// Where the case draws its ids.
    pub ids: SequentialIds,
    time: Arc<dyn PassTime>,
    kept: Vec<Box<dyn Any + Send + Sync>>,
}

impl StoreFixture {
    /// A case for this store, for which time passes like this.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, time: Arc<dyn PassTime>) -> Self {
        Self { store, ids: SequentialIds::new(), time, kept: Vec::new() }
    }

    /// Keeps something until the case is over and the store is dropped, such as a temporary directory.
    #[must_use]
    pub fn keeping(mut self, guard: impl Any + Send + Sync) -> Self {
        self.kept.push(Box::new(guard));
        self
    }

    /// Lets time pass for the store.
    pub async fn advance(&self, by: Duration) {
        self.time.advance(by).await;
    }
}

impl fmt::Debug for StoreFixture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreFixture").field("store", &self.store).field("keeps", &self.kept.len()).finish_non_exhaustive()
    }
}

/// Runs one case on a store that `make` makes, on a runtime of its own with several threads.
///
/// # Panics
/// If the store does not behave as the case wants, or it takes longer than two minutes.
pub fn run(make: impl AsyncFnOnce() -> StoreFixture, case: impl AsyncFnOnce(&StoreFixture)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime can be built");
    runtime.block_on(async {
        let fixture = make().await;
        fixture.store.ready().await.expect("an empty store is ready");
        tokio::time::timeout(PATIENCE, case(&fixture)).await.expect("the store is stuck");
    });
}

/// Hands the list of all cases, by subject, to another macro, behind what that one is given.
#[doc(hidden)]
#[macro_export]
macro_rules! for_each_store_case {
    ($macro:path { $($before:tt)* }) => {
        $macro! {
            $($before)*
            commits {
                everything_of_a_commit_is_applied,
                a_refused_commit_leaves_no_trace,
                an_id_is_committed_once,
                an_id_is_remembered_though_nothing_was_written,
                a_refused_attempt_may_be_made_again,
                outcomes_are_judged_in_their_order,
                the_result_is_kept_byte_by_byte,
                ids_are_kept_for_a_day,
            }
            guards {
                a_guard_refuses_what_changed,
                a_guard_can_ask_for_absence,
                a_guard_refuses_what_is_absent,
                a_guard_counts_though_nothing_is_written_to_it,
                every_changed_thing_is_named,
                a_removed_record_counts_as_absent,
                the_written_version_is_the_one_that_counts,
            }
            messages {
                everything_of_a_further_message_is_applied,
                a_further_message_supersedes_what_was_to_be_answered,
                further_messages_queue_up_in_their_lane,
                each_further_message_is_judged_by_itself,
                no_further_message_rests_on_settings_that_changed,
                of_two_further_messages_of_one_name_one_is_written,
            }
            names {
                a_name_has_one_owner,
                a_name_is_taken_again_by_its_owner,
                a_released_name_is_free,
                a_release_of_nobodys_name_is_fine,
                a_release_by_somebody_else_is_a_conflict,
                a_name_is_handed_over_in_one_commit,
                a_commit_cannot_take_a_name_for_two,
                a_name_runs_out,
                a_name_taken_again_is_kept_anew,
                owners_and_names_are_compared_byte_by_byte,
                every_taken_name_is_named,
            }
            lanes {
                a_lane_gives_its_jobs_in_order,
                a_lane_leases_one_job_at_a_time,
                lanes_do_not_wait_for_each_other,
                a_delayed_job_holds_up_its_lane,
                a_lease_says_all_about_its_job,
                no_more_jobs_are_leased_than_asked_for,
                a_retried_job_keeps_its_place,
                a_finished_job_makes_room_for_the_next,
                jobs_of_the_finishing_commit_come_after,
                the_next_due_time_is_told,
                no_job_is_forgotten,
            }
            leases {
                a_lease_lasts_as_long_as_it_was_asked_for,
                a_lease_that_ran_out_passes_on,
                a_stale_lease_finishes_nothing,
                a_lease_finishes_once,
                a_lease_can_be_extended,
                a_lost_lease_cannot_be_extended_or_given_back,
                a_forged_lease_is_no_lease,
                tokens_are_never_given_out_twice,
            }
            arming {
                arming_keeps_one_job,
                arming_takes_the_earlier_time,
                arming_a_leased_lane_asks_for_another_run,
                arming_in_the_finishing_commit_asks_for_another_run,
                arming_after_a_lease_ran_out_keeps_one_job,
            }
            cancelling {
                cancelling_empties_the_lane_and_voids_its_lease,
                cancelling_leaves_other_lanes_alone,
                what_is_pushed_after_cancelling_stays,
                cancelling_undoes_what_the_same_commit_pushed,
            }
            settling {
                settling_an_unknown_commit_refuses_it_for_ever,
                settling_a_committed_one_gives_its_result,
                settling_is_repeatable,
                settling_while_it_commits_agrees_with_it,
            }
            timeline {
                entries_are_read_forwards,
                entries_are_read_backwards,
                contacts_see_their_part_only,
                an_entry_that_changes_keeps_its_place,
                an_absent_timeline_is_empty,
            }
            changed {
                changes_come_by_revision_and_then_by_place,
                a_long_timeline_is_found_from_every_version,
                pages_add_up_to_the_whole,
                contacts_get_their_part_only,
                an_edit_between_two_pages_is_not_lost,
                nothing_new_is_told_with_the_conversation,
                an_absent_conversation_has_no_changes,
                summary_and_entries_are_of_one_moment,
            }
            snapshot {
                a_snapshot_has_all_that_belongs_to_a_conversation,
                a_snapshot_of_nothing_is_empty,
                a_contact_comes_with_its_open_ticket,
                records_come_once_and_the_settings_always,
                owners_are_told_while_they_hold_a_name,
                messages_are_counted_by_side,
                a_snapshot_is_of_one_moment,
            }
            queue {
                every_view_agrees_with_its_rule,
                every_filter_agrees_with_its_rule,
                pages_go_on_behind_the_cursor_in_both_orders,
                what_is_rare_is_found_behind_many,
                a_row_moves_with_its_activity,
                counts_agree_with_the_views,
                counts_follow_every_change,
                a_contact_has_its_conversations,
            }
            rows {
                a_row_has_its_contact_and_its_ticket,
                a_row_goes_without_what_is_not_stored,
                a_row_shows_what_was_written_last,
                a_row_is_of_one_moment,
            }
            records {
                records_are_paged_by_id,
                a_record_is_replaced_and_removed,
                conversations_and_contacts_are_found_by_id,
                the_audit_log_is_read_backwards,
            }
            tickets {
                a_ticket_is_found_by_id_and_by_number,
                numbers_rise,
                a_ticket_keeps_its_number,
                a_commit_may_open_several_tickets,
            }
            changes {
                changes_are_told_in_order,
                a_cursor_goes_on_where_it_stands,
                the_last_version_of_everything_is_told,
                a_removal_is_told,
                a_commit_knows_its_last_change,
                a_foreign_cursor_is_told_to_start_afresh,
                nobody_who_follows_misses_a_change,
            }
            concurrency {
                of_many_claims_one_wins,
                a_name_is_taken_by_one_of_many,
                what_is_only_read_is_protected_too,
                what_is_absent_is_protected_too,
                ticket_numbers_are_drawn_once,
                one_id_commits_once_however_often_it_is_sent,
                a_job_is_leased_to_one_of_many_workers,
                all_that_was_acknowledged_is_there,
                a_dropped_commit_is_applied_whole_or_not_at_all,
            }
            isolation {
                nothing_is_read_across_workspaces,
                the_same_ids_are_other_things_elsewhere,
                names_and_commit_ids_belong_to_a_workspace,
                lanes_belong_to_a_workspace,
                numbers_are_counted_by_workspace,
            }
            round_trip {
                conversations_come_back_as_they_were,
                entries_come_back_as_they_were,
                tickets_come_back_as_they_were,
                contacts_come_back_as_they_were,
                records_come_back_as_they_were,
                audit_lines_come_back_as_they_were,
                work_comes_back_as_it_was,
            }
        }
    };
}

/// Makes tests of all cases of the kit, in one module a subject.
///
/// Takes an `async fn() -> StoreFixture` that makes an empty store; see [`store_kit`](crate::testing::store_kit).
#[macro_export]
macro_rules! store_kit {
    ($make:expr) => {
        $crate::for_each_store_case! { $crate::store_case_tests { $make => } }
    };
}

/// Makes tests of the listed cases.
#[doc(hidden)]
#[macro_export]
macro_rules! store_case_tests {
    ($make:expr => $($subject:ident { $($case:ident),+ $(,)? })+) => {
        $(mod $subject {
            #[allow(unused_imports, reason = "the function that makes the store may be named by its whole path")]
            use super::*;

            $(#[test]
            fn $case() {
                $crate::testing::store_kit::run($make, $crate::testing::store_kit::$subject::$case);
            })+
        })+
    };
}
