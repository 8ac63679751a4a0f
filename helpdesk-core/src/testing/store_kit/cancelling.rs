//! Cancelling: what was to be done is not wanted any more, even if somebody is at it.

use std::time::Duration;

use super::StoreFixture;
use super::scene::{MINUTE, Scene, done};
use crate::store::{Commit, JobOp, Lane, Outcome};

/// Nothing of the lane comes any more, and whoever works on it learns that the lease is lost.
pub async fn cancelling_empties_the_lane_and_voids_its_lease(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (store, workspace) = (scene.store(), scene.workspace.id);
    scene.push("lane").await;
    scene.push("lane").await;
    let running = scene.lease_one().await;
    scene.operate([JobOp::Cancel(Lane::named("lane"))]).await;

    assert_eq!(scene.finish(&running).await, Outcome::LeaseLost);
    assert!(!store.extend(workspace, &running.fence, MINUTE).await.unwrap());
    assert!(!store.retry(workspace, &running.fence, Duration::ZERO).await.unwrap());
    assert_eq!(scene.lease().await, []);
    assert_eq!(store.next_due().await.unwrap(), None);
    fixture.advance(10 * MINUTE).await;
    assert_eq!(scene.lease().await, []);
    // There is nothing to cancel any more, and that is fine.
    scene.operate([JobOp::Cancel(Lane::named("lane"))]).await;
}

/// Other lanes go on, those of other workspaces with the same name included.
pub async fn cancelling_leaves_other_lanes_alone(fixture: &StoreFixture) {
    let (scene, other) = (Scene::new(fixture), Scene::new(fixture));
    scene.push("lane").await;
    let elsewhere = other.push("lane").await;
    let similar = scene.push("lane 2").await;
    let leased = scene.lease().await;
    assert_eq!(leased.len(), 3);
    scene.operate([JobOp::Cancel(Lane::named("lane"))]).await;
    for job in &leased {
        if job.fence.job == elsewhere {
            done(other.finish(job).await);
        } else if job.fence.job == similar {
            done(scene.finish(job).await);
        } else {
            assert_eq!(scene.finish(job).await, Outcome::LeaseLost);
        }
    }
}

/// A superseded turn: the old job goes and the new one comes in one commit, and can be had at once.
pub async fn what_is_pushed_after_cancelling_stays(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    scene.push("lane").await;
    let superseded = scene.lease_one().await;
    let (pushed, armed) = (scene.job("lane"), scene.job("timer"));
    let expected = [pushed.id, armed.id];
    let jobs = vec![JobOp::Cancel(Lane::named("lane")), JobOp::Push(pushed), JobOp::Cancel(Lane::named("timer")), JobOp::Arm(armed)];
    scene.operate(jobs).await;

    let leased = scene.lease().await;
    assert_eq!(leased.len(), 2);
    assert!(expected.iter().all(|id| leased.iter().any(|job| job.fence.job == *id && job.attempt == 1)));
    assert_eq!(scene.finish(&superseded).await, Outcome::LeaseLost);
    for job in &leased {
        done(scene.finish(job).await);
    }

    // Also in the commit that records the superseding job's own result.
    scene.push("lane").await;
    let running = scene.lease_one().await;
    let next = scene.job("lane");
    let id = next.id;
    let jobs = vec![JobOp::Cancel(Lane::named("lane")), JobOp::Push(next)];
    done(scene.commit(Commit { finished: vec![running.fence], jobs, ..scene.draft() }).await);
    assert_eq!(scene.lease_one().await.fence.job, id);
}

/// Operations are applied in their order.
pub async fn cancelling_undoes_what_the_same_commit_pushed(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let jobs = vec![JobOp::Push(scene.job("lane")), JobOp::Arm(scene.job("timer"))];
    let cancelling = ["lane", "timer"].map(|lane| JobOp::Cancel(Lane::named(lane)));
    scene.operate(jobs.into_iter().chain(cancelling)).await;
    assert_eq!(scene.lease().await, []);
    assert_eq!(scene.store().next_due().await.unwrap(), None);
}
