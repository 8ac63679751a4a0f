//! What things cost, in calls of the store: a request asks a fixed number of times, and a change is read at most once
//! however many look on.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use helpdesk_core::Helpdesk;
use helpdesk_core::bus::LiveActor;
use helpdesk_core::engine::{
    LiveEvent, LiveStream, LiveTopic, OperatorHandle, OperatorProfile, SessionRequest, SettingsEdit, WorkspaceHandle,
};
use helpdesk_core::id::{ConversationId, WorkspaceId};
use helpdesk_core::model::Role;
use helpdesk_core::store::{MemoryStore, QueueQuery, QueueView};
use helpdesk_core::testing::CountingStore;

struct Scene {
    store: CountingStore,
    workspace: WorkspaceHandle,
    ana: OperatorHandle,
    chat: ConversationId,
}

impl Scene {
    /// A visitor who said something.
    async fn open() -> Self {
        let store = CountingStore::new(MemoryStore::new());
        let desk = Helpdesk::builder(store.clone()).build().await.unwrap();
        let workspace = desk.workspace(WorkspaceId::DEFAULT);
        let ana = workspace.ensure_operator(&OperatorProfile::new("ana", "Ana", Role::Owner)).await.unwrap();
        let ana = workspace.operator(ana.id);
        ana.update_settings(None, SettingsEdit { helpdesk: Some(true), ..SettingsEdit::default() }).await.unwrap();
        let session = desk.begin_session(SessionRequest::default()).await.unwrap();
        let chat = desk.authorise_visitor(&session.token).await.unwrap().start("Hello").await.unwrap().conversation.id;
        Self { store, workspace, ana, chat }
    }

    /// As many who listen, each told once how it stands.
    async fn listeners(&self, count: usize, topic: LiveTopic) -> Vec<LiveStream> {
        let listen = |_| async move {
            let mut stream = self.workspace.subscribe(LiveActor::Operator(self.ana.id()), topic).await.unwrap();
            stream.next().await.unwrap().unwrap();
            stream
        };
        let listeners = join_all((0..count).map(listen)).await;
        drop(self.store.take());
        listeners
    }
}

/// The next event of each.
async fn next_of_all(streams: &mut [LiveStream]) -> Vec<LiveEvent> {
    join_all(streams.iter_mut().map(|stream| async { stream.next().await.unwrap().unwrap() })).await
}

#[tokio::test]
async fn a_change_is_read_once_for_all_who_look_on() {
    let scene = Scene::open().await;
    let mut streams = scene.listeners(500, LiveTopic::Conversation { conversation: scene.chat, after: None }).await;
    for number in 1..=3 {
        scene.ana.note(scene.chat, &format!("Note {number}")).await.unwrap();
        let mut told = next_of_all(&mut streams).await.into_iter().map(|event| match event {
            LiveEvent::Changed(change) => change,
            other => panic!("{other:?}"),
        });
        let first = told.next().unwrap();
        assert_eq!(first.entries.len(), 1);
        assert!(told.all(|change| std::sync::Arc::ptr_eq(&first, &change)), "all are told the same");
    }
    let calls = scene.store.take();
    assert_eq!(calls.get("changed"), None, "what this node committed nobody reads: {calls:?}");
    assert_eq!(calls["contacts"], 3, "{calls:?}");
}

#[tokio::test]
async fn what_changes_in_a_queue_is_read_once_for_all_who_listen() {
    let scene = Scene::open().await;
    let mut streams = scene.listeners(40, LiveTopic::Queue { after: None }).await;
    for number in 1..=3 {
        scene.ana.note(scene.chat, &format!("Note {number}")).await.unwrap();
        let mut told = next_of_all(&mut streams).await.into_iter().map(|event| match event {
            LiveEvent::Queue { changes, counts, .. } => (changes, counts),
            other => panic!("{other:?}"),
        });
        let (first, _) = told.next().unwrap();
        assert_eq!(first.len(), 1);
        assert!(told.all(|(changes, _)| std::sync::Arc::ptr_eq(&first, &changes)), "all are told the same");
    }
    let calls = scene.store.take();
    assert_eq!((calls["conversations"], calls["counts"]), (3, 120), "{calls:?}");
    // The heartbeat looks as well, now and then.
    assert!(calls["changes"] < 10, "{calls:?}");
}

