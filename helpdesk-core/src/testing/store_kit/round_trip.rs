//! What goes in comes out: every field of everything, with values that stores are known to mend, cut or mix up.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::json;

use super::StoreFixture;
use super::scene::{self, Scene, done};
use crate::clock::Timestamp;
use crate::id::{
    AccountId, ArticleId, AssistantId, AuditId, ContactId, ConversationId, DepartmentId, JobId, OperatorId, Seq, TicketId, TokenId,
    TurnNumber, Version,
};
use crate::model::{
    Account, Activity, ActivityKind, AfterResolve, ApiToken, Article, AssignTo, Assignee, Assistant, AssistantRef, Audience, Audit,
    AuditActor, Author, Availability, Body, Brand, Channel, Citation, Closed, ClosedBy, Contact, Conversation, Delivery, Entry,
    HumanSupport, IdentityMode, IdentitySettings, Message, Note, Operator, OperatorRef, PageView, Preview, Priority, Record, RecordBody,
    Role, Settings, Status, Texts, Threshold, ThresholdCount, Ticket, TicketLink, TicketStatus, Workspace,
};
use crate::store::{ChangedAfter, JobOp, Lane, NewJob, QueueQuery, QueueView, TicketRef, TimelineRange, Want, Work, Write};
use crate::testing::samples;

/// Texts that must come back as they are: other scripts and directions, characters of several code points and beyond the
/// first plane, both ways to write an accent, quotes, wildcards, line feeds, white space, what looks like something else, and nothing.
const TEXTS: [&str; 14] = [
    "",
    " ",
    "plain",
    "مرحبًا 日本語 ελληνικά",
    "👩‍👩‍👧‍👦 🏳️‍🌈 𝔘𝔫𝔦",
    "é e\u{301}",
    "\u{200f}\u{202e}\u{feff}",
    "it's \"quoted\" `so` \\ and /",
    "100% _wild_ * ?",
    "one\ntwo\n\tthree ",
    "'; DROP TABLE conversations; --",
    "null",
    "{\"json\": [1, 2]}",
    "-0012.50",
];

/// The largest number that stores must keep.
const LARGEST: u64 = i64::MAX.unsigned_abs();

fn text(number: usize) -> String {
    TEXTS[number % TEXTS.len()].to_owned()
}

fn texts(number: usize) -> Texts {
    Texts(BTreeMap::from([("en".to_owned(), text(number)), ("pt-BR".to_owned(), text(number + 1)), (text(number + 2), text(number + 3))]))
}

/// Moments with microseconds, before the epoch, far away.
fn at(number: usize) -> Timestamp {
    let moments = [
        samples::moment(0),
        samples::moment(1) + TimeDelta::microseconds(1),
        samples::moment(2) + TimeDelta::microseconds(999_999),
        Timestamp::UNIX_EPOCH,
        Timestamp::UNIX_EPOCH - TimeDelta::microseconds(1),
        samples::moment(60 * 60 * 24 * 365 * 500) + TimeDelta::microseconds(123_456),
    ];
    moments[number % moments.len()]
}

fn operator(scene: &Scene<'_>, number: usize) -> OperatorRef {
    OperatorRef { id: OperatorId::generate(&scene.fixture.ids), name: text(number) }
}

fn authors(scene: &Scene<'_>, number: usize) -> Author {
    let ids = &scene.fixture.ids;
    match number % 4 {
        0 => Author::Contact { id: ContactId::generate(ids) },
        1 => Author::Assistant(AssistantRef { id: AssistantId::generate(ids), name: text(number) }),
        2 => Author::Operator(operator(scene, number)),
        _ => Author::System,
    }
}

fn assignee(scene: &Scene<'_>, number: usize) -> Assignee {
    match number % 3 {
        0 => Assignee::Assistant,
        1 => Assignee::Nobody,
        _ => Assignee::Operator(operator(scene, number)),
    }
}

