//! The bus over Postgres keeps the contract of buses, on a server of the tests' own.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "common/postgres.rs"]
mod postgres;
#[path = "common/wire.rs"]
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use helpdesk_core::bus::EventBus;
use helpdesk_core::testing::bus_kit::Medium;
use helpdesk_store::PostgresBus;
use tokio::sync::Mutex;

use postgres::TestPostgres;
use wire::{End, Wire};

/// A schema of its own, to which each node has a wire.
#[derive(Debug)]
struct Database {
    schema: String,
    nodes: Mutex<Vec<(Wire, PostgresBus)>>,
}

#[async_trait]
impl Medium for Database {
    async fn node(&self) -> Arc<dyn EventBus> {
        let wire = Wire::to(End::Unix(TestPostgres::get().socket())).await;
        let url = format!("postgres://helpdesk@{}/postgres?sslmode=disable", wire.address());
        let bus = PostgresBus::builder().with_schema(&self.schema).connect(&url).await.unwrap();
        self.nodes.lock().await.push((wire, bus.clone()));
        Arc::new(bus)
    }

    async fn subscriptions(&self) -> usize {
        self.nodes.lock().await.iter().map(|(_, bus)| bus.topics_heard()).sum()
    }

    fn can_be_cut(&self) -> bool {
        true
    }

    async fn cut(&self, node: usize) {
        self.nodes.lock().await[node].0.cut();
    }

    async fn restore(&self, node: usize) {
        self.nodes.lock().await[node].0.join();
    }
}

async fn database() -> Arc<dyn Medium> {
    Arc::new(Database { schema: TestPostgres::get().schema(), nodes: Mutex::default() })
}

helpdesk_core::bus_kit!(database);
