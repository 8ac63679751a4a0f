//! Arming: a lane that keeps one job, for timers and for work that is wanted once however often it is asked for.

use std::time::Duration;

use super::StoreFixture;
use super::scene::{MINUTE, Scene, done};
use crate::id::JobId;
use crate::store::{Commit, JobOp, NewJob};

fn armed(scene: &Scene<'_>, delay: Duration) -> NewJob {
    NewJob { delay, ..scene.job("lane") }
}

async fn arm(scene: &Scene<'_>, delay: Duration) -> JobId {
    let job = armed(scene, delay);
    let id = job.id;
    scene.operate([JobOp::Arm(job)]).await;
    id
}

/// However often it is armed, the job is done once; and may be armed again after.
pub async fn arming_keeps_one_job(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    for _ in 0..2 {
        let first = arm(&scene, Duration::ZERO).await;
        arm(&scene, Duration::ZERO).await;
        let (third, fourth) = (armed(&scene, MINUTE), armed(&scene, Duration::ZERO));
        scene.operate([JobOp::Arm(third), JobOp::Arm(fourth)]).await;
        let job = scene.lease_one().await;
        assert_eq!(job.fence.job, first, "the job that waits is moved, not replaced");
        done(scene.finish(&job).await);
        fixture.advance(10 * MINUTE).await;
        assert_eq!(scene.lease().await, []);
    }
}

/// The job that waits is moved forward, never back.
pub async fn arming_takes_the_earlier_time(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    for (first, second) in [(10 * MINUTE, 2 * MINUTE), (2 * MINUTE, 10 * MINUTE)] {
        arm(&scene, first).await;
        arm(&scene, second).await;
        fixture.advance(2 * MINUTE - Duration::from_secs(5)).await;
        assert_eq!(scene.lease().await, [], "armed for {first:?}, then for {second:?}");
        fixture.advance(Duration::from_secs(5)).await;
        let job = scene.lease_one().await;
        done(scene.finish(&job).await);
        fixture.advance(10 * MINUTE).await;
        assert_eq!(scene.lease().await, []);
    }
}

/// What is asked for while it is being done is done once more after: whoever does it may have looked too early.
pub async fn arming_a_leased_lane_asks_for_another_run(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let first = arm(&scene, Duration::ZERO).await;
    let running = scene.lease_one().await;
    let second = arm(&scene, 10 * MINUTE).await;
    arm(&scene, 2 * MINUTE).await;
    arm(&scene, 5 * MINUTE).await;
    assert_eq!(scene.lease().await, []);
    assert_eq!(running.fence.job, first);
    done(scene.finish(&running).await);

    assert_eq!(scene.lease().await, [], "another run is due in two minutes");
    fixture.advance(2 * MINUTE).await;
    let again = scene.lease_one().await;
    assert_eq!((again.fence.job, again.attempt), (second, 1));
    done(scene.finish(&again).await);
    fixture.advance(10 * MINUTE).await;
    assert_eq!(scene.lease().await, []);
}

/// Jobs leave their lane before the commit's own operations: arming then asks for a run to come.
pub async fn arming_in_the_finishing_commit_asks_for_another_run(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    arm(&scene, Duration::ZERO).await;
    let running = scene.lease_one().await;
    let next = armed(&scene, MINUTE);
    let id = next.id;
    done(scene.commit(Commit { finished: vec![running.fence], jobs: vec![JobOp::Arm(next)], ..scene.draft() }).await);
    assert_eq!(scene.lease().await, []);
    fixture.advance(MINUTE).await;
    assert_eq!(scene.lease_one().await.fence.job, id);
}

/// A job whose lease ran out waits again, so there is one to be moved.
pub async fn arming_after_a_lease_ran_out_keeps_one_job(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let first = arm(&scene, Duration::ZERO).await;
    scene.lease_one().await;
    fixture.advance(MINUTE).await;
    arm(&scene, 2 * MINUTE).await;
    let again = scene.lease_one().await;
    assert_eq!((again.fence.job, again.attempt), (first, 2));
    done(scene.finish(&again).await);
    fixture.advance(10 * MINUTE).await;
    assert_eq!(scene.lease().await, []);
}
