//! The main story on the engine: chat, ask for a human, take over, hand back.

use std::sync::Arc;

use futures_util::StreamExt as _;
use helpdesk::bus::LiveActor;
use helpdesk::command::AssignTarget;
use helpdesk::engine::{ArticleEdit, HelpdeskBuilder, LiveEvent, LiveTopic, OperatorHandle, OperatorProfile, SessionRequest, SettingsEdit};
use helpdesk::id::{Seq, WorkspaceId};
use helpdesk::model::{ActivityKind, Assignee, Author, Body, Entry, Role, Status};
use helpdesk::store::{QueueQuery, QueueView, Store, TimelineRange};
use helpdesk::{Helpdesk, Refusal};

const WS: WorkspaceId = WorkspaceId::DEFAULT;

fn builder(store: Arc<dyn Store>) -> HelpdeskBuilder {
    Helpdesk::builder(store).secret_key(*b"0123456789abcdef0123456789abcdef")
}

async fn open_desk(store: Arc<dyn Store>) -> (Helpdesk, OperatorHandle) {
    let desk = builder(store).build().await.unwrap();
    let owner = desk.workspace(WS).ensure_operator(&OperatorProfile::new("ana", "Ana", Role::Owner)).await.unwrap();
    let owner = desk.workspace(WS).operator(owner.id);
    let mut edit = SettingsEdit { helpdesk: Some(true), ..SettingsEdit::default() };
    edit.human_support.enabled = Some(true);
    owner.update_settings(None, edit).await.unwrap();
    let article = ArticleEdit {
        title: Some("Refunds".to_owned()),
        body: Some("Refunds are paid within five days after we receive the parcel.".to_owned()),
        ..ArticleEdit::default()
    };
    owner.create_article(article).await.unwrap();
    (desk, owner)
}

fn texts(entries: &[Entry]) -> Vec<(&'static str, String)> {
    entries
        .iter()
        .map(|entry| {
            let author = match entry.author {
                Author::Contact { .. } => "contact",
                Author::Assistant(_) => "assistant",
                Author::Operator(_) => "operator",
                Author::System => "system",
            };
            let text = match &entry.body {
                Body::Message(message) => message.text.clone(),
                Body::Note(note) => format!("note: {}", note.text),
                Body::Activity(activity) => format!("{:?}", activity.kind),
                Body::Erased => "erased".to_owned(),
            };
            (author, text)
        })
        .collect()
}

async fn a_visitor_chats_asks_for_a_human_is_taken_over_and_handed_back(store: Arc<dyn Store>) {
    let (desk, owner) = open_desk(store).await;
    let session =
        desk.begin_session(SessionRequest { time_zone: Some("Europe/Amsterdam".to_owned()), ..Default::default() }).await.unwrap();
    assert!(session.contact.display_name().ends_with("from NL"));
    let visitor = desk.authorise_visitor(&session.token).await.unwrap();

    let started = visitor.with_client_id("m1").unwrap().start("When are refunds paid?").await.unwrap();
    let id = started.conversation.id;
    assert!(started.conversation.answering);
    let again = visitor.with_client_id("m1").unwrap().start("When are refunds paid?").await.unwrap();
    assert!(again.replayed && again.entry == started.entry);
    assert_eq!(visitor.with_client_id("m1").unwrap().start("Something else").await.unwrap_err().refusal(), Some(&Refusal::ClientIdReused));

    assert_eq!(desk.step().await.unwrap(), 1);
    let (_, entries) = visitor.timeline(id, TimelineRange::After(Seq::ZERO), 50).await.unwrap();
    assert_eq!(entries.len(), 2);
    assert!(texts(&entries)[1].1.contains("five days"), "{:?}", texts(&entries));

    let asked = visitor.request_human(id).await.unwrap();
    assert!(asked.conversation.takeover_requested_at.is_some() && asked.conversation.assignee == Assignee::Assistant);
    assert_eq!(visitor.request_human(id).await.unwrap().conversation.version, asked.conversation.version);
    desk.step().await.unwrap();
    let waiting = owner.queue(QueueQuery::of(owner.id(), QueueView::Waiting)).await.unwrap();
    assert_eq!(waiting.items.len(), 1);
    assert_eq!(waiting.items[0].ticket.as_ref().unwrap().number.0, 1);

    // Until somebody comes, the assistant goes on.
    visitor.send(id, "Are refunds paid in cash?").await.unwrap();
    assert_eq!(desk.step().await.unwrap(), 1);

    owner.reply(id, "Hi, I'm Ana.").await.unwrap();
    visitor.send(id, "Hello Ana").await.unwrap();
    assert_eq!(desk.step().await.unwrap(), 0, "the assistant is idle while an operator answers");

    owner.assign(id, AssignTarget::Assistant).await.unwrap();
    visitor.send(id, "When are refunds paid again?").await.unwrap();
    assert_eq!(desk.step().await.unwrap(), 1);

    let (conversation, entries) = owner.timeline(id, TimelineRange::After(Seq::ZERO), 50).await.unwrap();
    let dense: Vec<u64> = entries.iter().map(|entry| entry.seq.0).collect();
    assert_eq!(dense, (1..=entries.len() as u64).collect::<Vec<_>>());
    assert_eq!(conversation.status, Status::Open);
    let told = texts(&entries);
    assert!(told.contains(&("operator", "Hi, I'm Ana.".to_owned())));
    assert_eq!(told.last().unwrap().0, "assistant");
    let kinds: Vec<_> =
        entries.iter().filter_map(|entry| if let Body::Activity(activity) = &entry.body { Some(activity.kind) } else { None }).collect();
    assert_eq!(kinds, [ActivityKind::TakeoverRequested, ActivityKind::Escalated, ActivityKind::Claimed, ActivityKind::HandedBack]);
}

