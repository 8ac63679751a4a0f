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

/// What only this bus can show.
mod on_nats {
    use std::time::Duration;

    use futures_util::StreamExt as _;
    use futures_util::stream::BoxStream;
    use helpdesk_core::bus::{BusItem, Signal, Topic};
    use helpdesk_core::id::{ChangeNumber, ConversationId, RandomIds, WorkspaceId};
    use helpdesk_store::bus::BusError;

    use super::*;

    const TOPIC: Topic = Topic::Queue { workspace: WorkspaceId::DEFAULT };

    fn advanced(change: u64) -> Arc<Signal> {
        Arc::new(Signal::Advanced { change: ChangeNumber(change), key: None })
    }

    async fn next(listener: &mut BoxStream<'static, BusItem>) -> BusItem {
        tokio::time::timeout(Duration::from_secs(60), listener.next()).await.expect("nothing is heard").unwrap()
    }

    async fn loss(listener: &mut BoxStream<'static, BusItem>) {
        while !matches!(next(listener).await, BusItem::Lagged) {}
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_server_that_is_killed_and_comes_back_is_found_again() {
        let server = TestNats::start();
        let (address, url) = (server.address(), server.url());
        let (here, there) = (NatsBus::connect(&url).await.unwrap(), NatsBus::connect(&url).await.unwrap());
        let (mut near, mut far) = (here.subscribe(TOPIC).await, there.subscribe(TOPIC).await);
        drop(server);
        here.publish(TOPIC, advanced(1)).await;
        assert!(matches!(next(&mut near).await, BusItem::Signal(signal) if signal == advanced(1)), "a node's own listeners hear at once");
        let _server = TestNats::start_on(&address.port().to_string());
        loss(&mut near).await;
        loss(&mut far).await;
        let mut heard = false;
        for change in 2..100 {
            here.publish(TOPIC, advanced(change)).await;
            heard = matches!(next(&mut far).await, BusItem::Signal(_));
            if heard {
                break;
            }
        }
        assert!(heard, "losses are told without end");
    }

    #[tokio::test]
    async fn subjects_are_those_of_the_documentation_and_a_node_asks_for_its_own_only() {
        let server = TestNats::start();
        let client = async_nats::connect(server.url()).await.unwrap();
        let mut all = client.subscribe("shop.desk.*.>").await.unwrap();
        client.flush().await.unwrap();
        let bus = NatsBus::builder().with_prefix("shop.desk").from_client(async_nats::connect(server.url()).await.unwrap()).await.unwrap();
        let (workspace, conversation) = (WorkspaceId::DEFAULT, ConversationId::generate(&RandomIds));
        let before = server.subscriptions().await;
        let _listener = bus.subscribe(Topic::Conversation { workspace, conversation }).await;
        assert_eq!(server.subscriptions().await, before + 1);
        let mut subjects = Vec::new();
        for topic in [Topic::Conversation { workspace, conversation }, Topic::Queue { workspace }, Topic::Presence { workspace }] {
            bus.publish(topic, advanced(1)).await;
        }
        while subjects.len() < 3 {
            let subject = tokio::time::timeout(Duration::from_secs(10), all.next()).await.unwrap().unwrap().subject.to_string();
            if !subject.starts_with("shop.desk.node.") {
                subjects.push(subject);
            }
        }
        let expected = [
            format!("shop.desk.{workspace}.c.{conversation}"),
            format!("shop.desk.{workspace}.queue"),
            format!("shop.desk.{workspace}.presence"),
        ];
        assert_eq!(subjects, expected);
    }

    #[tokio::test]
    async fn what_others_write_on_the_subjects_harms_nobody() {
        let server = TestNats::start();
        let bus = NatsBus::connect(&server.url()).await.unwrap();
        let mut listener = bus.subscribe(TOPIC).await;
        let other = NatsBus::connect(&server.url()).await.unwrap();
        let client = async_nats::connect(server.url()).await.unwrap();
        let subject = format!("helpdesk.{}.queue", WorkspaceId::DEFAULT);
        for payload in ["", "{", "null", "[]", r#"{"node":"x","signal":{}}"#, r#"{"signal":{"type":"unheard_of"}}"#] {
            client.publish(subject.clone(), payload.into()).await.unwrap();
        }
        client.publish(subject, vec![0xff; 100_000].into()).await.unwrap();
        client.flush().await.unwrap();
        other.publish(TOPIC, advanced(1)).await;
        assert!(matches!(next(&mut listener).await, BusItem::Signal(signal) if signal == advanced(1)));
    }

    #[tokio::test]
    async fn what_cannot_be_set_up_is_said() {
        let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        assert!(matches!(NatsBus::connect(&format!("nats://{nobody}")).await, Err(BusError::Connect(_))));
        let server = TestNats::start();
        for prefix in ["", ".", "a.", "a b", "a.*", ">", "ü"] {
            let refused = NatsBus::builder().with_prefix(prefix).connect(&server.url()).await;
            assert!(matches!(refused, Err(BusError::Configuration(_))), "{prefix:?}");
        }
    }
}