/// A conversation whose every field is set.
fn conversation(scene: &Scene<'_>, number: usize) -> Conversation {
    let ids = &scene.fixture.ids;
    let n = number as u64;
    let statuses = [TicketStatus::Unassigned, TicketStatus::Assigned, TicketStatus::Resolved, TicketStatus::Archived];
    let by = [ClosedBy::Contact, ClosedBy::Operator(operator(scene, number)), ClosedBy::System];
    Conversation {
        id: ConversationId::generate(ids),
        contact: ContactId::generate(ids),
        assistant: AssistantRef { id: AssistantId::generate(ids), name: text(number) },
        channel: Channel::named(format!("channel {}", text(number))),
        language: Some(text(number + 1)),
        assignee: assignee(scene, number),
        status: [Status::Open, Status::Pending, Status::Resolved][number % 3],
        takeover_requested_at: Some(at(number + 1)),
        department: Some(DepartmentId::generate(ids)),
        priority: [Priority::Low, Priority::Normal, Priority::High, Priority::Urgent][number % 4],
        flagged: number.is_multiple_of(2),
        labels: TEXTS.iter().map(|label| (*label).to_owned()).collect(),
        seq: Seq(n + 1),
        public_seq: Seq(n + 2),
        version: Version(n + 3),
        public_version: Version(n + 4),
        turn: TurnNumber(n + 5),
        answering: number % 2 == 1,
        messages: LARGEST,
        assistant_replies: n + 6,
        team_read: Seq(n + 7),
        contact_read: Seq(n + 8),
        unread_for_team: n + 9,
        unread_for_contact: n + 10,
        last_message: Some(Preview { author: authors(scene, number), text: text(number + 2), at: at(number + 2) }),
        last_contact_message_at: Some(at(number + 3)),
        last_contact_words: Some(format!("words {number}")),
        auto_replied: true,
        ticket: Some(TicketLink {
            id: TicketId::generate(ids),
            status: statuses[number % 4],
            assignee: number.is_multiple_of(2).then(|| operator(scene, number)),
        }),
        participants: (0..3).map(|_| OperatorId::generate(ids)).collect(),
        closed: Some(Closed { by: by[number % 3].clone(), at: at(number + 4) }),
        merged_into: Some(ConversationId::generate(ids)),
        created_at: at(number + 5),
        last_activity_at: at(number),
    }
}

/// Conversations, full and bare, come back equal by every read that gives them.
pub async fn conversations_come_back_as_they_were(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (store, workspace) = (scene.store(), scene.workspace.id);
    let full = (0..TEXTS.len()).map(|number| conversation(&scene, number));
    for expected in full.chain([scene.conversation()]) {
        let id = expected.id;
        scene.put([scene::conversation(&expected)]).await;
        assert_eq!(scene.stored(id).await.as_ref(), Some(&expected));
        let snapshot = store.snapshot(workspace, &Want { conversation: Some(id), ..Want::default() }).await.unwrap();
        assert_eq!(snapshot.conversation.as_deref(), Some(&expected));
        let changed = store.changed(workspace, id, ChangedAfter::default(), Audience::Team, 1).await.unwrap().unwrap();
        assert_eq!(changed.conversation, expected);
        let of_contact = store.conversations_of(workspace, expected.contact, None, 1).await.unwrap().items;
        assert_eq!((of_contact.len(), &*of_contact[0].conversation), (1, &expected));
        let query = QueueQuery { limit: 200, ..QueueQuery::of(scene.workspace.owner.id, QueueView::All) };
        let queue = store.queue(workspace, &query).await.unwrap();
        assert_eq!(queue.items.iter().map(|row| &*row.conversation).find(|row| row.id == id), Some(&expected));
        // And a field that was set is unset again.
        let bare = Conversation { id, version: Version(100), ..scene.conversation() };
        scene.put([scene::conversation(&bare)]).await;
        assert_eq!(scene.stored(id).await, Some(bare));
    }
}

