//! How values of the domain lie in columns.

use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use helpdesk_core::clock::Timestamp;
use helpdesk_core::model::{Audience, Author, Body, Entry, RecordKey, RecordKind};
use helpdesk_core::store::Key;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::sql::fault::Fault;

/// A time as it is stored.
pub(crate) fn micros(at: Timestamp) -> i64 {
    at.timestamp_micros()
}

/// A stored time.
pub(crate) fn timestamp(micros: i64) -> Result<Timestamp, Fault> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| Fault::Inconsistent(format!("{micros} is not a time")))
}

/// The time that lies `delay` ahead; the end of time where that is beyond it.
pub(crate) fn later(now: Timestamp, delay: Duration) -> Timestamp {
    TimeDelta::from_std(delay).ok().and_then(|delay| now.checked_add_signed(delay)).unwrap_or(DateTime::<chrono::Utc>::MAX_UTC)
}

/// A number as SQLite keeps it. What does not fit is larger than anything stored, and stays so.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A stored number; none is below zero.
pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A body as it is stored.
pub(crate) fn json<T: Serialize>(body: &T) -> Result<String, Fault> {
    serde_json::to_string(body).map_err(|error| Fault::Encode(Box::new(error)))
}

/// A stored body.
pub(crate) fn parsed<T: DeserializeOwned>(what: &str, body: &str) -> Result<T, Fault> {
    serde_json::from_str(body).map_err(|error| Fault::Inconsistent(format!("the body of {what}: {error}")))
}

/// The kind and the id by which the changes name a thing.
pub(crate) fn key_columns(key: Key) -> (&'static str, Uuid) {
    match key {
        Key::Conversation(id) => ("conversation", id.as_uuid()),
        Key::Ticket(id) => ("ticket", id.as_uuid()),
        Key::Contact(id) => ("contact", id.as_uuid()),
        Key::Record(key) => (key.kind.as_str(), key.id),
    }
}

/// The thing that the changes name by a kind and an id.
pub(crate) fn key_of(kind: &str, id: Uuid) -> Result<Key, Fault> {
    use helpdesk_core::id::{ContactId, ConversationId, TicketId};
    Ok(match kind {
        "conversation" => Key::Conversation(ConversationId::from_uuid(id)),
        "ticket" => Key::Ticket(TicketId::from_uuid(id)),
        "contact" => Key::Contact(ContactId::from_uuid(id)),
        kind => Key::Record(RecordKey::new(record_kind(kind)?, id)),
    })
}

/// The kind of records with this name.
pub(crate) fn record_kind(name: &str) -> Result<RecordKind, Fault> {
    serde_json::from_value(serde_json::Value::from(name)).map_err(|_| Fault::Inconsistent(format!("{name} is no kind of record")))
}

/// Whose message an entry is: 0 none, 1 the contact's, 2 somebody else's.
pub(crate) fn sender(entry: &Entry) -> i64 {
    match (&entry.body, &entry.author) {
        (Body::Message(_), Author::Contact { .. }) => 1,
        (Body::Message(_), _) => 2,
        _ => 0,
    }
}

/// Whether contacts see an entry.
pub(crate) fn is_public(entry: &Entry) -> bool {
    entry.is_visible_to(Audience::Contact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_record_is_found_by_its_name() {
        use RecordKind::{Account, Article, Assistant, Operator, Settings, Token, Workspace};
        for kind in [Workspace, Settings, Operator, Assistant, Account, Article, Token] {
            let (name, id) = key_columns(Key::Record(RecordKey::new(kind, Uuid::nil())));
            assert_eq!(key_of(name, id).unwrap(), Key::Record(RecordKey::new(kind, Uuid::nil())));
        }
    }

    #[test]
    fn a_delay_beyond_the_end_of_time_is_the_end_of_time() {
        let now = timestamp(0).unwrap();
        assert_eq!(later(now, Duration::from_secs(1)), timestamp(1_000_000).unwrap());
        assert_eq!(later(now, Duration::MAX), DateTime::<chrono::Utc>::MAX_UTC);
        assert!(micros(later(now, Duration::MAX)) > 0);
    }
}