async fn every_answer_of_a_turn_is_streamed(store: Arc<dyn Store>) {
    let (desk, _) = open_desk(store).await;
    let session = desk.begin_session(SessionRequest::default()).await.unwrap();
    let visitor = desk.authorise_visitor(&session.token).await.unwrap();
    let id = visitor.start("When are refunds paid?").await.unwrap().conversation.id;
    let topic = LiveTopic::Conversation { conversation: id, after: None };
    let mut live = desk.workspace(WS).subscribe(LiveActor::Contact(visitor.id()), topic).await.unwrap();
    live.next().await.unwrap().unwrap();
    for question in ["When are refunds paid?", "Are refunds paid in cash?"] {
        if question.starts_with("Are") {
            visitor.send(id, question).await.unwrap();
            let asked = live.next().await.unwrap().unwrap();
            assert!(matches!(asked, LiveEvent::Changed(change) if change.summary.conversation.answering));
        }
        desk.step().await.unwrap();
        let mut drafted = String::new();
        loop {
            match live.next().await.unwrap().unwrap() {
                LiveEvent::Delta { offset, text, .. } => {
                    assert_eq!(offset, drafted.chars().count() as u64);
                    drafted.push_str(&text);
                }
                LiveEvent::Changed(change) if change.entries.iter().any(|entry| matches!(entry.author, Author::Assistant(_))) => break,
                _ => {}
            }
        }
        assert!(!drafted.is_empty(), "{question} was answered without a draft");
    }
}

async fn a_stream_replays_what_was_missed_and_then_follows(store: Arc<dyn Store>) {
    let (desk, owner) = open_desk(store).await;
    let session = desk.begin_session(SessionRequest::default()).await.unwrap();
    let visitor = desk.authorise_visitor(&session.token).await.unwrap();
    let id = visitor.start("When are refunds paid?").await.unwrap().conversation.id;
    owner.note(id, "A regular customer.").await.unwrap();

    let topic = LiveTopic::Conversation { conversation: id, after: Some(Default::default()) };
    let mut live = desk.workspace(WS).subscribe(LiveActor::Contact(visitor.id()), topic).await.unwrap();
    let Some(Ok(LiveEvent::Changed(change))) = live.next().await else { panic!("a replay") };
    let (version, entries) = (change.version, &change.entries);
    assert_eq!(entries.len(), 1, "the note is not for the contact");

    let worker = desk.clone();
    let working = tokio::spawn(async move { worker.step().await });
    let mut streamed = String::new();
    loop {
        match live.next().await.unwrap().unwrap() {
            LiveEvent::Delta { offset, text, .. } => {
                assert_eq!(offset, streamed.chars().count() as u64);
                streamed.push_str(&text);
            }
            LiveEvent::Changed(change) => {
                let (prev, entries) = (change.prev, &change.entries);
                assert_eq!(prev, version);
                let Body::Message(message) = &entries[0].body else { panic!("a message") };
                assert_eq!(message.text, streamed.trim());
                break;
            }
            _ => {}
        }
    }
    working.await.unwrap().unwrap();
}

crate::kinds::on_every_store!(
    a_visitor_chats_asks_for_a_human_is_taken_over_and_handed_back,
    every_answer_of_a_turn_is_streamed,
    a_stream_replays_what_was_missed_and_then_follows,
);
