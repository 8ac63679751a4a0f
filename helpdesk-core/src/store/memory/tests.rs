//! What only the memory store promises. What all stores promise is in the conformance kit.

use std::sync::Arc;
use std::time::Duration;

use super::MemoryStore;
use crate::id::{CommitId, JobId, TurnNumber, Version, WorkspaceId};
use crate::store::{
    ChangeCursor, Changes, Claim, Commit, Fence, JobOp, Lane, Leased, NewJob, Outcome, Owner, QueueQuery, QueueView, Sort, Store as _,
    UniqueKey, Work, Write,
};
use crate::testing::dice::Dice;
use crate::testing::samples::{self, SampleWorkspace};
use crate::testing::{ManualClock, SequentialIds};

struct Room {
    clock: ManualClock,
    ids: SequentialIds,
    store: MemoryStore,
    workspace: SampleWorkspace,
}

impl Room {
    fn new() -> Self {
        let (clock, ids) = (ManualClock::new(), SequentialIds::new());
        let workspace = SampleWorkspace::new(&ids);
        Self { store: MemoryStore::with_clock_and_ids(Arc::new(clock.clone()), &ids), clock, ids, workspace }
    }

    fn draft(&self) -> Commit {
        Commit::new(CommitId::generate(&self.ids), self.workspace.id)
    }

    async fn commit(&self, commit: Commit) {
        assert!(matches!(self.store.commit(commit).await.unwrap(), Outcome::Committed(_)));
    }

    fn job(&self, lane: &Lane, delay: Duration) -> NewJob {
        let conversation = self.workspace.conversation(&self.ids, &samples::contact(&self.ids)).id;
        NewJob { id: JobId::generate(&self.ids), lane: lane.clone(), work: Work::Answer { conversation, turn: TurnNumber(1) }, delay }
    }
}

#[tokio::test]
async fn handles_share_one_store_and_stores_share_nothing() {
    let room = Room::new();
    let commit = room.draft();
    room.commit(commit.clone()).await;
    assert!(matches!(room.store.clone().commit(commit.clone()).await.unwrap(), Outcome::Already(_)));
    assert!(matches!(MemoryStore::new().commit(commit).await.unwrap(), Outcome::Committed(_)));

    let cursor = ChangeCursor::start(MemoryStore::new().incarnation);
    assert!(matches!(room.store.changes(room.workspace.id, Some(cursor), 10).await.unwrap(), Changes::Resync(_)));
}

#[tokio::test]
async fn a_cursor_from_the_future_is_told_to_start_afresh() {
    let room = Room::new();
    let cursor = ChangeCursor { incarnation: room.store.incarnation, number: crate::id::ChangeNumber(1) };
    let start = ChangeCursor::start(room.store.incarnation);
    assert_eq!(room.store.changes(room.workspace.id, Some(cursor), 10).await.unwrap(), Changes::Resync(start));
}

#[tokio::test]
async fn what_is_over_takes_no_memory() {
    let room = Room::new();
    for number in 0..100_u32 {
        let key = UniqueKey::client_id("contact", &number.to_string());
        let claim = Claim { key, owner: Owner::id(room.workspace.id.as_uuid()), keep: Some(Duration::from_secs(u64::from(number))) };
        let lane = Lane::named(format!("lane {number}"));
        let jobs = vec![JobOp::Push(room.job(&lane, Duration::ZERO)), JobOp::Cancel(lane)];
        room.commit(Commit { unique: vec![claim], jobs, ..room.draft() }).await;
        room.store.settle(room.workspace.id, CommitId::generate(&room.ids)).await.unwrap();
    }
    room.clock.advance(Duration::from_hours(24));
    room.store.ready().await.unwrap();
    let state = room.store.state.lock().unwrap();
    let view = state.view();
    assert_eq!((view.commits.len(), view.owners.len(), view.leases.len()), (0, 0, 0));
    assert!(state.is_forgetful());
}

#[tokio::test]
async fn an_id_is_forgotten_after_a_day() {
    let room = Room::new();
    let commit = room.draft();
    room.commit(commit.clone()).await;
    room.clock.advance(Duration::from_hours(24));
    room.commit(commit).await;
}

#[tokio::test]
async fn time_without_end_is_no_fault() {
    let room = Room::new();
    let lane = Lane::named("lane");
    let claim =
        Claim { key: UniqueKey::from_stored("name".to_owned()), owner: Owner::id(room.workspace.id.as_uuid()), keep: Some(Duration::MAX) };
    let jobs = vec![JobOp::Push(room.job(&lane, Duration::ZERO)), JobOp::Push(room.job(&Lane::named("never"), Duration::MAX))];
    room.commit(Commit { unique: vec![claim], jobs, ..room.draft() }).await;
    let leased = room.store.lease(10, Duration::MAX).await.unwrap();
    assert_eq!(leased.len(), 1);
    assert!(room.store.extend(room.workspace.id, &leased[0].fence, Duration::MAX).await.unwrap());
    assert!(room.store.retry(room.workspace.id, &leased[0].fence, Duration::MAX).await.unwrap());
    assert!(room.store.next_due().await.unwrap().unwrap() > Duration::from_hours(24 * 365 * 1_000));
}

