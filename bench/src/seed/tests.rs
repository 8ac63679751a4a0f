//! What is seeded is what the product would have written: its engine runs on it, and every count is right.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use helpdesk::id::{ConversationId, OperatorId, Seq};
use helpdesk::model::{Audience, Author, Body, Conversation, Status};
use helpdesk::store::{QueueQuery, QueueView, TicketRef, TimelineRange};
use rusqlite::Connection;

use super::*;

/// When the desk is looked at: who is on duty, and so what is theirs, follows from the hour.
const NOW: &str = "2026-11-23T12:00:00Z";

async fn seeded(conversations: u64, messages: u64) -> (tempfile::TempDir, String, Written) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("seeded.db").display().to_string();
    let options = Options { conversations, messages, database_url: format!("sqlite://{file}"), seed: 7 };
    let store = SqliteStore::connect(&options.database_url).await.unwrap();
    let written = fill(Arc::new(store.clone()), &options, NOW.parse().unwrap()).await.unwrap();
    store.close().await;
    (folder, file, written)
}

async fn timeline(store: &SqliteStore, id: ConversationId, audience: Audience) -> Vec<helpdesk::model::Entry> {
    let mut entries: Vec<helpdesk::model::Entry> = Vec::new();
    loop {
        let after = entries.last().map_or(Seq::ZERO, |entry| entry.seq);
        let page = store.timeline(WorkspaceId::DEFAULT, id, TimelineRange::After(after), audience, 200).await.unwrap();
        if page.is_empty() {
            return entries;
        }
        entries.extend(page);
    }
}

