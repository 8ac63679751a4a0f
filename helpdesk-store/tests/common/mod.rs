//! A store in a directory of its own.

#![allow(dead_code, reason = "each test program uses a part")]

use std::sync::Arc;

use helpdesk_core::id::{CommitId, ConversationId, JobId, TurnNumber};
use helpdesk_core::model::Conversation;
use helpdesk_core::store::{Commit, JobOp, Lane, NewJob, Outcome, Store as _, Work, Write};
use helpdesk_core::testing::samples::{self, SampleWorkspace};
use helpdesk_core::testing::{ManualClock, SequentialIds};
use helpdesk_store::SqliteStore;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use tempfile::TempDir;

/// A file, and what is put in it.
pub(crate) struct Place {
    pub(crate) directory: TempDir,
    pub(crate) clock: ManualClock,
    pub(crate) ids: SequentialIds,
    pub(crate) workspace: SampleWorkspace,
}

impl Place {
    pub(crate) fn new() -> Self {
        let ids = SequentialIds::new();
        let workspace = SampleWorkspace::new(&ids);
        Self { directory: tempfile::tempdir().unwrap(), clock: ManualClock::new(), ids, workspace }
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

    pub(crate) fn draft(&self) -> Commit {
        Commit::new(CommitId::generate(&self.ids), self.workspace.id)
    }

    pub(crate) fn conversation(&self) -> Conversation {
        self.workspace.conversation(&self.ids, &samples::contact(&self.ids))
    }

    /// A commit of one conversation with a first message.
    pub(crate) fn begun(&self) -> (ConversationId, Commit) {
        let conversation = self.conversation();
        let id = conversation.id;
        let entry = samples::contact_message(1, conversation.contact, "Hello");
        let writes = vec![Write::Conversation(Box::new(conversation)), Write::Entry { conversation: id, entry: Box::new(entry) }];
        (id, Commit { writes, ..self.draft() })
    }

    pub(crate) fn pushed(&self, lane: &str) -> Commit {
        let work = Work::Answer { conversation: ConversationId::generate(&self.ids), turn: TurnNumber(1) };
        let job = NewJob { id: JobId::generate(&self.ids), lane: Lane::named(lane), work, delay: std::time::Duration::ZERO };
        Commit { jobs: vec![JobOp::Push(job)], ..self.draft() }
    }

    pub(crate) async fn exists(&self, store: &SqliteStore, id: ConversationId) -> bool {
        !store.conversations(self.workspace.id, &[id]).await.unwrap().is_empty()
    }
}

#[track_caller]
pub(crate) fn committed(outcome: Outcome) {
    assert!(matches!(outcome, Outcome::Committed(_)), "{outcome:?}");
}
