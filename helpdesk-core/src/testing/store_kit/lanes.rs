//! Jobs wait in lanes: oldest first, one at a time, none forgotten.

use std::collections::BTreeSet;
use std::time::Duration;

use super::StoreFixture;
use super::scene::{MINUTE, Scene, done};
use crate::id::{ConversationId, JobId};
use crate::store::{Commit, JobOp, Lane, Work};
use crate::testing::samples;

/// The order of a lane is the order of the pushes: over commits, and within one.
pub async fn a_lane_gives_its_jobs_in_order(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let mut pushed = vec![scene.push("lane").await];
    let batch: Vec<_> = (0..3).map(|_| scene.job("lane")).collect();
    pushed.extend(batch.iter().map(|job| job.id));
    scene.operate(batch.into_iter().map(JobOp::Push)).await;
    pushed.push(scene.push("lane").await);

    let mut leased = Vec::new();
    for _ in 0..pushed.len() {
        let job = scene.lease_one().await;
        leased.push(job.fence.job);
        done(scene.finish(&job).await);
    }
    assert_eq!(leased, pushed);
    assert_eq!(scene.lease().await, []);
}

/// While a job of a lane is being done, nobody gets another of it, nor the same.
pub async fn a_lane_leases_one_job_at_a_time(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let first = scene.push("lane").await;
    scene.push("lane").await;
    let job = scene.lease_one().await;
    assert_eq!(job.fence.job, first);
    assert_eq!(scene.lease().await, []);
    scene.push("lane").await;
    fixture.advance(MINUTE / 2).await;
    assert_eq!(scene.lease().await, []);
}

/// A lane whose job is being done, or is not due, holds up no other.
pub async fn lanes_do_not_wait_for_each_other(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    scene.push("busy").await;
    scene.push("busy").await;
    scene.lease_one().await;
    let mut late = scene.job("late");
    late.delay = 10 * MINUTE;
    scene.operate([JobOp::Push(late)]).await;
    let mut expected = BTreeSet::new();
    for number in 0..20 {
        expected.insert(scene.push(&format!("free {number}")).await);
    }
    let leased: BTreeSet<JobId> = scene.lease().await.iter().map(|job| job.fence.job).collect();
    assert_eq!(leased, expected);
}

/// Nothing is leased before its time, and what is behind it in the lane waits too.
pub async fn a_delayed_job_holds_up_its_lane(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let mut late = scene.job("lane");
    late.delay = 2 * MINUTE;
    let first = late.id;
    scene.operate([JobOp::Push(late)]).await;
    let second = scene.push("lane").await;

    assert_eq!(scene.lease().await, []);
    fixture.advance(2 * MINUTE - Duration::from_secs(5)).await;
    assert_eq!(scene.lease().await, []);
    fixture.advance(Duration::from_secs(5)).await;
    let job = scene.lease_one().await;
    assert_eq!(job.fence.job, first);
    done(scene.finish(&job).await);
    assert_eq!(scene.lease_one().await.fence.job, second);
}

/// A lease tells the tenant, the lane, the work, the attempt and when the job was pushed.
pub async fn a_lease_says_all_about_its_job(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let mut job = scene.job("lane");
    let requested_at = samples::moment(7) + chrono::TimeDelta::microseconds(123_457);
    job.work = Work::Confirm { conversation: ConversationId::generate(&fixture.ids), requested_at };
    scene.operate([JobOp::Push(job.clone())]).await;

    let leased = scene.lease_one().await;
    assert_eq!((leased.workspace, &leased.work, leased.attempt), (scene.workspace.id, &job.work, 1));
    assert_eq!((&leased.fence.lane, leased.fence.job), (&Lane::named("lane"), job.id));

    fixture.advance(MINUTE).await;
    let again = scene.lease_one().await;
    assert_eq!(again.pushed_at, leased.pushed_at, "a job is pushed once");
    assert_eq!((again.work, again.attempt), (job.work, 2));

    // What was pushed later says so.
    let later = scene.push("other lane").await;
    let later = scene.lease().await.into_iter().find(|job| job.fence.job == later).unwrap();
    let waited = later.pushed_at - leased.pushed_at;
    assert!(waited >= chrono::TimeDelta::seconds(59), "pushed a minute later by the store's clock, but {waited} by what it says");
}