/// A conversation's own counters, counted again.
async fn agrees(store: &SqliteStore, conversation: &Conversation) {
    let entries = timeline(store, conversation.id, Audience::Team).await;
    let seqs: Vec<u64> = entries.iter().map(|entry| entry.seq.0).collect();
    assert_eq!(seqs, (1..=conversation.seq.0).collect::<Vec<_>>(), "the timeline is dense");
    assert!(entries.is_sorted_by_key(|entry| (entry.rev, entry.at)), "time goes on");
    assert!(entries.iter().all(|entry| entry.rev <= conversation.version));
    let says = |by: fn(&Author) -> bool| entries.iter().filter(|entry| matches!(entry.body, Body::Message(_)) && by(&entry.author)).count();
    assert_eq!(conversation.messages, says(|_| true) as u64);
    assert_eq!(conversation.assistant_replies, says(|by| matches!(by, Author::Assistant(_))) as u64);
    let unread = entries.iter().filter(|entry| entry.seq > conversation.team_read && matches!(entry.author, Author::Contact { .. }));
    let unread = unread.filter(|entry| matches!(entry.body, Body::Message(_))).count();
    assert_eq!(conversation.unread_for_team, unread as u64);
    let public = entries.iter().filter(|entry| entry.is_visible_to(Audience::Contact)).map(|entry| entry.seq).max();
    assert_eq!(Some(conversation.public_seq), public);
    assert!(!conversation.answering, "nobody owes an answer whose job is not there");
    if let Some(link) = &conversation.ticket {
        let ticket = store.tickets(WorkspaceId::DEFAULT, &[TicketRef::Id(link.id)]).await.unwrap().remove(0);
        assert_eq!((ticket.status, &ticket.assignee, ticket.conversation), (link.status, &link.assignee, conversation.id));
        assert!(ticket.number.0 > 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seeded_desk_is_one_that_has_lived() {
    let (_folder, file, written) = seeded(3_000, 24_000).await;
    assert_eq!(written.conversations, 3_000);
    assert!((22_000..26_000).contains(&written.messages), "{} messages", written.messages);
    let store = SqliteStore::connect(&format!("sqlite://{file}")).await.unwrap();
    let desk = Helpdesk::builder(store.clone()).secret_key([7; 32]).build().await.unwrap();
    let workspace = desk.workspace(WorkspaceId::DEFAULT);
    // Whoever has the most: the desk is small, and few are on duty in the days of which something is open.
    let mut busiest: Option<(u64, OperatorId)> = None;
    for profile in profiles() {
        let id = workspace.ensure_operator(&profile).await.unwrap().id;
        let mine = workspace.operator(id).counts().await.unwrap().mine;
        busiest = busiest.max(Some((mine, id)));
    }
    let operator = workspace.operator(busiest.unwrap().1);

    // Every view, page by page, against the counts that are kept.
    let counts = operator.counts().await.unwrap();
    let kept: BTreeMap<&str, u64> = [
        ("all", counts.all),
        ("mine", counts.mine),
        ("unassigned", counts.unassigned),
        ("waiting", counts.waiting),
        ("claimed", counts.claimed),
        ("pending", counts.pending),
        ("resolved", counts.resolved),
    ]
    .into();
    let mut all = Vec::new();
    for (view, name) in [
        (QueueView::All, "all"),
        (QueueView::Mine, "mine"),
        (QueueView::Unassigned, "unassigned"),
        (QueueView::Waiting, "waiting"),
        (QueueView::Claimed, "claimed"),
        (QueueView::Pending, "pending"),
        (QueueView::Resolved, "resolved"),
    ] {
        let mut query = QueueQuery { limit: 200, ..QueueQuery::of(operator.id(), view) };
        let mut found = Vec::new();
        loop {
            let page = store.queue(WorkspaceId::DEFAULT, &query).await.unwrap();
            found.extend(page.items.into_iter().map(|row| (*row.conversation).clone()));
            query.cursor = page.next;
            if query.cursor.is_none() {
                break;
            }
        }
        assert_eq!(found.len() as u64, kept[name], "{name}");
        assert!(kept[name] > 0, "{name} has something to show");
        if name == "all" {
            all = found;
        }
    }
    let mut languages: Vec<_> = all.iter().filter_map(|conversation| conversation.language.clone()).collect();
    languages.sort_unstable();
    languages.dedup();
    assert_eq!(languages.len(), words::TONGUES.len());
    for conversation in all.iter().step_by(7) {
        agrees(&store, conversation).await;
    }

    // People go on where the seed left off.
    let mut sent = 0;
    for conversation in all.iter().filter(|conversation| conversation.status == Status::Open).take(30) {
        let (id, before) = (conversation.id, conversation.seq);
        let done = operator.note(id, "Read after the seed.").await.unwrap();
        assert_eq!(done.conversation.seq.0, before.0 + 1);
        let page = store.conversations_of(WorkspaceId::DEFAULT, conversation.contact, None, 50).await.unwrap();
        assert!(page.items.iter().any(|own| own.conversation.id == id));
        workspace.contact(conversation.contact).send(id, "Is anybody there?").await.unwrap();
        let done = operator.reply(id, "Yes, I am.").await;
        assert!(done.is_ok(), "{done:?}");
        sent += 1;
        let now = store.conversations(WorkspaceId::DEFAULT, &[id]).await.unwrap().remove(0);
        assert!(now.version > conversation.version);
        break_even(&store, &now).await;
    }
    assert!(sent > 0, "something is open");
    desk.step().await.unwrap();
    store.close().await;

    // What the tables say of each other.
    let database = Connection::open(&file).unwrap();
    let one = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(one("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0);
    assert_eq!(one("SELECT sum(conversations) FROM helpdesk_counts"), one("SELECT count(*) FROM helpdesk_conversations"));
    assert_eq!(one("SELECT max(ticket) FROM helpdesk_counters"), one("SELECT max(ticket) FROM helpdesk_tickets"));
    assert_eq!(one("SELECT change FROM helpdesk_counters"), one("SELECT max(number) FROM helpdesk_changes"));
    let held = |prefix: &str| one(&format!("SELECT count(*) FROM helpdesk_names WHERE name LIKE '{prefix}:%'"));
    assert_eq!(
        held("ticket"),
        one("SELECT count(*) FROM helpdesk_tickets WHERE json_extract(body, '$.status') IN ('unassigned', 'assigned')")
    );
    let orphans = "SELECT count(*) FROM helpdesk_conversations c LEFT JOIN helpdesk_contacts p ON p.workspace = c.workspace AND p.id = c.contact WHERE p.id IS NULL";
    assert_eq!(one(orphans), 0);
    let contacts = "SELECT count(*) FROM helpdesk_contacts p WHERE json_extract(p.body, '$.conversations') <> (SELECT count(*) FROM helpdesk_conversations c WHERE c.workspace = p.workspace AND c.contact = p.id)";
    assert_eq!(one(contacts), 0);
}

/// After commands on it, the conversation still agrees with its timeline but for the answer that the assistant may owe.
async fn break_even(store: &SqliteStore, conversation: &Conversation) {
    let entries = timeline(store, conversation.id, Audience::Team).await;
    assert_eq!(entries.len() as u64, conversation.seq.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_holds_conversations_is_left_alone() {
    let (_folder, file, _) = seeded(10, 40).await;
    let options = Options { conversations: 1, messages: 2, database_url: format!("sqlite://{file}"), seed: 8 };
    let error = run(options).await.unwrap_err();
    assert!(error.to_string().contains("holds conversations already"), "{error}");
}
