//! Leases: proof that one does a job alone, for as long as it lasts.

use std::collections::BTreeSet;
use std::time::Duration;

use super::StoreFixture;
use super::scene::{self, MINUTE, Scene, done};
use crate::id::{JobId, LeaseToken, WorkspaceId};
use crate::store::{Commit, Fence, Lane, Leased, Outcome};

/// Nobody else gets the job while the lease lasts, and its result is accepted up to then.
pub async fn a_lease_lasts_as_long_as_it_was_asked_for(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    scene.push("lane").await;
    let leased = scene.store().lease(1, 10 * MINUTE).await.unwrap();
    assert_eq!(leased.len(), 1);
    fixture.advance(10 * MINUTE - Duration::from_secs(5)).await;
    assert_eq!(scene.lease().await, []);
    done(scene.finish(&leased[0]).await);
}

/// When a lease is over the job is somebody else's, as the next attempt, with a new token.
pub async fn a_lease_that_ran_out_passes_on(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let first = scene.push("lane").await;
    scene.push("lane").await;
    let lost = scene.lease_one().await;
    for attempt in 2..5 {
        fixture.advance(MINUTE).await;
        let found = scene.lease_one().await;
        assert_eq!((found.fence.job, found.attempt), (first, attempt));
        assert_ne!(found.fence.token, lost.fence.token);
    }
}

/// The result of one whose lease is over is not accepted: not before somebody else has the job, and not after; nothing of
/// the commit is written.
pub async fn a_stale_lease_finishes_nothing(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    scene.push("lane").await;
    let stale = scene.lease_one().await;
    let conversation = scene.conversation();
    let result = |stale: &Leased| Commit { finished: vec![stale.fence.clone()], ..scene.writing([scene::conversation(&conversation)]) };

    fixture.advance(MINUTE).await;
    assert_eq!(scene.commit(result(&stale)).await, Outcome::LeaseLost);
    let holder = scene.lease_one().await;
    assert_eq!(scene.commit(result(&stale)).await, Outcome::LeaseLost);
    assert_eq!(scene.stored(conversation.id).await, None);
    done(scene.commit(result(&holder)).await);
    assert_eq!(scene.commit(result(&stale)).await, Outcome::LeaseLost);
}

/// A lease whose job is finished is over.
pub async fn a_lease_finishes_once(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    scene.push("lane").await;
    scene.push("lane").await;
    let job = scene.lease_one().await;
    done(scene.finish(&job).await);
    assert_eq!(scene.finish(&job).await, Outcome::LeaseLost);
    assert!(!scene.store().extend(scene.workspace.id, &job.fence, MINUTE).await.unwrap());
    assert!(!scene.store().retry(scene.workspace.id, &job.fence, Duration::ZERO).await.unwrap());
    assert_eq!(scene.lease().await.len(), 1, "the next job of the lane, and only that");
}

/// A worker that takes longer says so in time: the lease is counted from then, whether that is longer or shorter.
pub async fn a_lease_can_be_extended(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    scene.push("lane").await;
    let job = scene.lease_one().await;
    for _ in 0..3 {
        fixture.advance(MINUTE - Duration::from_secs(5)).await;
        assert!(scene.store().extend(scene.workspace.id, &job.fence, MINUTE).await.unwrap());
        assert_eq!(scene.lease().await, []);
    }
    assert!(scene.store().extend(scene.workspace.id, &job.fence, 10 * MINUTE).await.unwrap());
    fixture.advance(9 * MINUTE).await;
    assert_eq!(scene.lease().await, []);
    assert!(scene.store().extend(scene.workspace.id, &job.fence, MINUTE / 2).await.unwrap());
    fixture.advance(MINUTE / 2).await;
    assert_eq!(scene.lease_one().await.attempt, 2);
}

/// A lease that is over, or that somebody else has now, stays lost, and asking does not disturb who has it.
pub async fn a_lost_lease_cannot_be_extended_or_given_back(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (store, workspace) = (scene.store(), scene.workspace.id);
    scene.push("lane").await;
    let lost = scene.lease_one().await;
    fixture.advance(MINUTE).await;
    assert!(!store.extend(workspace, &lost.fence, MINUTE).await.unwrap(), "a lease that is over was extended");
    assert!(!store.retry(workspace, &lost.fence, 10 * MINUTE).await.unwrap(), "a lease that is over was given back");

    let holder = scene.lease_one().await;
    assert!(!store.extend(workspace, &lost.fence, 10 * MINUTE).await.unwrap(), "somebody else's lease was extended");
    assert!(!store.retry(workspace, &lost.fence, Duration::ZERO).await.unwrap(), "somebody else's lease was given back");
    assert_eq!(scene.lease().await, []);
    fixture.advance(MINUTE / 2).await;
    done(scene.finish(&holder).await);
}

/// Lane, job, token and tenant must all be those of the lease.
pub async fn a_forged_lease_is_no_lease(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (store, workspace) = (scene.store(), scene.workspace.id);
    scene.push("lane").await;
    scene.push("lane").await;
    scene.push("other").await;
    let leased = scene.lease().await;
    let [real, other] = ["lane", "other"].map(|lane| leased.iter().find(|job| job.fence.lane.as_str() == lane).unwrap().fence.clone());

    let forged = [
        Fence { lane: Lane::named("no such lane"), ..real.clone() },
        Fence { lane: other.lane.clone(), ..real.clone() },
        Fence { job: JobId::generate(&fixture.ids), ..real.clone() },
        Fence { job: other.job, ..real.clone() },
        Fence { token: other.token, ..real.clone() },
        Fence { token: LeaseToken(0), ..real.clone() },
        Fence { token: LeaseToken(real.token.0 + 1_000), ..real.clone() },
    ];
    for fence in forged {
        let commit = Commit { finished: vec![other.clone(), fence.clone()], ..scene.draft() };
        assert_eq!(scene.commit(commit).await, Outcome::LeaseLost, "by {fence:?}");
        assert!(!store.extend(workspace, &fence, MINUTE).await.unwrap());
        assert!(!store.retry(workspace, &fence, MINUTE).await.unwrap());
    }
    let stranger = WorkspaceId::generate(&fixture.ids);
    let commit = Commit { workspace: stranger, finished: vec![real.clone()], ..scene.draft() };
    assert_eq!(scene.commit(commit).await, Outcome::LeaseLost);
    assert!(!store.extend(stranger, &real, MINUTE).await.unwrap());
    assert!(!store.retry(stranger, &real, MINUTE).await.unwrap());

    done(scene.commit(Commit { finished: vec![other, real], ..scene.draft() }).await);
}

/// Each lease has a token that no other ever has, of whatever lane, workspace or attempt.
pub async fn tokens_are_never_given_out_twice(fixture: &StoreFixture) {
    let scenes = [Scene::new(fixture), Scene::new(fixture)];
    let mut tokens = BTreeSet::new();
    let mut leases = 0;
    for _ in 0..3 {
        for scene in &scenes {
            scene.push("lane").await;
            scene.push("other").await;
        }
        for job in scenes[0].lease().await {
            leases += 1;
            tokens.insert(job.fence.token);
            let scene = scenes.iter().find(|scene| scene.workspace.id == job.workspace).unwrap();
            if job.fence.lane.as_str() == "lane" {
                done(scene.finish(&job).await);
            } else if job.workspace == scenes[0].workspace.id {
                assert!(scene.store().retry(job.workspace, &job.fence, Duration::ZERO).await.unwrap());
            }
        }
        fixture.advance(MINUTE).await;
    }
    assert_eq!((leases, tokens.len()), (12, 12));
}
