//! What is to be sent, and how it is put into notifications. No I/O.

use std::sync::Arc;

use helpdesk_core::bus::{Signal, Topic};
use helpdesk_core::id::NodeId;
use serde::{Deserialize, Serialize};

/// Bytes of a notification. Postgres takes fewer than 8,000.
const LONGEST: usize = 7_900;

/// One notification.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Notice {
    pub(super) node: NodeId,
    /// Counts the notifications of a node: one that is missing was lost on the way.
    pub(super) number: u64,
    /// Signals of this node were lost before they could be sent.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) lost: bool,
    pub(super) items: Vec<Item>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde wants it")]
fn is_false(lost: &bool) -> bool {
    !lost
}

/// What is told of a topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Item {
    pub(super) topic: Topic,
    pub(super) news: News,
}

/// A signal that is short and holds ids only, or the row where the others are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum News {
    Signal(Arc<Signal>),
    Row(u64),
}

/// Signals that do not fit into notifications, of one topic.
#[derive(Debug, PartialEq)]
pub(super) struct Row {
    pub(super) number: u64,
    pub(super) topic: Topic,
    pub(super) signals: Vec<Arc<Signal>>,
}

/// Signals that wait to be sent.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    short: Vec<(Topic, Arc<Signal>)>,
    long: Vec<(Topic, Vec<Arc<Signal>>)>,
    rows: u64,
}

/// Whether a signal goes into the notification itself: hints with ids. What people wrote, and what may be long, goes into the
/// table.
fn is_short(signal: &Signal) -> bool {
    match signal {
        Signal::Changed { .. }
        | Signal::Advanced { .. }
        | Signal::DraftWanted { .. }
        | Signal::Discard { .. }
        | Signal::Left { .. }
        | Signal::RollWanted { .. } => true,
        Signal::Typing { .. }
        | Signal::Delta { .. }
        | Signal::Presence { .. }
        | Signal::Arrived { .. }
        | Signal::Roll { .. }
        | Signal::Notification { .. } => false,
    }
}

impl Outbox {
    pub(super) fn push(&mut self, topic: Topic, signal: Arc<Signal>) {
        if is_short(&signal) {
            self.forget_withdrawn(topic, &signal);
            self.short.push((topic, signal));
            return;
        }
        let place = self.long.iter().position(|(waiting, _)| *waiting == topic).unwrap_or_else(|| {
            self.long.push((topic, Vec::new()));
            self.long.len() - 1
        });
        let waiting = &mut self.long[place].1;
        match waiting.last_mut().and_then(|last| joined(last, &signal)) {
            Some(joined) => {
                waiting.pop();
                waiting.push(Arc::new(joined));
            }
            None => waiting.push(signal),
        }
    }

    /// The pieces of a draft that was withdrawn before they were sent need not be sent.
    fn forget_withdrawn(&mut self, topic: Topic, signal: &Signal) {
        let Signal::Discard { turn, attempt, .. } = signal else { return };
        for (_, waiting) in self.long.iter_mut().filter(|(waiting, _)| *waiting == topic) {
            waiting.retain(|signal| match &**signal {
                Signal::Delta { turn: of, attempt: number, .. } => (*of, *number) > (*turn, attempt.unwrap_or(u32::MAX)),
                _ => true,
            });
        }
        self.long.retain(|(_, waiting)| !waiting.is_empty());
    }

    pub(super) fn has_short(&self) -> bool {
        !self.short.is_empty()
    }

    pub(super) fn has_long(&self) -> bool {
        !self.long.is_empty()
    }

    /// How many signals wait.
    pub(super) fn len(&self) -> usize {
        self.short.len() + self.long.iter().map(|(_, waiting)| waiting.len()).sum::<usize>()
    }

    /// Takes out what waits: what is told, and the rows to which it refers. Long signals only if they are due.
    pub(super) fn take(&mut self, with_long: bool) -> (Vec<Item>, Vec<Row>) {
        let mut items: Vec<Item> = self.short.drain(..).map(|(topic, signal)| Item { topic, news: News::Signal(signal) }).collect();
        let mut rows = Vec::new();
        if with_long {
            for (topic, signals) in self.long.drain(..) {
                self.rows += 1;
                items.push(Item { topic, news: News::Row(self.rows) });
                rows.push(Row { number: self.rows, topic, signals });
            }
        }
        (items, rows)
    }
}

/// Two pieces of a draft that follow on each other, as one.
fn joined(before: &Signal, after: &Signal) -> Option<Signal> {
    match (before, after) {
        (
            Signal::Delta { conversation, turn, attempt, offset, text },
            Signal::Delta { conversation: other, turn: then, attempt: again, offset: next, text: more },
        ) if (conversation, turn, attempt) == (other, then, again) && *next == offset + text.chars().count() as u64 => {
            let (conversation, turn, attempt, offset) = (*conversation, *turn, *attempt, *offset);
            Some(Signal::Delta { conversation, turn, attempt, offset, text: format!("{text}{more}") })
        }
        _ => None,
    }
}

