//! The file: whose it is, what is in it, and what is left of it after the end.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use common::{Place, committed};
use helpdesk_core::store::{ChangeCursor, Changes, Outcome, Settled, StorageFault, Store as _, StoreError};
use helpdesk_store::SqliteStore;
use sqlx::SqlSafeStr as _;
use sqlx::SqlitePool;
use sqlx::migrate::{Migration, MigrationType, Migrator};

#[tokio::test]
async fn what_was_acknowledged_is_there_after_the_store_is_dropped() {
    let place = Place::new();
    let (id, commit) = place.begun();
    let store = place.store().await;
    committed(store.commit(commit).await.unwrap());
    drop(store);
    assert!(place.exists(&place.store().await, id).await);
}

#[tokio::test]
async fn what_was_acknowledged_is_in_the_log_before_anything_is_closed() {
    let place = Place::new();
    let (id, commit) = place.begun();
    let store = place.store().await;
    committed(store.commit(commit).await.unwrap());
    // As a machine that lost power would find it: the files as they are now, without the lock.
    let copy = Place::new();
    for name in ["helpdesk.db", "helpdesk.db-wal"] {
        std::fs::copy(place.directory.path().join(name), copy.directory.path().join(name)).unwrap();
    }
    let copied = copy.store().await;
    assert!(!copied.conversations(place.workspace.id, &[id]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_second_store_on_the_same_file_is_refused() {
    let place = Place::new();
    let first = place.store().await;
    let refused = SqliteStore::builder().with_patience(Duration::ZERO).connect(&place.url()).await.unwrap_err();
    assert!(matches!(&refused, StoreError::StoreInUse(text) if text.contains("helpdesk.db")), "{refused:?}");
    let pool = place.pool().await;
    let refused = SqliteStore::builder().with_patience(Duration::ZERO).from_pool(pool).await.unwrap_err();
    assert!(matches!(refused, StoreError::StoreInUse(_)), "{refused:?}");
    first.close().await;
    place.store().await.ready().await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn the_same_file_under_another_name_is_the_same_file() {
    let place = Place::new();
    let _first = place.store().await;
    let alias = place.directory.path().join("alias.db");
    std::os::unix::fs::symlink(place.file(), &alias).unwrap();
    let url = format!("sqlite://{}", alias.display());
    let refused = SqliteStore::builder().with_patience(Duration::ZERO).connect(&url).await.unwrap_err();
    assert!(matches!(refused, StoreError::StoreInUse(_)), "{refused:?}");
}

#[tokio::test]
async fn a_database_in_memory_is_refused_with_the_reason() {
    for url in ["sqlite::memory:", "sqlite://:memory:", "sqlite://somewhere?mode=memory", "sqlite:"] {
        let refused = SqliteStore::connect(url).await.unwrap_err();
        assert!(matches!(&refused, StoreError::Failed(_)) && refused.to_string().contains("in memory"), "{url}: {refused}");
    }
    let pool = SqlitePool::connect("sqlite::memory:").await.unwrap();
    let refused = SqliteStore::from_pool(pool).await.unwrap_err();
    assert!(refused.to_string().contains("in memory"), "{refused}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let place = Place::new();
    std::fs::write(place.file(), "This is a letter, and it is long enough not to be taken for an empty file. ".repeat(20)).unwrap();
    let refused = SqliteStore::connect(&place.url()).await.unwrap_err();
    assert!(refused.storage_fault() == Some(StorageFault::Damaged) && refused.to_string().contains("not an SQLite database"), "{refused}");
    let refused = SqliteStore::connect("postgres://elsewhere").await.unwrap_err();
    assert!(matches!(refused, StoreError::Failed(_)), "{refused:?}");
}

#[tokio::test]
async fn tables_that_are_not_there_are_outdated_until_migrated() {
    let place = Place::new();
    let store = place.store_from(place.pool().await).await;
    let outdated = |error: &StoreError| matches!(error, StoreError::SchemaOutdated(text) if text.contains("migrate"));
    assert!(outdated(&store.ready().await.unwrap_err()));
    let (id, commit) = place.begun();
    assert!(outdated(&store.commit(commit.clone()).await.unwrap_err()));
    assert!(outdated(&store.counts(place.workspace.id, place.workspace.owner.id).await.unwrap_err()));
    store.migrate().await.unwrap();
    store.ready().await.unwrap();
    committed(store.commit(commit).await.unwrap());
    assert!(place.exists(&store, id).await);
}

#[tokio::test]
async fn tables_of_a_newer_version_are_refused() {
    let place = Place::new();
    place.store().await.close().await;
    let pool = place.pool().await;
    sqlx::query("INSERT INTO helpdesk_migrations VALUES (99, 'the future', CURRENT_TIMESTAMP, TRUE, x'00', 0)")
        .execute(&pool)
        .await
        .unwrap();
    let newer = |error: &StoreError| matches!(error, StoreError::SchemaOutdated(text) if text.contains("newer"));
    assert!(newer(&SqliteStore::connect(&place.url()).await.unwrap_err()));
    let store = place.store_from(pool).await;
    assert!(newer(&store.ready().await.unwrap_err()));
    assert!(newer(&store.migrate().await.unwrap_err()));
}

fn migrations_of_the_host() -> Migrator {
    let sql = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)".into_sql_str();
    Migrator::with_migrations(vec![Migration::new(1, "users".into(), MigrationType::Simple, sql, false)])
}

async fn works_beside_a_host(place: &Place, store: &SqliteStore, pool: &SqlitePool) {
    migrations_of_the_host().run(pool).await.unwrap();
    store.migrate().await.unwrap();
    sqlx::query("INSERT INTO users (name) VALUES ('Ana')").execute(pool).await.unwrap();
    let (id, commit) = place.begun();
    committed(store.commit(commit).await.unwrap());
    assert!(place.exists(store, id).await);
    let foreign = "SELECT name FROM sqlite_master WHERE name NOT LIKE 'helpdesk\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    let tables: Vec<String> = sqlx::query_scalar(foreign).fetch_all(pool).await.unwrap();
    assert_eq!(tables, ["_sqlx_migrations", "users"]);
}

#[tokio::test]
async fn a_host_that_migrates_first_keeps_its_migrations() {
    let place = Place::new();
    let pool = place.pool().await;
    migrations_of_the_host().run(&pool).await.unwrap();
    let store = place.store_from(pool.clone()).await;
    store.migrate().await.unwrap();
    works_beside_a_host(&place, &store, &pool).await;
}

#[tokio::test]
async fn a_host_that_migrates_second_keeps_its_migrations() {
    let place = Place::new();
    let pool = place.pool().await;
    let store = place.store_from(pool.clone()).await;
    store.migrate().await.unwrap();
    works_beside_a_host(&place, &store, &pool).await;
}

#[tokio::test]
async fn leases_die_with_the_process_and_their_tokens_with_them() {
    let place = Place::new();
    let store = place.store().await;
    committed(store.commit(place.pushed("lane")).await.unwrap());
    let before = store.lease(1, Duration::from_hours(1)).await.unwrap().remove(0);
    assert!(store.lease(1, Duration::from_hours(1)).await.unwrap().is_empty());
    store.close().await;

    let store = place.store().await;
    assert_eq!(store.next_due().await.unwrap(), Some(Duration::ZERO));
    let after = store.lease(1, Duration::from_hours(1)).await.unwrap().remove(0);
    assert_eq!((after.fence.job, after.attempt), (before.fence.job, 1), "a restart is not held against the job");
    assert!(after.fence.token > before.fence.token);
    assert!(!store.extend(place.workspace.id, &before.fence, Duration::from_hours(1)).await.unwrap());
    let mut late = place.draft();
    late.finished.push(before.fence);
    assert_eq!(store.commit(late).await.unwrap(), Outcome::LeaseLost);
}

#[tokio::test]
async fn a_job_that_sees_many_restarts_is_suspected() {
    let place = Place::new();
    let store = place.store().await;
    committed(store.commit(place.pushed("lane")).await.unwrap());
    store.close().await;
    let mut attempts = Vec::new();
    for _ in 0..13 {
        let store = place.store().await;
        attempts.push(store.lease(1, Duration::from_hours(1)).await.unwrap()[0].attempt);
        store.close().await;
    }
    assert_eq!(attempts, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3]);
}

#[tokio::test]
async fn a_settled_commit_stays_settled_over_a_restart() {
    let place = Place::new();
    let (_, commit) = place.begun();
    let store = place.store().await;
    assert_eq!(store.settle(place.workspace.id, commit.id).await.unwrap(), Settled::Refused);
    store.close().await;
    assert_eq!(place.store().await.commit(commit).await.unwrap(), Outcome::Refused);
}

#[tokio::test]
async fn a_cursor_of_another_life_of_the_file_means_read_afresh() {
    let place = Place::new();
    let store = place.store().await;
    committed(store.commit(place.begun().1).await.unwrap());
    let Changes::Some { cursor, .. } = store.changes(place.workspace.id, None, 10).await.unwrap() else { panic!("no cursor") };
    // A file restored from a backup has drawn fewer numbers.
    let ahead = ChangeCursor { number: cursor.number.next(), ..cursor };
    assert_eq!(store.changes(place.workspace.id, Some(ahead), 10).await.unwrap(), Changes::Resync(cursor));
    store.renew_incarnation().await.unwrap();
    let Changes::Resync(renewed) = store.changes(place.workspace.id, Some(cursor), 10).await.unwrap() else { panic!("no resync") };
    assert!(renewed.incarnation != cursor.incarnation && renewed.number == cursor.number);
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let place = Place::new();
    let store = place.store().await;
    store.close().await;
    store.close().await;
    for error in [store.commit(place.begun().1).await.unwrap_err(), store.ready().await.unwrap_err()] {
        assert!(error.is_retryable(), "{error:?}");
    }
}
