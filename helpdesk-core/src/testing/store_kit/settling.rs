//! Settling: finding out what became of a commit whose answer was lost, and seeing to it that it stays so.

use bytes::Bytes;

use super::StoreFixture;
use super::scene::{self, Scene, done};
use crate::store::{Commit, Outcome, Settled};

/// What was not committed by then never will be, however late the attempt arrives.
pub async fn settling_an_unknown_commit_refuses_it_for_ever(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let conversation = scene.conversation();
    let late = scene.writing([scene::conversation(&conversation)]);
    assert_eq!(scene.store().settle(scene.workspace.id, late.id).await.unwrap(), Settled::Refused);
    assert_eq!(scene.commit(late.clone()).await, Outcome::Refused);
    assert_eq!(scene.stored(conversation.id).await, None);
    // The same commands go through under another id.
    done(scene.commit(Commit { id: scene.draft().id, ..late }).await);
}

/// What was committed is told with the result it kept.
pub async fn settling_a_committed_one_gives_its_result(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let result = Bytes::from_static(b"result \x00\xff");
    let commit = Commit { result: result.clone(), ..scene.draft() };
    done(scene.commit(commit.clone()).await);
    assert_eq!(scene.store().settle(scene.workspace.id, commit.id).await.unwrap(), Settled::Committed(result.clone()));
    assert_eq!(scene.commit(commit).await, Outcome::Already(result));
}

/// Asking again gives the same answer.
pub async fn settling_is_repeatable(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (committed, unknown) = (scene.draft(), scene.draft());
    done(scene.commit(committed.clone()).await);
    for _ in 0..3 {
        assert_eq!(scene.store().settle(scene.workspace.id, unknown.id).await.unwrap(), Settled::Refused);
        assert_eq!(scene.store().settle(scene.workspace.id, committed.id).await.unwrap(), Settled::Committed(Bytes::new()));
    }
}

/// Whichever comes first, both get to know the same: there is no commit that was settled as refused.
pub async fn settling_while_it_commits_agrees_with_it(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    for _ in 0..50 {
        let conversation = scene.conversation();
        let commit = scene.writing([scene::conversation(&conversation)]);
        let (id, workspace) = (commit.id, scene.workspace.id);
        let (committing, settling) = (fixture.store.clone(), fixture.store.clone());
        let committing = tokio::spawn(async move { committing.commit(commit).await.unwrap() });
        let settling = tokio::spawn(async move { settling.settle(workspace, id).await.unwrap() });
        let (outcome, settled) = (committing.await.unwrap(), settling.await.unwrap());
        let stored = scene.stored(conversation.id).await.is_some();
        match (&outcome, &settled) {
            (Outcome::Committed(_), Settled::Committed(_)) => assert!(stored),
            (Outcome::Refused, Settled::Refused) => assert!(!stored),
            _ => panic!("the commit was answered {outcome:?}, but settled as {settled:?}"),
        }
    }
}