/// A worker gets as many jobs as it can do.
pub async fn no_more_jobs_are_leased_than_asked_for(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    for number in 0..10 {
        scene.push(&format!("lane {number}")).await;
    }
    let mut seen = BTreeSet::new();
    for expected in [3, 3, 3, 1, 0] {
        let leased = scene.store().lease(3, MINUTE).await.unwrap();
        assert_eq!(leased.len(), expected);
        seen.extend(leased.into_iter().map(|job| job.fence.job));
    }
    assert_eq!(seen.len(), 10, "each job was leased once");
}

/// A job that is given back is done again before those behind it, when its delay is over, as the next attempt.
pub async fn a_retried_job_keeps_its_place(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let first = scene.push("lane").await;
    let second = scene.push("lane").await;

    let job = scene.lease_one().await;
    assert!(scene.store().retry(scene.workspace.id, &job.fence, 2 * MINUTE).await.unwrap());
    assert_eq!(scene.lease().await, []);
    fixture.advance(2 * MINUTE).await;
    let again = scene.lease_one().await;
    assert_eq!((again.fence.job, again.attempt), (first, 2));
    assert_ne!(again.fence.token, job.fence.token);

    assert!(scene.store().retry(scene.workspace.id, &again.fence, Duration::ZERO).await.unwrap());
    let third = scene.lease_one().await;
    assert_eq!((third.fence.job, third.attempt), (first, 3));
    done(scene.finish(&third).await);
    let next = scene.lease_one().await;
    assert_eq!((next.fence.job, next.attempt), (second, 1));
}

/// A finished job never comes back, and the next of its lane can be had at once.
pub async fn a_finished_job_makes_room_for_the_next(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    scene.push("lane").await;
    let second = scene.push("lane").await;
    let job = scene.lease_one().await;
    done(scene.finish(&job).await);
    let next = scene.lease_one().await;
    assert_eq!(next.fence.job, second);
    done(scene.finish(&next).await);
    fixture.advance(10 * MINUTE).await;
    assert_eq!(scene.lease().await, []);
    assert_eq!(scene.store().next_due().await.unwrap(), None);
}

/// A commit may finish a job and push the next of the same lane; several at once, of several lanes.
pub async fn jobs_of_the_finishing_commit_come_after(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    scene.push("one").await;
    scene.push("two").await;
    let leased = scene.lease().await;
    assert_eq!(leased.len(), 2);
    let (next, last) = (scene.job("one"), scene.job("one"));
    let expected = [next.id, last.id];
    let commit = Commit {
        finished: leased.into_iter().map(|job| job.fence).collect(),
        jobs: vec![JobOp::Push(next), JobOp::Push(last)],
        ..scene.draft()
    };
    done(scene.commit(commit).await);
    for id in expected {
        let job = scene.lease_one().await;
        assert_eq!((job.fence.job, job.attempt), (id, 1));
        done(scene.finish(&job).await);
    }
}

/// Workers sleep until the next job is due; while all jobs are being done, no longer than until a lease runs out.
pub async fn the_next_due_time_is_told(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    assert_eq!(scene.store().next_due().await.unwrap(), None);
    let mut late = scene.job("late");
    late.delay = 10 * MINUTE;
    scene.operate([JobOp::Push(late)]).await;
    let wait = scene.store().next_due().await.unwrap().unwrap();
    assert!(wait > 9 * MINUTE && wait <= 10 * MINUTE, "due in ten minutes, not in {wait:?}");

    scene.push("now").await;
    assert_eq!(scene.store().next_due().await.unwrap(), Some(Duration::ZERO));
    scene.lease_one().await;
    let wait = scene.store().next_due().await.unwrap().unwrap();
    assert!(wait > Duration::ZERO && wait <= MINUTE, "a lease runs out in a minute, not in {wait:?}");
    fixture.advance(11 * MINUTE).await;
    assert_eq!(scene.store().next_due().await.unwrap(), Some(Duration::ZERO));
}

/// Every job of a commit is there, whatever stands beside it.
pub async fn no_job_is_forgotten(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let jobs: Vec<_> = (0..150).map(|number| scene.job(&format!("lane {}", number % 50))).collect();
    let mut expected: BTreeSet<JobId> = jobs.iter().map(|job| job.id).collect();
    for some in jobs.chunks(60) {
        scene.operate(some.iter().cloned().map(JobOp::Push)).await;
    }
    while !expected.is_empty() {
        let leased = scene.lease().await;
        assert!(!leased.is_empty(), "{} jobs never came", expected.len());
        for job in leased {
            assert!(expected.remove(&job.fence.job), "a job came twice");
            done(scene.finish(&job).await);
        }
    }
    assert_eq!(scene.lease().await, []);
}
