//! A store in a directory of its own.

#![allow(dead_code, reason = "each test program uses a part")]

mod drafts;

use std::ops::Deref;
use std::sync::Arc;

use helpdesk_core::id::ConversationId;
use helpdesk_core::store::Store as _;
use helpdesk_core::testing::ManualClock;
use helpdesk_store::SqliteStore;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use tempfile::TempDir;

use drafts::Drafts;
pub(crate) use drafts::committed;

/// A file, and what is put in it.
pub(crate) struct Place {
    pub(crate) directory: TempDir,
    pub(crate) clock: ManualClock,
    drafts: Drafts,
}

impl Deref for Place {
    type Target = Drafts;

    fn deref(&self) -> &Drafts {
        &self.drafts
    }
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), clock: ManualClock::new(), drafts: Drafts::new() }
    }

    pub(crate) fn file(&self) -> std::path::PathBuf {
        self.directory.path().join("helpdesk.db")
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite://{}", self.file().display())
    }

    pub(crate) async fn store(&self) -> SqliteStore {
        SqliteStore::builder().with_clock(Arc::new(self.clock.clone())).connect(&self.url()).await.unwrap()
    }

    /// A pool as a host would make it.
    pub(crate) async fn pool(&self) -> SqlitePool {
        let options = SqliteConnectOptions::new().filename(self.file()).create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
        SqlitePool::connect_with(options).await.unwrap()
    }

    pub(crate) async fn store_from(&self, pool: SqlitePool) -> SqliteStore {
        SqliteStore::builder().with_clock(Arc::new(self.clock.clone())).from_pool(pool).await.unwrap()
    }

    pub(crate) async fn exists(&self, store: &SqliteStore, id: ConversationId) -> bool {
        !store.conversations(self.workspace.id, &[id]).await.unwrap().is_empty()
    }
}
