//! The SQLite store reads what the memory store reads, after the same history.
#![cfg(feature = "sqlite")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use common::{Place, committed};
use helpdesk_core::id::{AuditId, OperatorId, Seq, TicketId, TicketNumber, Version, WorkspaceId};
use helpdesk_core::model::{
    ActivityKind, Assignee, Audience, Audit, AuditActor, Contact, Conversation, RecordKey, RecordKind, Status, TicketLink, TicketStatus,
};
use helpdesk_core::store::{
    AssigneeFilter, ChangeCursor, ChangedAfter, Changes, Claim, Commit, MemoryStore, Outcome, Owner, Page, QueueCursor, QueueQuery,
    QueueRow, QueueView, Sort, Store, TicketRef, TimelineRange, UniqueKey, Want, Write,
};
use helpdesk_core::testing::samples;
use helpdesk_store::SqliteStore;

const VIEWS: [QueueView; 7] = [
    QueueView::All,
    QueueView::Mine,
    QueueView::Unassigned,
    QueueView::Waiting,
    QueueView::Claimed,
    QueueView::Pending,
    QueueView::Resolved,
];

/// Numbers that look drawn by lot and are the same each time.
struct Lots(u64);

impl Lots {
    fn draw(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[usize::try_from(self.draw(items.len() as u64)).unwrap()]
    }
}

/// Two stores with one history.
struct Twins {
    place: Place,
    sqlite: SqliteStore,
    memory: MemoryStore,
    lots: Lots,
    contacts: Vec<Contact>,
    conversations: Vec<Conversation>,
}

impl Twins {
    async fn new(seed: u64) -> Self {
        let place = Place::new();
        let sqlite = place.store().await;
        let memory = MemoryStore::with_clock(Arc::new(place.clock.clone()));
        let contacts = (0..5).map(|_| samples::contact(&place.ids)).collect();
        let twins = Self { place, sqlite, memory, lots: Lots(seed), contacts, conversations: Vec::new() };
        let founding = twins.place.workspace.founding(&twins.place.ids);
        twins.commit(founding).await;
        let mut commit = twins.place.draft();
        commit.writes = twins.contacts[..4].iter().map(|contact| Write::Contact(Box::new(contact.clone()))).collect();
        twins.commit(commit).await;
        twins
    }

    async fn commit(&self, commit: Commit) -> Outcome {
        let outcome = self.memory.commit(commit.clone()).await.unwrap();
        assert_eq!(self.sqlite.commit(commit).await.unwrap(), outcome);
        outcome
    }

    fn operators(&self) -> Vec<OperatorId> {
        let workspace = &self.place.workspace;
        std::iter::once(&workspace.owner).chain(&workspace.operators).map(|operator| operator.id).collect()
    }

