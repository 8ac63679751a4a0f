//! The writer: many commits share a transaction, and each is whole.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::future::Future as _;
use std::sync::Arc;
use std::task::{Context, Waker};

use common::{Place, committed};
use helpdesk_core::id::TicketNumber;
use helpdesk_core::store::{Outcome, Settled, Store as _, StoreError, Write};
use helpdesk_core::testing::samples;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn commits_that_wait_together_share_transactions() {
    let place = Place::new();
    let store = place.store().await;
    let before = store.transactions();
    let mut tasks = tokio::task::JoinSet::new();
    let mut ids = Vec::new();
    for _ in 0..256 {
        let (id, commit) = place.begun();
        ids.push(id);
        let store = store.clone();
        tasks.spawn(async move { store.commit(commit).await.unwrap() });
    }
    while let Some(outcome) = tasks.join_next().await {
        committed(outcome.unwrap());
    }
    let transactions = store.transactions() - before;
    assert!(transactions <= 64, "{transactions} transactions");
    assert_eq!(store.conversations(place.workspace.id, &ids).await.unwrap().len(), 256);
    assert_eq!(store.counts(place.workspace.id, place.workspace.owner.id).await.unwrap().all, 256);
}

#[tokio::test]
async fn a_commit_whose_caller_is_gone_is_applied_whole() {
    let place = Place::new();
    let store = place.store().await;
    for _ in 0..50 {
        let (id, commit) = place.begun();
        let commit_id = commit.id;
        let mut future = Box::pin(store.commit(commit));
        // The first look hands the commit to the writer, which may even have answered; then the caller loses interest.
        let _looked = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        drop(future);
        let settled = store.settle(place.workspace.id, commit_id).await.unwrap();
        let range = helpdesk_core::store::TimelineRange::After(helpdesk_core::id::Seq::ZERO);
        let timeline = store.timeline(place.workspace.id, id, range, helpdesk_core::model::Audience::Team, 10).await.unwrap();
        assert!(matches!(settled, Settled::Committed(_)));
        assert_eq!((place.exists(&store, id).await, timeline.len()), (true, 1));
    }
}

#[tokio::test]
async fn a_commit_that_was_never_handed_over_leaves_nothing() {
    let place = Place::new();
    let store = place.store().await;
    let (id, commit) = place.begun();
    let commit_id = commit.id;
    drop(store.commit(commit));
    assert_eq!(store.settle(place.workspace.id, commit_id).await.unwrap(), Settled::Refused);
    assert!(!place.exists(&store, id).await);
}

#[tokio::test]
async fn one_bad_commit_takes_no_other_with_it() {
    let place = Place::new();
    let store = place.store().await;
    // Tickets that claim a number of their own: the second is what no engine would write, and the database refuses it.
    let forged = |number| {
        let ticket = samples::ticket(&place.ids, &place.conversation());
        let ticket = helpdesk_core::model::Ticket { number: TicketNumber(number), ..ticket };
        let mut commit = place.draft();
        commit.writes.push(Write::Ticket(Box::new(ticket)));
        commit
    };
    committed(store.commit(forged(7)).await.unwrap());
    let (good, bad, fine) = (place.begun(), forged(7), place.begun());
    let bad_id = bad.id;
    let (first, second, third) = tokio::join!(store.commit(good.1), store.commit(bad), store.commit(fine.1));
    committed(first.unwrap());
    assert!(matches!(second, Err(StoreError::Failed(_))), "{second:?}");
    committed(third.unwrap());
    assert!(place.exists(&store, good.0).await && place.exists(&store, fine.0).await);
    assert_eq!(store.settle(place.workspace.id, bad_id).await.unwrap(), Settled::Refused);
}

#[tokio::test]
async fn commits_of_one_transaction_see_each_other() {
    let place = Place::new();
    let store = place.store().await;
    let conversation = place.conversation();
    let claim = || {
        let mut commit = place.draft();
        commit.guards.push(helpdesk_core::store::Guard {
            key: helpdesk_core::store::Key::Conversation(conversation.id),
            version: helpdesk_core::id::Version::ZERO,
        });
        commit.writes.push(Write::Conversation(Arc::new(conversation.clone())));
        commit
    };
    let before = store.transactions();
    let outcomes = tokio::join!(store.commit(claim()), store.commit(claim()), store.commit(claim()));
    let outcomes = [outcomes.0.unwrap(), outcomes.1.unwrap(), outcomes.2.unwrap()];
    let won = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Committed(_))).count();
    let lost = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Conflict(_))).count();
    assert_eq!((won, lost), (1, 2));
    assert_eq!(store.transactions() - before, 1);
}

#[tokio::test]
async fn refused_commits_write_nothing() {
    let place = Place::new();
    let store = place.store().await;
    let mut commit = place.begun().1;
    commit.guards.push(helpdesk_core::store::Guard {
        key: helpdesk_core::store::Key::Contact(samples::contact(&place.ids).id),
        version: helpdesk_core::id::Version(1),
    });
    let before = store.transactions();
    assert!(matches!(store.commit(commit).await.unwrap(), Outcome::Conflict(_)));
    assert!(store.lease(10, std::time::Duration::from_secs(1)).await.unwrap().is_empty());
    assert_eq!(store.transactions(), before);
}