/// The payloads that tell these items: as few as there may be, each with a number of its own. At least one, so that an empty
/// one says that the node lives.
pub(super) fn notices(node: NodeId, next: &mut u64, lost: bool, items: Vec<Item>) -> Result<Vec<String>, serde_json::Error> {
    let mut payloads = Vec::new();
    let mut part: Vec<Item> = Vec::new();
    // A number is never longer than this.
    let frame = serde_json::to_string(&Notice { node, number: u64::MAX, lost: true, items: Vec::new() })?.len();
    let mut length = frame;
    let mut close = |part: Vec<Item>| {
        let number = *next;
        *next += 1;
        serde_json::to_string(&Notice { node, number, lost, items: part })
    };
    for item in items {
        let more = serde_json::to_string(&item)?.len() + 1;
        if length + more > LONGEST && !part.is_empty() {
            payloads.push(close(std::mem::take(&mut part))?);
            length = frame;
        }
        length += more;
        part.push(item);
    }
    if !part.is_empty() || payloads.is_empty() {
        payloads.push(close(part)?);
    }
    Ok(payloads)
}

#[cfg(test)]
mod tests {
    use helpdesk_core::id::{ConversationId, IdGen as _, RandomIds, TurnNumber, Version, WorkspaceId};

    use super::*;

    fn topic() -> Topic {
        Topic::Conversation { workspace: WorkspaceId::DEFAULT, conversation: ConversationId::from_uuid(RandomIds.next()) }
    }

    fn delta(topic: Topic, attempt: u32, offset: u64, text: &str) -> Arc<Signal> {
        let Topic::Conversation { conversation, .. } = topic else { panic!("of a conversation") };
        Arc::new(Signal::Delta { conversation, turn: TurnNumber(1), attempt, offset, text: text.to_owned() })
    }

    fn changed(topic: Topic, version: u64) -> Arc<Signal> {
        let Topic::Conversation { conversation, .. } = topic else { panic!("of a conversation") };
        Arc::new(Signal::Changed { conversation, version: Version(version) })
    }

    #[test]
    fn pieces_of_a_draft_that_follow_on_each_other_are_one() {
        let (mut outbox, topic) = (Outbox::default(), topic());
        outbox.push(topic, delta(topic, 1, 0, "añ"));
        outbox.push(topic, changed(topic, 1));
        outbox.push(topic, delta(topic, 1, 2, "b"));
        outbox.push(topic, delta(topic, 1, 9, "c"));
        let (items, rows) = outbox.take(true);
        assert_eq!(items.len(), 2);
        assert_eq!(rows[0].signals, [delta(topic, 1, 0, "añb"), delta(topic, 1, 9, "c")]);
        assert!(!outbox.has_long() && !outbox.has_short());
    }

    #[test]
    fn what_was_withdrawn_is_not_sent() {
        let (mut outbox, topic) = (Outbox::default(), topic());
        let Topic::Conversation { conversation, .. } = topic else { panic!("of a conversation") };
        outbox.push(topic, delta(topic, 1, 0, "first"));
        outbox.push(topic, delta(topic, 2, 0, "second"));
        outbox.push(topic, Arc::new(Signal::Discard { conversation, turn: TurnNumber(1), attempt: Some(1) }));
        assert_eq!(outbox.take(true).1[0].signals, [delta(topic, 2, 0, "second")]);
        outbox.push(topic, delta(topic, 2, 6, " part"));
        outbox.push(topic, Arc::new(Signal::Discard { conversation, turn: TurnNumber(1), attempt: None }));
        assert!(!outbox.has_long());
    }

    #[test]
    fn long_signals_wait_for_their_time() {
        let (mut outbox, topic) = (Outbox::default(), topic());
        outbox.push(topic, delta(topic, 1, 0, "text"));
        outbox.push(topic, changed(topic, 1));
        let (items, rows) = outbox.take(false);
        assert_eq!((items.len(), rows.len(), outbox.len()), (1, 0, 1));
    }

    #[test]
    fn notifications_are_full_short_enough_and_counted() {
        let node = NodeId::generate(&RandomIds);
        let topic = topic();
        let items: Vec<Item> = (0..500).map(|version| Item { topic, news: News::Signal(changed(topic, version)) }).collect();
        let mut next = 7;
        let payloads = notices(node, &mut next, false, items.clone()).unwrap();
        assert!(payloads.iter().all(|payload| payload.len() < 8_000));
        assert!(payloads[..payloads.len() - 1].iter().all(|payload| payload.len() > 7_000), "they are filled");
        let read: Vec<Notice> = payloads.iter().map(|payload| serde_json::from_str(payload).unwrap()).collect();
        assert!(read.iter().zip(7..).all(|(notice, number)| notice.number == number && notice.node == node));
        assert_eq!(next, 7 + payloads.len() as u64);
        assert_eq!(read.into_iter().flat_map(|notice| notice.items).collect::<Vec<_>>(), items);
        assert_eq!(notices(node, &mut next, true, Vec::new()).unwrap().len(), 1);
    }
}