    /// A conversation begins or changes in any way that a view or a filter looks at.
    async fn step(&mut self) {
        let team = [&self.place.workspace.owner, &self.place.workspace.operators[0], &self.place.workspace.operators[1]];
        let references = team.map(helpdesk_core::model::Operator::reference);
        let index = usize::try_from(self.lots.draw(40)).unwrap();
        if index >= self.conversations.len() {
            let contact = self.lots.of(&self.contacts).clone();
            let mut conversation = self.place.workspace.conversation(&self.place.ids, &contact);
            conversation.version = Version::ZERO;
            self.conversations.push(conversation);
        }
        let index = index.min(self.conversations.len() - 1);
        let mut conversation = self.conversations[index].clone();
        conversation.version = conversation.version.next();
        conversation.status = *self.lots.of(&[Status::Open, Status::Open, Status::Pending, Status::Resolved]);
        conversation.assignee = match self.lots.draw(4) {
            0 => Assignee::Assistant,
            1 => Assignee::Nobody,
            _ => Assignee::Operator(self.lots.of(&references).clone()),
        };
        conversation.takeover_requested_at = (self.lots.draw(3) == 0).then(|| samples::moment(1));
        conversation.flagged = self.lots.draw(2) == 0;
        conversation.unread_for_team = self.lots.draw(2);
        // Few different times, so that ids must tell rows apart.
        conversation.last_activity_at = samples::moment(0) + TimeDelta::seconds(i64::try_from(self.lots.draw(6)).unwrap());
        let mut commit = self.place.draft();
        if conversation.ticket.is_none() && self.lots.draw(3) == 0 {
            let ticket = samples::ticket(&self.place.ids, &conversation);
            conversation.ticket = Some(TicketLink { id: ticket.id, status: TicketStatus::Unassigned, assignee: None });
            let (key, owner) = (UniqueKey::open_ticket(conversation.contact), Owner::id(ticket.id.as_uuid()));
            let keep = (self.lots.draw(2) == 0).then_some(Duration::from_secs(3600));
            let held = self.memory.snapshot(self.place.workspace.id, &Want { keys: vec![key.clone()], ..Want::default() }).await.unwrap();
            if held.owners.is_empty() {
                commit.unique.push(Claim { key, owner, keep });
            }
            commit.writes.push(Write::OpenTicket(Box::new(ticket)));
        } else if let Some(link) = &mut conversation.ticket {
            link.status =
                *self.lots.of(&[TicketStatus::Unassigned, TicketStatus::Assigned, TicketStatus::Assigned, TicketStatus::Resolved]);
            link.assignee = (link.status != TicketStatus::Unassigned).then(|| self.lots.of(&references).clone());
        }
        for _ in 0..self.lots.draw(3) {
            conversation.seq = conversation.seq.next();
            let seq = conversation.seq.0;
            let mut entry = match self.lots.draw(6) {
                0 => samples::contact_message(seq, conversation.contact, "Where is my order?"),
                1 => samples::assistant_message(seq, &self.place.workspace.assistant, "It is on its way."),
                2 => samples::operator_message(seq, team[0], "It \u{0} came\u{1F4E6}."),
                3 => samples::note(seq, team[1], "A note"),
                4 => samples::activity(seq, ActivityKind::Claimed),
                _ => samples::activity(seq, ActivityKind::Assigned),
            };
            entry.rev = conversation.version;
            commit.writes.push(Write::Entry { conversation: conversation.id, entry: Arc::new(entry) });
        }
        if conversation.seq.0 > 1 && self.lots.draw(3) == 0 {
            let seq = 1 + self.lots.draw(conversation.seq.0 - 1);
            let mut entry = samples::contact_message(seq, conversation.contact, "Changed");
            entry.rev = conversation.version;
            commit.writes.push(Write::Entry { conversation: conversation.id, entry: Arc::new(entry) });
        }
        commit.writes.push(Write::Conversation(Arc::new(conversation.clone())));
        committed(self.commit(commit).await);
        self.conversations[index] = conversation;
    }

    async fn pages(&self, store: &dyn Store, query: &QueueQuery) -> Vec<QueueRow> {
        let mut query = query.clone();
        let mut rows = Vec::new();
        loop {
            let Page { items, next } = store.queue(self.place.workspace.id, &query).await.unwrap();
            assert!(items.len() <= query.limit as usize);
            rows.extend(items);
            query.cursor = next;
            if next.is_none() {
                return rows;
            }
        }
    }
}

#[tokio::test]
async fn every_view_filter_and_order_shows_the_same_rows() {
    let mut twins = Twins::new(1).await;
    for _ in 0..150 {
        twins.step().await;
    }
    let operators = twins.operators();
    let statuses = [None, Some(Status::Open), Some(Status::Pending), Some(Status::Resolved)];
    let assignees = [None, Some(AssigneeFilter::Assistant), Some(AssigneeFilter::Nobody), Some(AssigneeFilter::Operator(operators[1]))];
    for view in VIEWS {
        for (operator, sort) in [(operators[0], Sort::Newest), (operators[1], Sort::Oldest)] {
            for status in statuses {
                for assignee in assignees {
                    let mut query = QueueQuery { status, assignee, sort, limit: 3, ..QueueQuery::of(operator, view) };
                    query.flagged = [None, Some(true), Some(false)][usize::try_from(twins.lots.draw(3)).unwrap()];
                    query.unread = [None, Some(true), Some(false)][usize::try_from(twins.lots.draw(3)).unwrap()];
                    query.assistant = (twins.lots.draw(3) == 0).then_some(twins.place.workspace.assistant.id);
                    let shown = twins.pages(&twins.sqlite, &query).await;
                    assert_eq!(shown, twins.pages(&twins.memory, &query).await, "{query:?}");
                    assert!(shown.iter().all(|row| query.holds(&row.conversation)));
                }
            }
        }
    }
}

#[tokio::test]
async fn counts_agree_with_the_views() {
    let mut twins = Twins::new(2).await;
    for step in 0..200 {
        twins.step().await;
        if step % 20 > 0 {
            continue;
        }
        for operator in twins.operators() {
            let counts = twins.sqlite.counts(twins.place.workspace.id, operator).await.unwrap();
            assert_eq!(counts, twins.memory.counts(twins.place.workspace.id, operator).await.unwrap());
        }
    }
    let elsewhere = WorkspaceId::generate(&twins.place.ids);
    assert_eq!(twins.sqlite.counts(elsewhere, twins.operators()[0]).await.unwrap(), helpdesk_core::store::ViewCounts::default());
}

