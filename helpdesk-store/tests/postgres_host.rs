//! In a host's database: its tables, its migrations, its rights, and what is left of ours after a day.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "common/drafts.rs"]
mod drafts;
#[path = "common/postgres.rs"]
mod server;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use drafts::{Drafts, committed};
use helpdesk_core::store::{ChangeCursor, Changes, Claim, Owner, Store as _, StoreError, UniqueKey};
use helpdesk_core::testing::ManualClock;
use helpdesk_store::PostgresStore;
use server::TestPostgres;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, PgPool, SqlSafeStr as _};

/// A database of the host's own.
async fn host(name: &'static str) -> PgPool {
    let server = TestPostgres::get();
    let all = PgPool::connect(&server.url()).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&all).await.unwrap();
    PgPool::connect(&server.url().replace("/postgres?", &format!("/{name}?"))).await.unwrap()
}

fn migrations_of_the_host() -> Migrator {
    let sql = "CREATE TABLE users (id bigserial PRIMARY KEY, name text NOT NULL)".into_sql_str();
    Migrator::with_migrations(vec![Migration::new(1, "users".into(), MigrationType::Simple, sql, false)])
}

#[tokio::test]
async fn a_host_keeps_its_tables_and_migrations() {
    let pool = host("with_tables").await;
    let store = PostgresStore::from_pool(pool.clone()).await.unwrap();
    migrations_of_the_host().run(&pool).await.unwrap();
    store.migrate().await.unwrap();
    migrations_of_the_host().run(&pool).await.unwrap();
    let drafts = Drafts::new();
    committed(store.commit(drafts.begun().1).await.unwrap());
    let foreign = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1";
    let tables: Vec<String> = sqlx::query_scalar(foreign).fetch_all(&pool).await.unwrap();
    assert_eq!(tables, ["_sqlx_migrations", "users"]);
    let ours: Vec<String> =
        sqlx::query_scalar("SELECT nspname::text FROM pg_namespace WHERE nspname = 'helpdesk'").fetch_all(&pool).await.unwrap();
    assert_eq!(ours, ["helpdesk"]);
    store.close().await;
    assert!(matches!(store.commit(drafts.begun().1).await, Err(StoreError::Unavailable(_))));
    sqlx::query("INSERT INTO users (name) VALUES ('Ana')").execute(&pool).await.unwrap();
}

#[tokio::test]
async fn tables_that_are_not_there_are_outdated_until_migrated() {
    let pool = host("without_tables").await;
    let store = PostgresStore::from_pool(pool).await.unwrap();
    let outdated = |error: &StoreError| matches!(error, StoreError::SchemaOutdated(text) if text.contains("migrate"));
    let drafts = Drafts::new();
    assert!(outdated(&store.ready().await.unwrap_err()));
    assert!(outdated(&store.commit(drafts.begun().1).await.unwrap_err()));
    assert!(outdated(&store.counts(drafts.workspace.id, drafts.workspace.owner.id).await.unwrap_err()));
    store.migrate().await.unwrap();
    store.ready().await.unwrap();
    committed(store.commit(drafts.begun().1).await.unwrap());
}

#[tokio::test]
async fn newer_tables_are_used_unless_they_say_that_this_program_is_too_old() {
    let pool = host("of_the_future").await;
    let store = PostgresStore::from_pool(pool.clone()).await.unwrap();
    store.migrate().await.unwrap();
    sqlx::query("INSERT INTO helpdesk.migrations VALUES (99, 'the future', now(), TRUE, '', 0)").execute(&pool).await.unwrap();
    store.ready().await.unwrap();
    store.migrate().await.unwrap();
    sqlx::query("UPDATE helpdesk.meta SET oldest = 98").execute(&pool).await.unwrap();
    let newer = |error: StoreError| matches!(error, StoreError::SchemaOutdated(text) if text.contains("too new"));
    assert!(newer(store.ready().await.unwrap_err()));
    assert!(newer(store.migrate().await.unwrap_err()));
}

