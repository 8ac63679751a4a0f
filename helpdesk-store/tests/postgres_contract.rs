//! The Postgres store keeps the contract of a store: with its own connections, by a host's pool, and as one of two nodes.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "common/postgres.rs"]
mod server;

use std::sync::Arc;

use helpdesk_core::testing::ManualClock;
use helpdesk_core::testing::store_kit::StoreFixture;
use helpdesk_store::PostgresStore;
use server::TestPostgres;

async fn connected() -> StoreFixture {
    let server = TestPostgres::get();
    let clock = ManualClock::new();
    let builder = PostgresStore::builder().with_schema(server.schema()).with_clock(Arc::new(clock.clone()));
    let store = builder.connect(&server.url()).await.unwrap();
    StoreFixture::new(Arc::new(store), Arc::new(clock))
}

mod with_its_own_connections {
    use super::connected;

    helpdesk_core::store_kit!(connected);
}