#[tokio::test]
async fn timelines_and_their_changes_are_the_same() {
    let mut twins = Twins::new(3).await;
    for _ in 0..300 {
        twins.step().await;
    }
    let workspace = twins.place.workspace.id;
    for conversation in &twins.conversations {
        for audience in [Audience::Team, Audience::Contact] {
            for range in [0, 1, 3, u64::MAX].map(Seq).into_iter().flat_map(|seq| [TimelineRange::After(seq), TimelineRange::Before(seq)]) {
                for limit in [0, 2, 100] {
                    let read = twins.sqlite.timeline(workspace, conversation.id, range, audience, limit).await.unwrap();
                    assert_eq!(read, twins.memory.timeline(workspace, conversation.id, range, audience, limit).await.unwrap());
                }
            }
            for limit in [1, 2, 100] {
                let mut after = Some(ChangedAfter::default());
                while let Some(known) = after {
                    let read = twins.sqlite.changed(workspace, conversation.id, known, audience, limit).await.unwrap();
                    assert_eq!(read, twins.memory.changed(workspace, conversation.id, known, audience, limit).await.unwrap());
                    after = read.and_then(|changed| changed.more);
                }
            }
        }
    }
    let absent = twins.place.conversation().id;
    assert_eq!(twins.sqlite.changed(workspace, absent, ChangedAfter::default(), Audience::Team, 10).await.unwrap(), None);
}

#[tokio::test]
async fn snapshots_are_the_same() {
    let mut twins = Twins::new(4).await;
    for _ in 0..100 {
        twins.step().await;
    }
    let workspace = twins.place.workspace.id;
    let subject = UniqueKey::operator_subject(&twins.place.workspace.owner.subject);
    let mut open_tickets = 0;
    for (index, conversation) in twins.conversations.iter().enumerate() {
        let keys = vec![subject.clone(), UniqueKey::open_ticket(conversation.contact), UniqueKey::from_stored("nobody's".to_owned())];
        let records = vec![RecordKey::WORKSPACE, RecordKey::SETTINGS, RecordKey::new(RecordKind::Operator, twins.operators()[1].as_uuid())];
        for want in [
            Want { conversation: Some(conversation.id), ..Want::default() },
            Want { contact: Some(conversation.contact), ..Want::default() },
            Want { conversation: Some(conversation.id), contact: Some(twins.contacts[0].id), keys, ..Want::default() },
            Want { conversation: Some(conversation.id), records, count_after: Some(Seq(index as u64 % 3)), ..Want::default() },
            Want { conversation: Some(twins.place.conversation().id), ..Want::default() },
            Want::default(),
        ] {
            let mut read = twins.sqlite.snapshot(workspace, &want).await.unwrap();
            let mut told = twins.memory.snapshot(workspace, &want).await.unwrap();
            read.records.sort_by_key(|record| record.body.key());
            told.records.sort_by_key(|record| record.body.key());
            assert_eq!(read, told, "{want:?}");
            open_tickets += usize::from(read.open_ticket.is_some());
        }
        twins.place.clock.advance(Duration::from_mins(3));
    }
    assert!(open_tickets > 3);
}

#[tokio::test]
async fn lists_are_the_same() {
    let mut twins = Twins::new(5).await;
    for _ in 0..100 {
        twins.step().await;
    }
    let workspace = twins.place.workspace.id;
    for contact in twins.contacts.iter().map(|contact| contact.id) {
        let mut cursor: Option<QueueCursor> = None;
        loop {
            let read = twins.sqlite.conversations_of(workspace, contact, cursor, 2).await.unwrap();
            assert_eq!(read, twins.memory.conversations_of(workspace, contact, cursor, 2).await.unwrap());
            cursor = read.next;
            if cursor.is_none() {
                break;
            }
        }
    }
    let ids: Vec<_> = twins.contacts.iter().map(|contact| contact.id).collect();
    let mut found = twins.sqlite.contacts(workspace, &ids).await.unwrap();
    found.sort_by_key(|contact| contact.id);
    assert_eq!(found, twins.contacts[..4]);

    let tickets: Vec<TicketId> = twins.conversations.iter().filter_map(|conversation| Some(conversation.ticket.as_ref()?.id)).collect();
    let by_id: Vec<_> = tickets.iter().copied().map(TicketRef::Id).collect();
    let by_number: Vec<_> = (0..=tickets.len() as u64 + 1).map(|number| TicketRef::Number(TicketNumber(number))).collect();
    for refs in [&by_id, &by_number] {
        let mut read = twins.sqlite.tickets(workspace, refs).await.unwrap();
        let mut told = twins.memory.tickets(workspace, refs).await.unwrap();
        read.sort_by_key(|ticket| ticket.number);
        told.sort_by_key(|ticket| ticket.number);
        assert_eq!(read, told);
        assert_eq!(read.len(), tickets.len());
    }
    for kind in [RecordKind::Operator, RecordKind::Settings, RecordKind::Token] {
        let all = twins.sqlite.records(workspace, kind, None, 10).await.unwrap();
        assert_eq!(all, twins.memory.records(workspace, kind, None, 10).await.unwrap());
        for record in &all {
            let key = record.body.key();
            let read = twins.sqlite.records(workspace, kind, Some(key.id), 1).await.unwrap();
            assert_eq!(read, twins.memory.records(workspace, kind, Some(key.id), 1).await.unwrap());
            assert_eq!(twins.sqlite.record(workspace, key).await.unwrap().as_ref(), Some(record));
        }
    }
}

