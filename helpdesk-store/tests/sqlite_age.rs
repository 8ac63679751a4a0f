//! What is too old is forgotten, a little with each transaction.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use bytes::Bytes;
use common::{Place, committed};
use helpdesk_core::store::{ChangeCursor, Changes, Claim, Owner, Store as _, UniqueKey};
use helpdesk_store::SqliteStore;

const DAY: Duration = Duration::from_hours(24);

async fn count(place: &Place, table: &'static str) -> i64 {
    let sql = match table {
        "commits" => "SELECT count(*) FROM helpdesk_commits",
        "names" => "SELECT count(*) FROM helpdesk_names",
        _ => "SELECT count(*) FROM helpdesk_changes",
    };
    sqlx::query_scalar(sql).fetch_one(&place.pool().await).await.unwrap()
}

async fn write_something(place: &Place, store: &SqliteStore) {
    committed(store.commit(place.begun().1).await.unwrap());
}

#[tokio::test]
async fn commit_ids_leave_after_a_day() {
    let place = Place::new();
    let store = place.store().await;
    for _ in 0..10 {
        write_something(&place, &store).await;
    }
    place.clock.advance(DAY - Duration::from_secs(1));
    write_something(&place, &store).await;
    assert_eq!(count(&place, "commits").await, 11);
    place.clock.advance(Duration::from_secs(20));
    write_something(&place, &store).await;
    assert_eq!(count(&place, "commits").await, 2);
}

#[tokio::test]
async fn an_id_older_than_a_day_is_a_new_one_though_it_is_still_there() {
    let place = Place::new();
    let store = place.store().await;
    let commit = place.draft();
    committed(store.commit(commit.clone()).await.unwrap());
    place.clock.advance(DAY);
    committed(store.commit(commit).await.unwrap());
}

#[tokio::test]
async fn names_leave_when_their_time_is_over() {
    let place = Place::new();
    let store = place.store().await;
    let claim = |name: &str, keep| Claim { key: UniqueKey::from_stored(name.to_owned()), owner: Owner(Bytes::from_static(b"owner")), keep };
    let mut commit = place.draft();
    commit.unique = vec![claim("short", Some(DAY)), claim("long", Some(DAY * 30)), claim("for good", None)];
    committed(store.commit(commit).await.unwrap());
    assert_eq!(count(&place, "names").await, 3);
    place.clock.advance(DAY * 2);
    write_something(&place, &store).await;
    assert_eq!(count(&place, "names").await, 2);
    place.clock.advance(DAY * 40);
    write_something(&place, &store).await;
    assert_eq!(count(&place, "names").await, 1);
}

#[tokio::test]
async fn who_stayed_away_for_too_many_changes_reads_afresh() {
    let place = Place::new();
    let store = place.store().await;
    for _ in 0..5 {
        write_something(&place, &store).await;
    }
    let Changes::Some { cursor, .. } = store.changes(place.workspace.id, None, 1).await.unwrap() else { panic!("no cursor") };
    store.close().await;
    // As if two hundred thousand changes had been made and read meanwhile.
    sqlx::query("UPDATE helpdesk_counters SET change = 200000").execute(&place.pool().await).await.unwrap();

    let store = place.store().await;
    place.clock.advance(Duration::from_mins(1));
    write_something(&place, &store).await;
    assert_eq!(count(&place, "changes").await, 1);
    let start = ChangeCursor::start(cursor.incarnation);
    for known in [start, cursor] {
        let Changes::Resync(now) = store.changes(place.workspace.id, Some(known), 10).await.unwrap() else { panic!("no resync") };
        assert_eq!(now.number.0, 200_001);
        assert!(
            matches!(store.changes(place.workspace.id, Some(now), 10).await.unwrap(), Changes::Some { changes, .. } if changes.is_empty())
        );
    }
}