#[tokio::test]
async fn a_page_of_the_queue_costs_the_same_however_long_it_is() {
    let store = CountingStore::new(MemoryStore::new());
    let desk = Helpdesk::builder(store.clone()).build().await.unwrap();
    let workspace = desk.workspace(WorkspaceId::DEFAULT);
    let ana = workspace.ensure_operator(&OperatorProfile::new("ana", "Ana", Role::Owner)).await.unwrap();
    let ana = workspace.operator(ana.id);
    let mut edit = SettingsEdit { helpdesk: Some(true), ..SettingsEdit::default() };
    edit.human_support.enabled = Some(true);
    ana.update_settings(None, edit).await.unwrap();
    let mut costs = Vec::new();
    for _ in 0..2 {
        for _ in 0..20 {
            let session = desk.begin_session(SessionRequest::default()).await.unwrap();
            let visitor = desk.authorise_visitor(&session.token).await.unwrap();
            let chat = visitor.start("Hello").await.unwrap().conversation.id;
            visitor.request_human(chat).await.unwrap();
        }
        drop(store.take());
        let page = ana.queue(QueueQuery::of(ana.id(), QueueView::Waiting)).await.unwrap();
        assert!(page.items.iter().all(|details| details.ticket.is_some()));
        costs.push((page.items.len(), store.take().into_iter().collect::<Vec<_>>()));
    }
    // The operator, who is remembered then, and the page with all that it shows.
    assert_eq!(costs, [(20, vec![("queue", 1), ("record", 1)]), (40, vec![("queue", 1)])]);
}

#[tokio::test]
async fn a_further_message_is_written_without_a_read_and_judged_by_what_others_did() {
    let store = CountingStore::new(MemoryStore::new());
    let desk = Helpdesk::builder(store.clone()).build().await.unwrap();
    let other = Helpdesk::builder(store.clone()).build().await.unwrap();
    let workspace = desk.workspace(WorkspaceId::DEFAULT);
    let ana = workspace.ensure_operator(&OperatorProfile::new("ana", "Ana", Role::Owner)).await.unwrap();
    workspace.operator(ana.id).update_settings(None, SettingsEdit { helpdesk: Some(true), ..SettingsEdit::default() }).await.unwrap();
    let elsewhere = other.workspace(WorkspaceId::DEFAULT).operator(ana.id);
    let session = desk.begin_session(SessionRequest::default()).await.unwrap();
    let visitor = desk.authorise_visitor(&session.token).await.unwrap();
    let chat = visitor.start("Hello").await.unwrap().conversation.id;
    visitor.send(chat, "Is anybody there?").await.unwrap();

    drop(store.take());
    let named = visitor.with_client_id("third").unwrap();
    let third = named.send(chat, "Hello?").await.unwrap();
    assert_eq!(store.take().into_iter().collect::<Vec<_>>(), [("commit", 1)], "one commit and no read");
    let again = named.send(chat, "Hello?").await.unwrap();
    assert_eq!((again.replayed, again.entry), (true, third.entry), "the name is found out by the commit");

    visitor.send(chat, "Well?").await.unwrap();
    elsewhere.claim(chat).await.unwrap();
    let after = visitor.send(chat, "Ah!").await.unwrap().conversation;
    assert!(after.assignee.operator().is_some() && !after.answering, "what the other node did counts: {after:?}");

    elsewhere.update_settings(None, SettingsEdit { helpdesk: Some(false), ..SettingsEdit::default() }).await.unwrap();
    assert!(visitor.send(chat, "Bye").await.is_err(), "off is off at once");
}
