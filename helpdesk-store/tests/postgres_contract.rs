//! The Postgres store keeps the contract of a store: as the only node with its own connections, and as one of two nodes,
//! each with the pool of a host, to which the calls of a case go in turn; and on tables that a later version has added to.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "common/later.rs"]
mod later;
#[path = "common/nodes.rs"]
mod nodes;
#[path = "common/postgres.rs"]
mod server;

use std::sync::Arc;

use helpdesk_core::testing::ManualClock;
use helpdesk_core::testing::store_kit::StoreFixture;
use helpdesk_store::PostgresStore;
use nodes::Nodes;
use server::TestPostgres;
use sqlx::postgres::PgPoolOptions;

async fn connected() -> StoreFixture {
    let server = TestPostgres::get();
    let clock = ManualClock::new();
    let builder = PostgresStore::builder().with_schema(server.schema()).with_clock(Arc::new(clock.clone()));
    let store = builder.connect(&server.url()).await.unwrap();
    StoreFixture::new(Arc::new(store), Arc::new(clock))
}

async fn two_nodes() -> StoreFixture {
    let server = TestPostgres::get();
    let (clock, schema) = (ManualClock::new(), server.schema());
    let mut nodes = Vec::new();
    for _ in 0..2 {
        let pool = PgPoolOptions::new().max_connections(4).connect(&server.url()).await.unwrap();
        let builder = PostgresStore::builder().with_schema(&schema).with_clock(Arc::new(clock.clone()));
        let store = builder.from_pool(pool).await.unwrap();
        store.migrate().await.unwrap();
        nodes.push(store);
    }
    StoreFixture::new(Arc::new(Nodes::new(nodes)), Arc::new(clock))
}

async fn on_later_tables() -> StoreFixture {
    let server = TestPostgres::get();
    let (clock, schema) = (ManualClock::new(), server.schema());
    let builder = PostgresStore::builder().with_schema(&schema).with_clock(Arc::new(clock.clone()));
    builder.clone().connect(&server.url()).await.unwrap().close().await;
    later::upgrade(&server.url(), &schema).await;
    StoreFixture::new(Arc::new(builder.connect(&server.url()).await.unwrap()), Arc::new(clock))
}

mod with_its_own_connections {
    use super::connected;

    helpdesk_core::store_kit!(connected);
}

mod as_two_nodes_with_pools_of_hosts {
    use super::two_nodes;

    helpdesk_core::store_kit!(two_nodes);
}

mod on_tables_of_a_later_version {
    use super::on_later_tables;

    helpdesk_core::store_kit!(on_later_tables);
}
