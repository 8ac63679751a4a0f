//! A store of each kind, and stories that are played on all of them.
#![allow(dead_code, unused_imports, unused_macros, reason = "each test program uses a part")]
#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[path = "postgres.rs"]
pub(crate) mod postgres;

use std::sync::Arc;

use helpdesk_core::store::{MemoryStore, Store};
use helpdesk_store::sqlite::SqliteStoreBuilder;
use helpdesk_store::{PostgresStore, SqliteStore};
use postgres::TestPostgres;

/// Makes of each story, an async function of a store, a test on each kind of store.
macro_rules! on_every_store {
    ($($story:ident),+ $(,)?) => {
        $crate::kinds::on_every_store!(on_memory $crate::kinds::memory; $($story)+);
        $crate::kinds::on_every_store!(on_sqlite $crate::kinds::sqlite; $($story)+);
        $crate::kinds::on_every_store!(on_postgres $crate::kinds::postgres; $($story)+);
    };
    ($place:ident $make:path; $($story:ident)+) => {
        mod $place {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    let (store, _folder) = $make().await;
                    super::$story(store).await;
                }
            )+
        }
    };
}
pub(crate) use on_every_store;

/// A store, and the folder that must live as long as it.
pub(crate) type Kept = (Arc<dyn Store>, Option<tempfile::TempDir>);

pub(crate) async fn memory() -> Kept {
    (Arc::new(MemoryStore::new()), None)
}

pub(crate) async fn sqlite() -> Kept {
    let (store, folder) = sqlite_by(SqliteStore::builder()).await;
    (Arc::new(store), Some(folder))
}

pub(crate) async fn postgres() -> Kept {
    (Arc::new(PostgresStore::connect(&TestPostgres::get().database().await).await.unwrap()), None)
}

/// A file of its own.
pub(crate) async fn sqlite_by(builder: SqliteStoreBuilder) -> (SqliteStore, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = builder.connect(&format!("sqlite://{}", folder.path().join("helpdesk.db").display())).await.unwrap();
    (store, folder)
}
