//! A history in which everything is as it must be, to be broken in one place.

use uuid::Uuid;

use crate::history::{Action, Changed, Final, Moment, Operation, Outcome, Queue, Record, Subscribed, Ticket, View};
use crate::wire::{Activity, ActivityKind, Assignee, Audience, Author, AuthorKind, Body, Entry, Status, Summary};

pub(super) const CONVERSATION: Uuid = Uuid::from_u128(100);
pub(super) const CONTACT: Uuid = Uuid::from_u128(1);
pub(super) const ANA: Uuid = Uuid::from_u128(2);
pub(super) const BEN: Uuid = Uuid::from_u128(3);
/// The clients: a visitor, and two operators.
pub(super) const VISITOR: u32 = 10;
pub(super) const ANAS: u32 = 1;

pub(super) fn author(kind: AuthorKind, id: Option<Uuid>) -> Author {
    Author { kind, id }
}

pub(super) fn message(seq: u64, rev: u64, author: Author, text: &str) -> Entry {
    Entry { seq, rev, author, body: Body::Message { text: text.to_owned() } }
}

pub(super) fn activity(seq: u64, rev: u64, author: Author, kind: ActivityKind) -> Entry {
    Entry { seq, rev, author, body: Body::Activity(Activity { kind, actor: None, assignee: None, status: None }) }
}

pub(super) fn claimed(seq: u64, rev: u64, id: Uuid) -> Entry {
    let by = author(AuthorKind::Operator, Some(id));
    let body = Body::Activity(Activity { kind: ActivityKind::Claimed, actor: Some(by), assignee: None, status: None });
    Entry { seq, rev, author: by, body }
}

pub(super) fn assistant() -> Author {
    author(AuthorKind::Assistant, Some(Uuid::from_u128(9)))
}

pub(super) fn contact() -> Author {
    author(AuthorKind::Contact, Some(CONTACT))
}

pub(super) fn operator(id: Uuid) -> Author {
    author(AuthorKind::Operator, Some(id))
}

/// The timeline: asked and answered, taken over and handed back, asked and answered, a human asked for, over.
pub(super) fn timeline() -> Vec<Entry> {
    let resolved = Activity { kind: ActivityKind::StatusChanged, actor: None, assignee: None, status: Some(Status::Resolved) };
    vec![
        message(1, 1, contact(), "q1"),
        message(2, 2, assistant(), "an answer"),
        claimed(3, 3, ANA),
        message(4, 4, operator(ANA), "r1"),
        Entry { seq: 5, rev: 5, author: operator(ANA), body: Body::Note { text: "n1".to_owned() } },
        activity(6, 6, operator(ANA), ActivityKind::HandedBack),
        message(7, 7, contact(), "q2"),
        message(8, 8, assistant(), "another answer"),
        activity(9, 9, contact(), ActivityKind::TakeoverRequested),
        activity(10, 9, contact(), ActivityKind::Escalated),
        message(11, 10, assistant(), "a human was asked"),
        // Version 11 is that of the contact's reading.
        Entry { seq: 12, rev: 12, author: operator(ANA), body: Body::Activity(resolved) },
    ]
}

/// The conversation as a side is shown it at a version.
pub(super) fn shown(audience: Audience, version: u64) -> Summary {
    let entries: Vec<Entry> = timeline().into_iter().filter(|entry| entry.rev <= version).collect();
    let state = super::super::replay::states(&entries).pop().unwrap();
    let seen = |entry: &&Entry| audience == Audience::Team || entry.is_for_contact();
    let seq = entries.iter().filter(seen).map(|entry| entry.seq).max().unwrap_or(0);
    let unread = match (audience, version) {
        (Audience::Team, 1..=3) | (Audience::Contact, 2 | 3 | 8 | 9) => 1,
        (Audience::Team, 7..) => 1,
        (Audience::Contact, 4..=6 | 10) => 2,
        _ => 0,
    };
    let answering = matches!(version, 1 | 7);
    let turn = [1, 3, 6, 12].iter().filter(|end| **end <= version).count() as u64;
    Summary { audience, conversation: CONVERSATION, version, seq, turn, status: state.status, assignee: state.assignee, answering, unread }
}

