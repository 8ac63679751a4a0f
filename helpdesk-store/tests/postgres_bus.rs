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

/// What only this bus can show.
mod on_postgres {
    use std::time::Duration;

    use futures_util::StreamExt as _;
    use futures_util::stream::BoxStream;
    use helpdesk_core::bus::{BusItem, Signal, Topic};
    use helpdesk_core::id::{ChangeNumber, ConversationId, RandomIds, TurnNumber, WorkspaceId};
    use helpdesk_store::bus::BusError;
    use sqlx::postgres::PgPoolOptions;
    use sqlx::{AssertSqlSafe, PgPool};

    use super::*;

    const TOPIC: Topic = Topic::Queue { workspace: WorkspaceId::DEFAULT };

    fn advanced(change: u64) -> Arc<Signal> {
        Arc::new(Signal::Advanced { change: ChangeNumber(change), key: None })
    }

    async fn pool() -> PgPool {
        PgPoolOptions::new().max_connections(4).connect(&TestPostgres::get().url()).await.unwrap()
    }

    async fn next(listener: &mut BoxStream<'static, BusItem>) -> BusItem {
        tokio::time::timeout(Duration::from_secs(60), listener.next()).await.expect("nothing is heard").unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_host_makes_the_table_and_lends_its_pool() {
        let schema = TestPostgres::get().schema();
        let pool = pool().await;
        let builder = PostgresBus::builder().with_schema(&schema);
        let early = builder.clone().from_pool(pool.clone()).await;
        assert!(matches!(early, Err(BusError::Configuration(_))), "nothing is made behind a host's back");
        let making = (0..8).map(|_| builder.migrate(&pool));
        assert!(futures_util::future::join_all(making).await.into_iter().all(|made| made.is_ok()), "many make it at once");
        let (here, there) = (builder.clone().from_pool(pool.clone()).await.unwrap(), builder.from_pool(pool).await.unwrap());
        let mut listener = there.subscribe(TOPIC).await;
        here.publish(TOPIC, advanced(1)).await;
        assert!(matches!(next(&mut listener).await, BusItem::Signal(signal) if signal == advanced(1)));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn connections_that_the_server_ends_are_made_again() {
        let server = TestPostgres::start();
        let (here, there) = (PostgresBus::connect(&server.url()).await.unwrap(), PostgresBus::connect(&server.url()).await.unwrap());
        let mut listener = there.subscribe(TOPIC).await;
        let pool = PgPoolOptions::new().max_connections(1).connect(&server.url()).await.unwrap();
        sqlx::query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'helpdesk bus'")
            .execute(&pool)
            .await
            .unwrap();
        while !matches!(next(&mut listener).await, BusItem::Lagged) {}
        let mut heard = false;
        for change in 2..100 {
            here.publish(TOPIC, advanced(change)).await;
            heard = matches!(next(&mut listener).await, BusItem::Signal(_));
            if heard {
                break;
            }
        }
        assert!(heard, "losses are told without end");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn much_that_is_said_is_few_notifications_and_fewer_rows() {
        let schema = TestPostgres::get().schema();
        let builder = PostgresBus::builder().with_schema(&schema);
        let url = TestPostgres::get().url();
        let (here, there) = (builder.clone().connect(&url).await.unwrap(), builder.connect(&url).await.unwrap());
        let pool = pool().await;
        let mut notices = sqlx::postgres::PgListener::connect_with(&pool).await.unwrap();
        notices.listen(&format!("{schema}.bus")).await.unwrap();
        let conversation = ConversationId::generate(&RandomIds);
        let topic = Topic::Conversation { workspace: WorkspaceId::DEFAULT, conversation };
        let mut listener = there.subscribe(topic).await;
        let mut length = 0;
        for number in 0..2_000u64 {
            let text = format!("{number} ");
            here.publish(TOPIC, advanced(number)).await;
            let after = length + text.len() as u64;
            here.publish(topic, Arc::new(Signal::Delta { conversation, turn: TurnNumber(1), attempt: 1, offset: length, text })).await;
            length = after;
        }
        let mut heard = 0;
        while heard < length {
            let BusItem::Signal(signal) = next(&mut listener).await else { panic!("signals were lost at leisure") };
            let Signal::Delta { offset, text, .. } = &*signal else { panic!("{signal:?} was not published") };
            assert_eq!(*offset, heard);
            heard += text.len() as u64;
        }
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM \"{schema}\".bus"))).fetch_one(&pool).await.unwrap();
        sqlx::query("SELECT pg_notify($1, 'the end')").bind(format!("{schema}.bus")).execute(&pool).await.unwrap();
        let mut payloads = 0;
        loop {
            let notice = notices.recv().await.unwrap();
            if notice.payload() == "the end" {
                break;
            }
            assert!(notice.payload().len() < 8_000 && !notice.payload().contains("\"text\""));
            payloads += 1;
        }
        assert!(rows < 20, "{rows} rows");
        assert!(payloads < 200, "{payloads} notifications");
    }

    #[tokio::test]
    async fn what_cannot_be_set_up_is_said() {
        assert!(matches!(PostgresBus::connect("postgres://nobody@127.0.0.1:1/none").await, Err(BusError::Connect(_))));
        assert!(matches!(PostgresBus::connect("nats://127.0.0.1").await, Err(BusError::Configuration(_) | BusError::Connect(_))));
        for schema in [String::new(), "s".repeat(51), "a\0b".to_owned()] {
            let refused = PostgresBus::builder().with_schema(schema).from_pool(pool().await).await;
            assert!(matches!(refused, Err(BusError::Configuration(_))));
        }
    }
}