fn bodies(scene: &Scene<'_>) -> Vec<Body> {
    let ids = &scene.fixture.ids;
    let mut bodies = vec![Body::Erased];
    for (number, delivery) in
        [Delivery::Queued, Delivery::Sent, Delivery::Delivered, Delivery::Read, Delivery::Failed].into_iter().enumerate()
    {
        let citations = (0..number).map(|n| Citation { title: text(n), url: (n % 2 == 0).then(|| text(n + 1)) }).collect();
        bodies.push(Body::Message(Message { text: "ü🙂".repeat(5_000), delivery, citations }));
    }
    for number in 0..TEXTS.len() {
        bodies.push(Body::Message(Message { text: text(number), delivery: Delivery::Sent, citations: Vec::new() }));
        bodies.push(Body::Note(Note { text: text(number), mentions: (0..number % 3).map(|_| OperatorId::generate(ids)).collect() }));
    }
    let kinds = [
        ActivityKind::Assigned,
        ActivityKind::Claimed,
        ActivityKind::TakeoverRequested,
        ActivityKind::HandedBack,
        ActivityKind::StatusChanged,
        ActivityKind::Escalated,
        ActivityKind::Merged,
    ];
    for (number, kind) in kinds.into_iter().enumerate() {
        bodies.push(Body::Activity(Activity::new(kind)));
        bodies.push(Body::Activity(Activity {
            kind,
            text: Some(text(number)),
            operator: Some(operator(scene, number)),
            assignee: Some(assignee(scene, number)),
            status: Some([Status::Open, Status::Pending, Status::Resolved][number % 3]),
            reason: Some(text(number + 1)),
            ticket: Some(TicketId::generate(ids)),
        }));
    }
    bodies
}

/// Entries of every kind come back equal, by both reads that give them.
pub async fn entries_come_back_as_they_were(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let conversation = scene.conversation();
    let entries: Vec<_> = (1..)
        .zip(bodies(&scene))
        .map(|(number, body)| Entry {
            seq: Seq(number as u64),
            rev: Version(1_000 + number as u64),
            at: at(number),
            author: authors(&scene, number),
            channel: Channel::named(text(number)),
            body,
        })
        .collect();
    let writes = entries.iter().map(|entry| scene::entry(conversation.id, entry));
    scene.put(std::iter::once(scene::conversation(&conversation)).chain(writes)).await;
    let (store, workspace) = (scene.store(), scene.workspace.id);
    let timeline = store.timeline(workspace, conversation.id, TimelineRange::After(Seq::ZERO), Audience::Team, 1_000).await.unwrap();
    assert_eq!(timeline, entries);
    let changed = store.changed(workspace, conversation.id, ChangedAfter::default(), Audience::Team, 1_000).await.unwrap().unwrap();
    assert_eq!(changed.entries, entries);
}

/// Tickets, full and bare, come back equal but for the number that they draw.
pub async fn tickets_come_back_as_they_were(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let ids = &fixture.ids;
    let statuses = [TicketStatus::Unassigned, TicketStatus::Assigned, TicketStatus::Resolved, TicketStatus::Archived];
    let full = (0..TEXTS.len()).map(|number| Ticket {
        id: TicketId::generate(ids),
        number: crate::id::TicketNumber::ZERO,
        version: Version(number as u64 + 1),
        subject: text(number),
        reason: Some(text(number + 1)),
        requester: ContactId::generate(ids),
        conversation: ConversationId::generate(ids),
        shared: number % 2 == 0,
        assistant: Some(AssistantRef { id: AssistantId::generate(ids), name: text(number + 2) }),
        channel: Channel::named(text(number + 3)),
        status: statuses[number % 4],
        priority: [Priority::Low, Priority::Normal, Priority::High, Priority::Urgent][number % 4],
        assignee: Some(operator(&scene, number)),
        department: Some(DepartmentId::generate(ids)),
        created_at: at(number),
        updated_at: at(number + 1),
    });
    let mut bare = samples::ticket(ids, &scene.conversation());
    bare.assistant = None;
    for mut expected in full.chain([bare]) {
        let committed = scene.put([Write::OpenTicket(Box::new(expected.clone()))]).await;
        expected.number = committed.tickets[0].1;
        let found = scene.store().tickets(scene.workspace.id, &[TicketRef::Id(expected.id)]).await.unwrap();
        assert_eq!(found, std::slice::from_ref(&expected));
        let unset =
            Ticket { id: expected.id, number: expected.number, version: Version(100), ..samples::ticket(ids, &scene.conversation()) };
        scene.put([Write::Ticket(Box::new(unset.clone()))]).await;
        let found = scene.store().tickets(scene.workspace.id, &[TicketRef::Number(expected.number)]).await.unwrap();
        assert_eq!(found, [unset]);
    }
}