#[tokio::test]
async fn a_page_that_walked_far_is_short_and_goes_on() {
    const ROWS: usize = 12_000;
    let room = Room::new();
    let contact = samples::contact(&room.ids);
    let mut writes = Vec::new();
    for number in 0..ROWS {
        let mut row = room.workspace.conversation(&room.ids, &contact);
        row.flagged = number == 0 || number == ROWS - 1;
        row.last_activity_at = samples::moment(i64::try_from(number).unwrap());
        writes.push(Write::Conversation(Arc::new(row)));
    }
    for some in writes.chunks(100) {
        room.commit(Commit { writes: some.to_vec(), ..room.draft() }).await;
    }
    for sort in [Sort::Newest, Sort::Oldest] {
        let mut query = QueueQuery { flagged: Some(true), sort, ..QueueQuery::of(room.workspace.owner.id, QueueView::All) };
        let mut found = Vec::new();
        loop {
            let page = room.store.queue(room.workspace.id, &query).await.unwrap();
            found.push(page.items.len());
            query.cursor = page.next;
            if query.cursor.is_none() {
                break;
            }
        }
        assert_eq!(found, [1, 0, 1]);
    }
}

#[tokio::test]
async fn the_log_of_changes_is_as_long_as_there_are_things() {
    let room = Room::new();
    let mut row = room.workspace.conversation(&room.ids, &samples::contact(&room.ids));
    for version in 1..=100 {
        row.version = Version(version);
        room.commit(Commit { writes: vec![Write::Conversation(Arc::new(row.clone()))], ..room.draft() }).await;
    }
    let start = ChangeCursor::start(room.store.incarnation);
    let Changes::Some { changes, cursor } = room.store.changes(room.workspace.id, Some(start), 10).await.unwrap() else {
        panic!("the cursor is of this store")
    };
    assert_eq!((changes.len(), changes[0].number, changes[0].version), (1, cursor.number, Version(100)));
}

/// What a lane should do, told in the plainest way: a list of jobs, of which the first may be leased.
#[derive(Default)]
struct Plain {
    jobs: Vec<(JobId, u64, u32)>,
    lease: Option<(Leased, u64)>,
}

/// A thousand random operations on a few lanes: whatever is leased is what the plain model would lease.
#[tokio::test]
async fn lanes_do_what_a_plain_list_would_do() {
    const KEEP: u64 = 5;
    let room = Room::new();
    let workspace: WorkspaceId = room.workspace.id;
    let lanes = ["one", "two", "three"].map(Lane::named);
    let mut plain: [Plain; 3] = Default::default();
    let mut dice = Dice::new(3);
    let mut now = 0;
    for _ in 0..5_000 {
        let index = usize::try_from(dice.below(3)).unwrap();
        let (lane, model) = (&lanes[index], &mut plain[index]);
        let delay = dice.pick(&[0, 0, 1, 4]);
        let over = model.lease.as_ref().is_none_or(|(_, until)| *until <= now);
        match dice.below(8) {
            0 => {
                let job = room.job(lane, Duration::from_secs(delay));
                model.jobs.push((job.id, now + delay, 0));
                room.commit(Commit { jobs: vec![JobOp::Push(job)], ..room.draft() }).await;
            }
            1 => {
                let job = room.job(lane, Duration::from_secs(delay));
                match model.jobs.get_mut(usize::from(!over)) {
                    Some((_, due, _)) => *due = (*due).min(now + delay),
                    None => model.jobs.push((job.id, now + delay, 0)),
                }
                room.commit(Commit { jobs: vec![JobOp::Arm(job)], ..room.draft() }).await;
            }
            2 if dice.once_in(4) => {
                *model = Plain::default();
                room.commit(Commit { jobs: vec![JobOp::Cancel(lane.clone())], ..room.draft() }).await;
            }
            3 | 4 => {
                if let Some((leased, _)) = &model.lease {
                    let commit = Commit { finished: vec![leased.fence.clone()], ..room.draft() };
                    let outcome = room.store.commit(commit).await.unwrap();
                    assert_eq!(matches!(outcome, Outcome::Committed(_)), !over, "{outcome:?}");
                    if !over {
                        model.jobs.remove(0);
                        model.lease = None;
                    }
                }
            }
            5 => {
                if let Some((leased, _)) = &model.lease {
                    let fence: &Fence = &leased.fence;
                    assert_eq!(room.store.retry(workspace, fence, Duration::from_secs(delay)).await.unwrap(), !over);
                    if !over {
                        model.jobs[0].1 = now + delay;
                        model.lease = None;
                    }
                }
            }
            _ => {
                room.clock.advance(Duration::from_secs(1));
                now += 1;
            }
        }
        // Sometimes nobody asks for a while, and leases run out.
        let limit = 10 * u32::from(dice.once_in(2));
        let mut expected = Vec::new();
        for model in plain.iter_mut().take(usize::try_from(limit).unwrap()) {
            let over = model.lease.as_ref().is_none_or(|(_, until)| *until <= now);
            // A job whose lease is over is due, whenever it was before.
            let due = model.jobs.first().is_some_and(|(_, due, _)| *due <= now || model.lease.is_some());
            if over && due {
                model.jobs[0].2 += 1;
                expected.push((model.jobs[0].0, model.jobs[0].2));
            }
        }
        let mut leased = room.store.lease(limit, Duration::from_secs(KEEP)).await.unwrap();
        leased.sort_unstable_by_key(|job| job.fence.job);
        expected.sort_unstable();
        assert_eq!(leased.iter().map(|job| (job.fence.job, job.attempt)).collect::<Vec<_>>(), expected);
        for job in leased {
            let index = lanes.iter().position(|lane| *lane == job.fence.lane).unwrap();
            plain[index].lease = Some((job, now + KEEP));
        }
        let wakes = plain.iter().filter_map(|model| match &model.lease {
            Some((_, until)) => Some(*until),
            None => model.jobs.first().map(|(_, due, _)| *due),
        });
        let wait = wakes.min().map(|at| Duration::from_secs(at.saturating_sub(now)));
        assert_eq!(room.store.next_due().await.unwrap(), wait);
    }
}