#[tokio::test]
async fn the_audit_log_is_read_backwards() {
    let twins = Twins::new(6).await;
    let workspace = twins.place.workspace.id;
    for number in 0..7 {
        let detail = serde_json::json!({"number": {"from": number, "to": number + 1}});
        let audit = Audit {
            id: AuditId::generate(&twins.place.ids),
            at: samples::moment(number),
            actor: AuditActor::System,
            action: "settings.updated".to_owned(),
            subject: "settings".to_owned(),
            detail,
        };
        let mut commit = twins.place.draft();
        commit.writes.push(Write::Audit(Box::new(audit)));
        committed(twins.commit(commit).await);
    }
    let first = twins.sqlite.audit(workspace, None, 3).await.unwrap();
    assert_eq!(first, twins.memory.audit(workspace, None, 3).await.unwrap());
    assert_eq!(first.len(), 3);
    let before = first.last().map(|line| line.id);
    assert_eq!(twins.sqlite.audit(workspace, before, 100).await.unwrap(), twins.memory.audit(workspace, before, 100).await.unwrap());
}

#[tokio::test]
async fn changes_lead_to_the_last_version_of_everything() {
    let mut twins = Twins::new(7).await;
    for _ in 0..100 {
        twins.step().await;
    }
    let workspace = twins.place.workspace.id;
    let Changes::Some { cursor: now, changes } = twins.sqlite.changes(workspace, None, 10).await.unwrap() else { panic!("no cursor") };
    assert!(changes.is_empty());
    let mut cursor = ChangeCursor::start(now.incarnation);
    let mut versions = std::collections::HashMap::new();
    while cursor != now {
        let Changes::Some { changes, cursor: next } = twins.sqlite.changes(workspace, Some(cursor), 7).await.unwrap() else {
            panic!("nothing was pruned")
        };
        assert!(!changes.is_empty() && changes.len() <= 7 && changes[0].number > cursor.number);
        assert!(changes.windows(2).all(|pair| pair[0].number < pair[1].number));
        versions.extend(changes.iter().map(|change| (change.key, change.version)));
        cursor = next;
    }
    for conversation in &twins.conversations {
        assert_eq!(versions[&helpdesk_core::store::Key::Conversation(conversation.id)], conversation.version);
    }
    let Changes::Some { changes, cursor } = twins.sqlite.changes(workspace, Some(now), 7).await.unwrap() else { panic!("no changes") };
    assert_eq!((changes, cursor), (Vec::new(), now));
}

#[tokio::test]
async fn a_filter_that_few_pass_makes_pages_short_and_goes_on() {
    let place = Place::new();
    let store = place.store().await;
    let workspace = place.workspace.id;
    let mut commit = place.draft();
    let mut rare = Vec::new();
    for number in 0..11_000_i64 {
        let mut conversation = place.conversation();
        conversation.last_activity_at = samples::moment(number);
        conversation.flagged = number % 4_000 == 10;
        if conversation.flagged {
            rare.push(conversation.id);
        }
        // A conversation that is mine by both ways, so that two walks are cut.
        conversation.assignee = Assignee::Operator(place.workspace.operators[usize::try_from(number % 2).unwrap()].reference());
        commit.writes.push(Write::Conversation(Arc::new(conversation)));
    }
    committed(store.commit(commit).await.unwrap());
    for (view, sort) in [(QueueView::All, Sort::Newest), (QueueView::All, Sort::Oldest), (QueueView::Mine, Sort::Newest)] {
        let mut query = QueueQuery { flagged: Some(true), sort, ..QueueQuery::of(place.workspace.operators[0].id, view) };
        let mut found = Vec::new();
        let mut calls = 0;
        loop {
            let page = store.queue(workspace, &query).await.unwrap();
            found.extend(page.items.iter().map(|row| row.conversation.id));
            calls += 1;
            query.cursor = page.next;
            if page.next.is_none() {
                break;
            }
        }
        if sort == Sort::Newest {
            found.reverse();
        }
        assert_eq!(found, rare, "{view:?} {sort:?}");
        assert!(calls >= 2, "{calls} calls");
    }
}