/// An operation from a moment to ten later.
pub(super) fn operation(actor: Uuid, action: Action, start: Moment, outcome: Outcome) -> Operation {
    let process = match actor {
        CONTACT => VISITOR,
        ANA => ANAS,
        _ => ANAS + 1,
    };
    let conversation = Some(CONVERSATION);
    let (end, attempts) = (start + 10, 1);
    Operation {
        process,
        actor,
        action,
        conversation,
        client_id: None,
        text: None,
        race: None,
        start,
        end,
        attempts,
        uncertain: false,
        outcome,
    }
}

pub(super) fn said(actor: Uuid, action: Action, start: Moment, text: &str, seq: u64) -> Operation {
    let outcome = Outcome::Done { seq: Some(seq), summary: None };
    Operation { text: Some(text.to_owned()), client_id: Some(text.to_owned()), ..operation(actor, action, start, outcome) }
}

pub(super) fn done(actor: Uuid, action: Action, start: Moment, version: u64) -> Operation {
    let audience = if actor == CONTACT { Audience::Contact } else { Audience::Team };
    operation(actor, action, start, Outcome::Done { seq: None, summary: Some(shown(audience, version)) })
}

pub(super) fn refused(actor: Uuid, action: Action, start: Moment, code: &str, holder: Option<Uuid>) -> Operation {
    operation(actor, action, start, Outcome::Refused { code: code.to_owned(), holder })
}

fn operations() -> Vec<Operation> {
    let unsaid = refused(CONTACT, Action::Send, 330, "conversation_resolved", None);
    vec![
        said(CONTACT, Action::Start, 10, "q1", 1),
        done(ANA, Action::Claim, 30, 3),
        Operation { start: 31, ..refused(BEN, Action::Claim, 31, "already_claimed", Some(ANA)) },
        said(ANA, Action::Reply, 50, "r1", 4),
        said(ANA, Action::Note, 70, "n1", 5),
        done(ANA, Action::HandBack, 90, 6),
        said(CONTACT, Action::Send, 110, "q2", 7),
        done(CONTACT, Action::Human, 200, 9),
        operation(CONTACT, Action::Timeline, 230, Outcome::Done { seq: Some(11), summary: None }),
        done(CONTACT, Action::Read(11), 250, 11),
        done(ANA, Action::Resolve, 300, 12),
        Operation { text: Some("q3".to_owned()), ..unsaid },
        done(BEN, Action::Look, 350, 12),
    ]
}

/// What a socket is told, version by version.
pub(super) fn frames(process: u32, audience: Audience) -> Vec<Record> {
    let versions: &[u64] = match audience {
        Audience::Team => &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
        Audience::Contact => &[1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12],
    };
    let socket = u64::from(process);
    let mut records = vec![Record::Subscribed(Subscribed { process, socket, conversation: CONVERSATION, after: 0 })];
    let mut prev = 0;
    for version in versions.iter().copied() {
        let new = |entry: &Entry| entry.rev > prev && entry.rev <= version && (audience == Audience::Team || entry.is_for_contact());
        let entries = timeline().into_iter().filter(new).collect();
        let at = 1_000 + version;
        records.push(Record::Changed(Box::new(Changed { at, process, socket, prev, version, entries, summary: shown(audience, version) })));
        prev = version;
    }
    records.push(Record::Listening { process, conversation: CONVERSATION });
    records
}

/// The whole history.
pub(super) fn healthy() -> Vec<Record> {
    let ticket = Some(Ticket { number: 1, status: "resolved".to_owned(), assignee: Some(Assignee::Operator { id: ANA }) });
    let entries = timeline();
    let contact_entries = entries.iter().filter(|entry| entry.is_for_contact()).cloned().collect();
    let end = Final {
        contact: CONTACT,
        summary: shown(Audience::Team, 12),
        contact_summary: shown(Audience::Contact, 12),
        entries,
        contact_entries,
        link: ticket.clone(),
        ticket,
    };
    let operations = operations().into_iter().map(|operation| Record::Operation(Box::new(operation)));
    let heard = frames(VISITOR, Audience::Contact).into_iter().chain(frames(ANAS, Audience::Team));
    let views = View::ALL.into_iter().map(|view| {
        let conversations = if matches!(view, View::All | View::Resolved) { vec![CONVERSATION] } else { Vec::new() };
        Record::Queue(Queue { view, count: conversations.len() as u64, conversations })
    });
    operations.chain(heard).chain([Record::Final(Box::new(end))]).chain(views).collect()
}
