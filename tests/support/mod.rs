//! What the stories share: a desk that is open, its people, and how to read a thread.
#![allow(dead_code, reason = "each story uses its own part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a story that cannot go on fails")]

#[path = "../../helpdesk-store/tests/common/kinds.rs"]
mod kinds;

use std::sync::Arc;

use helpdesk::clock::Clock;
use helpdesk::engine::{ContactHandle, OperatorHandle, OperatorProfile, SessionRequest, SettingsEdit};
use helpdesk::id::{ConversationId, Seq, WorkspaceId};
use helpdesk::model::{Author, Body, Entry, Role};
use helpdesk::postgres::PostgresStoreBuilder;
use helpdesk::sqlite::SqliteStoreBuilder;
use helpdesk::store::{MemoryStore, Store, TimelineRange};
use helpdesk::testing::{ManualClock, ScriptedResponder};
use helpdesk::{Helpdesk, PostgresStore, SqliteStore};
use kinds::postgres::TestPostgres;

pub(crate) const WORKSPACE: WorkspaceId = WorkspaceId::DEFAULT;
const SECRET: [u8; 32] = *b"a secret key for stories only...";

/// A store by name, with what must live as long as it.
pub(crate) type Kind = (&'static str, Arc<dyn Store>, Option<tempfile::TempDir>);

/// A store of each kind.
pub(crate) async fn stores() -> Vec<Kind> {
    kinds(MemoryStore::new(), SqliteStore::builder(), PostgresStore::builder()).await
}

/// A store of each kind, all by this clock.
pub(crate) async fn stores_by(clock: &ManualClock) -> Vec<Kind> {
    let clock: Arc<dyn Clock> = Arc::new(clock.clone());
    let memory = MemoryStore::with_clock(Arc::clone(&clock));
    let sqlite = SqliteStore::builder().with_clock(Arc::clone(&clock));
    kinds(memory, sqlite, PostgresStore::builder().with_clock(clock)).await
}

async fn kinds(memory: MemoryStore, sqlite: SqliteStoreBuilder, postgres: PostgresStoreBuilder) -> Vec<Kind> {
    let (sqlite, folder) = kinds::sqlite_by(sqlite).await;
    let postgres = postgres.connect(&TestPostgres::get().database().await).await.unwrap();
    vec![("memory", Arc::new(memory), None), ("sqlite", Arc::new(sqlite), Some(folder)), ("postgres", Arc::new(postgres), None)]
}

/// An open desk: helpdesk and human support on, one owner, and an assistant that plays scripts.
pub(crate) struct Story {
    pub(crate) desk: Helpdesk,
    pub(crate) owner: OperatorHandle,
    pub(crate) assistant: ScriptedResponder,
}

impl Story {
    pub(crate) async fn on(store: Arc<dyn Store>) -> Self {
        let assistant = ScriptedResponder::new("scripted");
        let desk = Helpdesk::builder(store).secret_key(SECRET).assistant(assistant.clone()).build().await.unwrap();
        let ana = OperatorProfile::new("ana", "Ana", Role::Owner);
        let ana = desk.workspace(WORKSPACE).ensure_operator(&ana).await.unwrap();
        let owner = desk.workspace(WORKSPACE).operator(ana.id);
        let mut edit = SettingsEdit { helpdesk: Some(true), ..SettingsEdit::default() };
        edit.human_support.enabled = Some(true);
        owner.update_settings(None, edit).await.unwrap();
        Self { desk, owner, assistant }
    }

    pub(crate) async fn visitor(&self) -> ContactHandle {
        let session = self.desk.begin_session(SessionRequest::default()).await.unwrap();
        self.desk.authorise_visitor(&session.token).await.unwrap()
    }

    pub(crate) async fn operator(&self, subject: &str, name: &str) -> OperatorHandle {
        let profile = OperatorProfile::new(subject, name, Role::Operator);
        let operator = self.desk.workspace(WORKSPACE).ensure_operator(&profile).await.unwrap();
        self.desk.workspace(WORKSPACE).operator(operator.id)
    }

    pub(crate) async fn thread(&self, conversation: ConversationId) -> Vec<Entry> {
        self.owner.timeline(conversation, TimelineRange::After(Seq::ZERO), 200).await.unwrap().1
    }
}

/// Who said an entry, and what, in short.
pub(crate) fn told(entries: &[Entry]) -> Vec<String> {
    let who = |entry: &Entry| match entry.author {
        Author::Contact { .. } => "contact",
        Author::Assistant(_) => "assistant",
        Author::Operator(_) => "operator",
        Author::System => "system",
    };
    let what = |entry: &Entry| match &entry.body {
        Body::Message(message) => message.text.clone(),
        Body::Note(note) => format!("(note) {}", note.text),
        Body::Activity(activity) => format!("[{:?}]", activity.kind),
        Body::Erased => "[erased]".to_owned(),
    };
    entries.iter().map(|entry| format!("{}: {}", who(entry), what(entry))).collect()
}
