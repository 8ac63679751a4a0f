//! The bus over NATS keeps the contract of buses, on a server of the tests' own.
#![cfg(feature = "nats")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "common/nats.rs"]
mod nats;
#[path = "common/wire.rs"]
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use helpdesk_core::bus::EventBus;
use helpdesk_core::testing::bus_kit::Medium;
use helpdesk_store::NatsBus;
use tokio::sync::Mutex;

use nats::TestNats;
use wire::{End, Wire};

/// A server, to which each node has a wire of its own.
#[derive(Debug)]
struct Server {
    nats: TestNats,
    wires: Mutex<Vec<Wire>>,
}

#[async_trait]
impl Medium for Server {
    async fn node(&self) -> Arc<dyn EventBus> {
        let wire = Wire::to(End::Tcp(self.nats.address())).await;
        let bus = NatsBus::connect(&format!("nats://{}", wire.address())).await.unwrap();
        self.wires.lock().await.push(wire);
        Arc::new(bus)
    }

    async fn subscriptions(&self) -> usize {
        self.nats.subscriptions().await
    }

    fn can_be_cut(&self) -> bool {
        true
    }

    async fn cut(&self, node: usize) {
        self.wires.lock().await[node].cut();
    }

    async fn restore(&self, node: usize) {
        self.wires.lock().await[node].join();
    }
}

async fn server() -> Arc<dyn Medium> {
    Arc::new(Server { nats: TestNats::start(), wires: Mutex::default() })
}

helpdesk_core::bus_kit!(server);