/// Contacts, full and bare, come back equal; an empty text is not the same as none.
pub async fn contacts_come_back_as_they_were(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let full = (0..TEXTS.len()).map(|number| Contact {
        id: ContactId::generate(&fixture.ids),
        version: Version(number as u64 + 1),
        name: Some(text(number)),
        pseudonym: text(number + 1),
        email: Some(text(number + 2)),
        email_verified: number % 2 == 0,
        subject: Some(text(number + 3)),
        country: Some(text(number + 4)),
        time_zone: Some(text(number + 5)),
        language: Some(text(number + 6)),
        page: Some(PageView { url: text(number + 7), title: (number % 2 == 0).then(|| text(number + 8)) }),
        conversations: LARGEST,
        created_at: at(number),
    });
    for expected in full.chain([scene.contact()]) {
        scene.put([scene::contact(&expected)]).await;
        assert_eq!(scene.store().contacts(scene.workspace.id, &[expected.id]).await.unwrap(), std::slice::from_ref(&expected));
        let snapshot = scene.store().snapshot(scene.workspace.id, &Want { contact: Some(expected.id), ..Want::default() }).await.unwrap();
        assert_eq!(snapshot.contact.as_ref(), Some(&expected));
        let bare = Contact { id: expected.id, version: Version(100), ..scene.contact() };
        scene.put([scene::contact(&bare)]).await;
        assert_eq!(scene.store().contacts(scene.workspace.id, &[bare.id]).await.unwrap(), [bare]);
    }
}

fn settings(scene: &Scene<'_>, number: usize) -> Settings {
    Settings {
        helpdesk: number.is_multiple_of(2),
        human_support: HumanSupport {
            enabled: number % 2 == 1,
            button_hidden: number.is_multiple_of(2),
            threshold: Threshold {
                count: [ThresholdCount::AssistantReplies, ThresholdCount::Messages][number % 2],
                at_least: [0, 3, LARGEST][number % 3],
            },
            button_text: texts(number),
            transition_message: texts(number + 1),
            confirmation_prompt: text(number),
            waiting_label: Texts::default(),
            connected_label: texts(number + 2),
            auto_reply: texts(number + 3),
        },
        assign_to: [AssignTo::Anyone, AssignTo::Participants][number % 2],
        contact_message_after_resolve: [AfterResolve::New, AfterResolve::Reopen][number % 2],
        brand: Brand { name: text(number), color: "#0f766e".to_owned() },
        allowed_origins: (0..number % 4).map(text).collect(),
        default_language: text(number),
        identity: IdentitySettings {
            mode: [IdentityMode::Open, IdentityMode::VerifiedOnly][number % 2],
            sealed_secrets: (0..number % 3).map(text).collect(),
        },
        default_assistant: number.is_multiple_of(2).then(|| AssistantId::generate(&scene.fixture.ids)),
    }
}