#[tokio::test]
async fn a_host_that_may_not_make_schemas_can_use_what_was_made() {
    let pool = host("with_rights").await;
    PostgresStore::from_pool(pool.clone()).await.unwrap().migrate().await.unwrap();
    let rights = "CREATE ROLE clerk LOGIN; GRANT USAGE ON SCHEMA helpdesk TO clerk; GRANT ALL ON ALL TABLES IN SCHEMA helpdesk TO clerk; \
                  GRANT ALL ON ALL SEQUENCES IN SCHEMA helpdesk TO clerk";
    sqlx::raw_sql(rights).execute(&pool).await.unwrap();
    let url = TestPostgres::get().url().replace("/postgres?", "/with_rights?").replace("helpdesk@", "clerk@");
    let store = PostgresStore::connect(&url).await.unwrap();
    committed(store.commit(Drafts::new().begun().1).await.unwrap());
}

#[tokio::test]
async fn what_is_too_old_is_forgotten() {
    const DAY: Duration = Duration::from_hours(24);
    let (server, clock, drafts) = (TestPostgres::get(), ManualClock::new(), Drafts::new());
    let schema = server.schema();
    let builder = PostgresStore::builder().with_schema(&schema).with_clock(Arc::new(clock.clone()));
    let url = server.url();
    let claim = |name: &str, keep| Claim { key: UniqueKey::from_stored(name.to_owned()), owner: Owner(Bytes::from_static(b"x")), keep };
    let store = builder.clone().connect(&url).await.unwrap();
    let mut commit = drafts.draft();
    commit.unique = vec![claim("short", Some(DAY)), claim("long", Some(DAY * 30)), claim("for good", None)];
    committed(store.commit(commit.clone()).await.unwrap());
    committed(store.commit(drafts.begun().1).await.unwrap());
    clock.advance(DAY);
    // An id that old is a new one, though it is still there.
    committed(store.commit(commit).await.unwrap());
    store.close().await;

    clock.advance(DAY * 2);
    let store = builder.clone().connect(&url).await.unwrap();
    let Changes::Some { cursor, .. } = store.changes(drafts.workspace.id, None, 1).await.unwrap() else { panic!("no cursor") };
    let pool = PgPool::connect(&url).await.unwrap();
    let sql = |text: &str| AssertSqlSafe(text.replace("helpdesk.", &format!("\"{schema}\".")));
    // As if two hundred thousand changes had been made and read meanwhile.
    sqlx::query(sql("UPDATE helpdesk.counters SET change = 200000")).execute(&pool).await.unwrap();
    committed(store.commit(drafts.begun().1).await.unwrap());
    let counts = "SELECT ARRAY[(SELECT count(*) FROM helpdesk.commits), (SELECT count(*) FROM helpdesk.names), \
                  (SELECT count(*) FROM helpdesk.changes)]";
    let forgotten = async {
        while sqlx::query_scalar::<_, Vec<i64>>(sql(counts)).fetch_one(&pool).await.unwrap() != [1, 2, 1] {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), forgotten).await.expect("it is forgotten after the next commit");
    let stale = ChangeCursor { number: cursor.number, ..cursor };
    assert!(matches!(store.changes(drafts.workspace.id, Some(stale), 10).await.unwrap(), Changes::Resync(now) if now.number.0 == 200_001));
}

#[tokio::test]
async fn what_is_no_database_is_refused() {
    for url in ["sqlite://elsewhere.db", "nonsense", "postgres://user@host:notaport/x"] {
        assert!(matches!(PostgresStore::connect(url).await, Err(StoreError::Failed(_))), "{url}");
    }
    let nowhere =
        PostgresStore::builder().with_patience(Duration::from_millis(200)).connect("postgres://x@localhost/x?host=/nowhere").await;
    assert!(matches!(&nowhere, Err(StoreError::Unavailable(_))), "{nowhere:?}");
    for schema in ["", &"x".repeat(64), "a\0b"] {
        let refused = PostgresStore::builder().with_schema(schema).connect(&TestPostgres::get().url()).await;
        assert!(matches!(refused, Err(StoreError::Failed(_))), "{refused:?}");
    }
}
