//! A host that writes to the same file.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{Place, committed};
use helpdesk_core::store::{Settled, Store as _};
use helpdesk_store::SqliteStore;

#[tokio::test]
async fn while_the_host_writes_for_too_long_the_store_is_unavailable_for_now() {
    let place = Place::new();
    let pool = place.pool().await;
    let builder = SqliteStore::builder().with_clock(Arc::new(place.clock.clone())).with_busy_timeout(Duration::from_millis(20));
    let store = builder.from_pool(pool.clone()).await.unwrap();
    store.migrate().await.unwrap();

    let writing = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let (id, commit) = place.begun();
    let error = store.commit(commit.clone()).await.unwrap_err();
    assert!(error.is_retryable() && error.to_string().contains("somebody else is writing"), "{error}");
    assert!(!place.exists(&store, id).await);
    writing.rollback().await.unwrap();

    committed(store.commit(commit.clone()).await.unwrap());
    assert!(matches!(store.settle(place.workspace.id, commit.id).await.unwrap(), Settled::Committed(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_host_gets_its_turn_while_the_helpdesk_is_busy() {
    let place = Place::new();
    let pool = place.pool().await;
    let store = place.store_from(pool.clone()).await;
    store.migrate().await.unwrap();
    sqlx::query("CREATE TABLE orders (id INTEGER PRIMARY KEY)").execute(&pool).await.unwrap();

    let mut busy = tokio::task::JoinSet::new();
    let mut ids = Vec::new();
    for _ in 0..32 {
        let begun: Vec<_> = (0..8).map(|_| place.begun()).collect();
        ids.extend(begun.iter().map(|(id, _)| *id));
        let store = store.clone();
        busy.spawn(async move {
            for (_, commit) in begun {
                committed(store.commit(commit).await.unwrap());
            }
        });
    }
    for _ in 0..20 {
        let mut order = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
        sqlx::query("INSERT INTO orders DEFAULT VALUES").execute(&mut *order).await.unwrap();
        order.commit().await.unwrap();
    }
    while let Some(done) = busy.join_next().await {
        done.unwrap();
    }
    let orders: i64 = sqlx::query_scalar("SELECT count(*) FROM orders").fetch_one(&pool).await.unwrap();
    assert_eq!(orders, 20);
    assert_eq!(store.conversations(place.workspace.id, &ids).await.unwrap().len(), 256);
}
