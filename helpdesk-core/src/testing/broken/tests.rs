//! The kit lets the sound wrapper through, and rejects each broken store by the cases that are about its fault.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::{BrokenStore, Fault};
use crate::store::MemoryStore;
use crate::testing::ManualClock;
use crate::testing::store_kit::{self, StoreFixture};

fn broken(fault: Fault) -> StoreFixture {
    let clock = ManualClock::new();
    let inner = MemoryStore::with_clock(Arc::new(clock.clone()));
    StoreFixture::new(Arc::new(BrokenStore::new(fault, inner)), Arc::new(clock))
}

async fn sound() -> StoreFixture {
    broken(Fault::None)
}

mod the_wrapper_is_sound {
    use super::sound;

    crate::store_kit!(sound);
}

/// Makes a test a fault, that each of the cases named fails on a store that has it.
macro_rules! rejected {
    ($($test:ident: $fault:ident by $($subject:ident::$case:ident),+;)+) => {$(
        #[test]
        fn $test() {
            $(
                let run = || store_kit::run(async || broken(Fault::$fault), store_kit::$subject::$case);
                assert!(
                    catch_unwind(AssertUnwindSafe(run)).is_err(),
                    "{} lets a store through in which {:?}", stringify!($case), Fault::$fault
                );
            )+
        }
    )+};
}

