//! Samples of entries. Each is written by the version that has its own number, unless a test says otherwise.

use super::moment;
use crate::id::{ContactId, Seq, Version};
use crate::model::{Activity, ActivityKind, Assistant, Author, Body, Channel, Delivery, Entry, Message, Note, Operator};

fn entry(seq: u64, author: Author, body: Body) -> Entry {
    let at = moment(i64::try_from(seq).expect("samples have short timelines"));
    Entry { seq: Seq(seq), rev: Version(seq), at, author, channel: Channel::widget(), body }
}

fn message(text: &str) -> Body {
    Body::Message(Message { text: text.to_owned(), delivery: Delivery::Sent, citations: Vec::new() })
}

/// The contact writes.
#[must_use]
pub fn contact_message(seq: u64, contact: ContactId, text: &str) -> Entry {
    entry(seq, Author::Contact { id: contact }, message(text))
}

/// The assistant answers.
#[must_use]
pub fn assistant_message(seq: u64, assistant: &Assistant, text: &str) -> Entry {
    entry(seq, Author::Assistant(assistant.reference()), message(text))
}

/// An operator writes to the contact.
#[must_use]
pub fn operator_message(seq: u64, operator: &Operator, text: &str) -> Entry {
    entry(seq, Author::Operator(operator.reference()), message(text))
}

/// The helpdesk itself writes.
#[must_use]
pub fn system_message(seq: u64, text: &str) -> Entry {
    entry(seq, Author::System, message(text))
}

/// An operator writes to the team.
#[must_use]
pub fn note(seq: u64, operator: &Operator, text: &str) -> Entry {
    entry(seq, Author::Operator(operator.reference()), Body::Note(Note { text: text.to_owned(), mentions: Vec::new() }))
}

/// Something happens.
#[must_use]
pub fn activity(seq: u64, kind: ActivityKind) -> Entry {
    entry(seq, Author::System, Body::Activity(Activity::new(kind)))
}