fn bodies_of_records(scene: &Scene<'_>, number: usize) -> Vec<RecordBody> {
    let ids = &scene.fixture.ids;
    let mut assistant = Assistant::new(AssistantId::generate(ids), text(number), text(number + 1));
    assistant.account = number.is_multiple_of(2).then(|| AccountId::generate(ids));
    assistant.prompt = text(number + 2);
    assistant.guidance = text(number + 3);
    assistant.handover = number.is_multiple_of(2);
    assistant.default_priority = Priority::Urgent;
    assistant.greeting = texts(number);
    vec![
        RecordBody::Workspace(Workspace { id: scene.workspace.id, name: text(number), created_at: at(number) }),
        RecordBody::Settings(Box::new(settings(scene, number))),
        RecordBody::Operator(Operator {
            id: OperatorId::generate(ids),
            subject: text(number),
            name: text(number + 1),
            email: number.is_multiple_of(2).then(|| text(number + 2)),
            role: [Role::Operator, Role::Manager, Role::Owner][number % 3],
            availability: [Availability::Online, Availability::Away, Availability::Busy, Availability::Offline][number % 4],
            departments: (0..number % 3).map(|_| DepartmentId::generate(ids)).collect(),
            disabled: number % 2 == 1,
            created_at: at(number),
        }),
        RecordBody::Assistant(Box::new(assistant)),
        RecordBody::Account(Account {
            id: Some(AccountId::generate(ids)),
            workspace: scene.workspace.id,
            driver: text(number),
            name: text(number + 1),
            configuration: json!({ "text": text(number), "number": 1.5, "large": LARGEST, "negative": -7, "none": null, "list": [true, {}] }),
            secrets: (0..number % 3).map(|n| (text(n + 1), text(n + 2))).collect(),
        }),
        RecordBody::Article(Article {
            id: ArticleId::generate(ids),
            title: text(number),
            body: "長い文章。".repeat(number * 500),
            url: number.is_multiple_of(2).then(|| text(number + 1)),
            language: (number % 2 == 1).then(|| text(number + 2)),
            updated_at: at(number),
        }),
        RecordBody::Token(ApiToken {
            id: TokenId::generate(ids),
            name: text(number),
            operator: OperatorId::generate(ids),
            secret_hash: text(number + 1),
            last_four: text(number + 2),
            created_at: at(number),
        }),
    ]
}

/// Records of every kind come back equal, by each read that gives them.
pub async fn records_come_back_as_they_were(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (store, workspace) = (scene.store(), scene.workspace.id);
    for number in 0..TEXTS.len() {
        for body in bodies_of_records(&scene, number) {
            let expected = Record { version: Version(number as u64 + 1), body };
            let key = expected.body.key();
            scene.put([Write::Record(Box::new(expected.clone()))]).await;
            assert_eq!(store.record(workspace, key).await.unwrap().as_ref(), Some(&expected));
            let snapshot = store.snapshot(workspace, &Want { records: vec![key], ..Want::default() }).await.unwrap();
            assert_eq!(snapshot.record(key), Some(&expected));
            let listed = store.records(workspace, key.kind, None, 200).await.unwrap();
            assert_eq!(listed.iter().find(|record| record.body.key() == key), Some(&expected));
        }
    }
}

/// Lines of the audit log come back equal, with whatever JSON they carry.
pub async fn audit_lines_come_back_as_they_were(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let mut lines: Vec<_> = (0..TEXTS.len())
        .map(|number| Audit {
            id: AuditId::generate(&fixture.ids),
            at: at(number),
            actor: if number % 2 == 0 { AuditActor::System } else { AuditActor::Operator(operator(&scene, number)) },
            action: text(number),
            subject: text(number + 1),
            detail: [
                json!({ "field": { "from": text(number), "to": null } }),
                json!(null),
                json!([]),
                json!({ "": 1.25, "large": LARGEST }),
            ][number % 4]
                .clone(),
        })
        .collect();
    scene.put(lines.iter().map(|line| Write::Audit(Box::new(line.clone())))).await;
    lines.reverse();
    assert_eq!(scene.store().audit(scene.workspace.id, None, 100).await.unwrap(), lines);
}

/// Work and lanes come back equal.
pub async fn work_comes_back_as_it_was(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let conversation = ConversationId::generate(&fixture.ids);
    let works = (0..6).flat_map(|number| {
        [Work::Answer { conversation, turn: TurnNumber(LARGEST - number as u64) }, Work::Confirm { conversation, requested_at: at(number) }]
    });
    for (number, work) in works.enumerate() {
        let lane = match number {
            0 => Lane::turn(conversation),
            1 => Lane::confirm(conversation),
            _ => Lane::named(text(number)),
        };
        let job = NewJob { id: JobId::generate(&fixture.ids), lane, work, delay: std::time::Duration::ZERO };
        scene.operate([JobOp::Push(job.clone())]).await;
        let leased = scene.lease_one().await;
        assert_eq!((leased.fence.job, &leased.fence.lane, &leased.work), (job.id, &job.lane, &job.work));
        done(scene.finish(&leased).await);
    }
}