rejected! {
    ignored_guards: GuardsAreIgnored by guards::a_guard_refuses_what_changed, guards::a_guard_can_ask_for_absence,
        guards::a_guard_refuses_what_is_absent, guards::every_changed_thing_is_named, concurrency::of_many_claims_one_wins,
        concurrency::all_that_was_acknowledged_is_there;
    ignored_read_guards: OnlyWrittenThingsAreGuarded by guards::a_guard_counts_though_nothing_is_written_to_it,
        concurrency::what_is_only_read_is_protected_too;
    guards_checked_too_early: GuardsAreCheckedBeforeTheLock by concurrency::of_many_claims_one_wins;
    partial_commits: RefusedCommitsAreHalfApplied by commits::a_refused_commit_leaves_no_trace;
    commits_in_steps: CommitsAreAppliedInSteps by concurrency::a_dropped_commit_is_applied_whole_or_not_at_all;
    forgotten_writes: TheLastWriteIsForgotten by commits::everything_of_a_commit_is_applied;
    forgotten_jobs: TheLastJobIsForgotten by lanes::no_job_is_forgotten, lanes::a_lane_gives_its_jobs_in_order;
    forgotten_ids: CommitIdsAreForgotten by commits::an_id_is_committed_once, commits::ids_are_kept_for_a_day,
        concurrency::one_id_commits_once_however_often_it_is_sent;
    shared_ids: CommitIdsAreSharedByWorkspaces by isolation::names_and_commit_ids_belong_to_a_workspace;
    forgotten_results: ResultsAreForgotten by commits::the_result_is_kept_byte_by_byte, settling::settling_a_committed_one_gives_its_result;
    used_up_ids: RefusalsUseTheIdUp by commits::a_refused_attempt_may_be_made_again;
    outcomes_out_of_order: ConflictsAreJudgedFirst by commits::outcomes_are_judged_in_their_order;
    settling_without_effect: SettlingDoesNotStick by settling::settling_an_unknown_commit_refuses_it_for_ever;
    ignored_names: NamesAreIgnored by names::a_name_has_one_owner, names::every_taken_name_is_named,
        concurrency::a_name_is_taken_by_one_of_many;
    endless_names: NamesNeverRunOut by names::a_name_runs_out, names::a_name_taken_again_is_kept_anew,
        snapshot::owners_are_told_while_they_hold_a_name;
    folded_names: NamesAreFoldedToLowerCase by names::owners_and_names_are_compared_byte_by_byte;
    claims_before_releases: NamesAreClaimedBeforeTheyAreReleased by names::a_name_is_handed_over_in_one_commit;
    twin_claims: TheLastOfTwinClaimsWins by names::a_commit_cannot_take_a_name_for_two;
    skipped_releases: ForeignReleasesAreSkipped by names::a_release_by_somebody_else_is_a_conflict;
    renumbered_tickets: TicketsAreRenumbered by tickets::a_ticket_keeps_its_number;
    cut_times: TimesAreCutToMilliseconds by round_trip::conversations_come_back_as_they_were;
    mended_texts: EmptyTextsBecomeNone by round_trip::contacts_come_back_as_they_were;

    reversed_lanes: LanesAreReversed by lanes::a_lane_gives_its_jobs_in_order;
    ignored_delays: DelaysAreIgnored by lanes::a_delayed_job_holds_up_its_lane, lanes::the_next_due_time_is_told;
    double_leases: LeasesAreGivenTwice by lanes::a_lane_leases_one_job_at_a_time, leases::a_lease_lasts_as_long_as_it_was_asked_for,
        concurrency::a_job_is_leased_to_one_of_many_workers;
    endless_leases: LeasesNeverRunOut by leases::a_lease_that_ran_out_passes_on;
    stale_leases: StaleLeasesFinishJobs by leases::a_stale_lease_finishes_nothing, leases::a_forged_lease_is_no_lease,
        leases::a_lease_finishes_once, cancelling::cancelling_empties_the_lane_and_voids_its_lease;
    revived_leases: LostLeasesCanBeExtended by leases::a_lost_lease_cannot_be_extended_or_given_back;
    uncounted_attempts: AttemptsAreNotCounted by leases::a_lease_that_ran_out_passes_on, lanes::a_retried_job_keeps_its_place;
    reused_tokens: TokensAreReused by leases::tokens_are_never_given_out_twice;
    lost_places: RetriesLoseTheirPlace by lanes::a_retried_job_keeps_its_place;
    arming_that_pushes: ArmingPushes by arming::arming_keeps_one_job;
    arming_that_replaces: ArmingReplaces by arming::arming_takes_the_earlier_time, arming::arming_a_leased_lane_asks_for_another_run;
    arming_that_forgets: ArmingForgetsWhileLeased by arming::arming_a_leased_lane_asks_for_another_run;
    forgotten_cancelling: CancellingIsForgotten by cancelling::cancelling_empties_the_lane_and_voids_its_lease,
        cancelling::what_is_pushed_after_cancelling_stays, cancelling::cancelling_undoes_what_the_same_commit_pushed;
    cancelling_without_the_lease: CancellingKeepsTheLease by cancelling::cancelling_empties_the_lane_and_voids_its_lease;
    sleeping_workers: NothingIsEverDue by lanes::the_next_due_time_is_told;

    leaking_workspaces: ConversationsLeakAcrossWorkspaces by isolation::nothing_is_read_across_workspaces;
    notes_in_the_timeline: NotesLeakInTheTimeline by timeline::contacts_see_their_part_only;
    notes_in_the_changes: NotesLeakInTheChanges by changed::contacts_get_their_part_only;
    ignored_limits: LimitsAreIgnored by timeline::entries_are_read_forwards, timeline::entries_are_read_backwards,
        lanes::no_more_jobs_are_leased_than_asked_for, queue::pages_go_on_behind_the_cursor_in_both_orders;
    backwards_from_the_start: BackwardsBeginsAtTheStart by timeline::entries_are_read_backwards;
    reordered_entries: ChangedEntriesComeByPlace by changed::changes_come_by_revision_and_then_by_place;
    skipping_pages: ChangedPagesSkipWithinAVersion by changed::pages_add_up_to_the_whole;
    pages_that_miss_edits: ChangedPagesMissEdits by changed::an_edit_between_two_pages_is_not_lost;
    cached_summaries: SummariesAreCached by changed::summary_and_entries_are_of_one_moment;
    mixed_moments: SnapshotsMixMoments by snapshot::a_snapshot_is_of_one_moment;
    counted_notes: NotesCountAsMessages by snapshot::messages_are_counted_by_side;
    forgotten_open_tickets: OpenTicketsAreForgotten by snapshot::a_contact_comes_with_its_open_ticket;
    forward_audit: TheAuditLogIsReadForwards by records::the_audit_log_is_read_backwards;

    coarse_cursors: CursorsAreTimesOnly by queue::pages_go_on_behind_the_cursor_in_both_orders;
    narrow_mine: MineIsWhatIAnswer by queue::every_view_agrees_with_its_rule;
    disordered_ties: OldestIsNotNewestBackwards by queue::pages_go_on_behind_the_cursor_in_both_orders;
    kept_contacts: RowsKeepTheirContact by rows::a_row_shows_what_was_written_last, rows::a_row_is_of_one_moment;
    forgotten_tickets: RowsForgetTheirTicket by rows::a_row_has_its_contact_and_its_ticket, queue::every_view_agrees_with_its_rule,
        isolation::the_same_ids_are_other_things_elsewhere;
    drifting_counts: CountsDrift by queue::counts_follow_every_change;

    skipping_cursors: CursorsSkipWhatDidNotFit by changes::a_cursor_goes_on_where_it_stands, changes::nobody_who_follows_misses_a_change;
    hasty_cursors: CursorsPassWhatIsNotYetVisible by changes::nobody_who_follows_misses_a_change;
    foreign_cursors: ForeignCursorsAreAccepted by changes::a_foreign_cursor_is_told_to_start_afresh;
    untold_removals: RemovalsAreNotTold by changes::a_removal_is_told;
}
