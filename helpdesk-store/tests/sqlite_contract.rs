//! The SQLite store keeps the contract of a store, whether it owns its connections or reads through a host's pool.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use helpdesk_core::testing::ManualClock;
use helpdesk_core::testing::store_kit::StoreFixture;
use helpdesk_store::SqliteStore;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;

async fn connected() -> StoreFixture {
    let directory = tempfile::tempdir().unwrap();
    let clock = ManualClock::new();
    let url = format!("sqlite://{}", directory.path().join("helpdesk.db").display());
    let store = SqliteStore::builder().with_clock(Arc::new(clock.clone())).connect(&url).await.unwrap();
    StoreFixture::new(Arc::new(store), Arc::new(clock)).keeping(directory)
}

async fn from_pool() -> StoreFixture {
    let directory = tempfile::tempdir().unwrap();
    let clock = ManualClock::new();
    let options = SqliteConnectOptions::new().filename(directory.path().join("host.db")).create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    let store = SqliteStore::builder().with_clock(Arc::new(clock.clone())).from_pool(pool).await.unwrap();
    store.migrate().await.unwrap();
    StoreFixture::new(Arc::new(store), Arc::new(clock)).keeping(directory)
}

mod with_its_own_connections {
    use super::connected;

    helpdesk_core::store_kit!(connected);
}

mod with_the_pool_of_a_host {
    use super::from_pool;

    helpdesk_core::store_kit!(from_pool);
}
