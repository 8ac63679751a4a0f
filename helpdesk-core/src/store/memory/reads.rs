//! Reads of single things and of what is in a conversation.

use std::ops::Bound;
use std::sync::Arc;

use uuid::Uuid;

use super::state::State;
use super::tenant::{Tenant, Thread};
use crate::id::{AuditId, ContactId, ConversationId, Seq, TicketId, Version, WorkspaceId};
use crate::model::{Audience, Audit, Author, Body, Contact, Conversation, Entry, Record, RecordKey, RecordKind, Ticket};
use crate::store::{Changed, ChangedAfter, Owner, Snapshot, TicketRef, TimelineRange, UniqueKey, Want};

impl State {
    /// Who holds a name now.
    fn owner(&self, workspace: WorkspaceId, key: &UniqueKey) -> Option<&Owner> {
        let view = self.view();
        let held = view.owners.get(&(workspace, key.clone()))?;
        held.until.is_none_or(|until| until > view.now).then_some(&held.owner)
    }

    pub(super) fn snapshot(&self, workspace: WorkspaceId, want: &Want) -> Snapshot {
        let Some(tenant) = self.tenant(workspace) else { return Snapshot::default() };
        let Want { conversation, contact, records, keys, count_after } = want;
        let conversation = conversation.and_then(|id| tenant.conversations.get(&id));
        let contact = contact.or_else(|| conversation.map(|conversation| conversation.contact));
        let open_ticket = contact
            .and_then(|contact| self.owner(workspace, &UniqueKey::open_ticket(contact)))
            .and_then(Owner::as_uuid)
            .and_then(|id| tenant.tickets.get(&TicketId::from_uuid(id)));
        let ticket = conversation.and_then(|conversation| conversation.ticket.as_ref()).and_then(|link| tenant.tickets.get(&link.id));

        let mut wanted = records.clone();
        wanted.push(RecordKey::SETTINGS);
        wanted.extend(conversation.map(|conversation| RecordKey::new(RecordKind::Assistant, conversation.assistant.id.as_uuid())));
        wanted.sort_unstable();
        wanted.dedup();

        let (contact_messages_after, other_messages_after) = conversation
            .zip(*count_after)
            .and_then(|(conversation, after)| Some(tenant.threads.get(&conversation.id)?.count_messages(after)))
            .unwrap_or_default();
        Snapshot {
            conversation: conversation.cloned(),
            contact: contact.and_then(|id| tenant.contacts.get(&id)).map(Arc::as_ref).cloned(),
            ticket: ticket.map(Arc::as_ref).cloned(),
            open_ticket: open_ticket.map(Arc::as_ref).cloned(),
            records: wanted.iter().filter_map(|key| tenant.records.get(key)).cloned().collect(),
            owners: keys.iter().filter_map(|key| Some((key.clone(), self.owner(workspace, key)?.clone()))).collect(),
            contact_messages_after,
            other_messages_after,
        }
    }
}

impl Thread {
    /// How many messages of the contact, and how many of others, lie above an entry.
    fn count_messages(&self, after: Seq) -> (u64, u64) {
        let above = self.entries.range((Bound::Excluded(after), Bound::Unbounded)).map(|(_, entry)| entry);
        above.filter(|entry| matches!(entry.body, Body::Message(_))).fold((0, 0), |(contact, others), entry| match entry.author {
            Author::Contact { .. } => (contact + 1, others),
            Author::Assistant(_) | Author::Operator(_) | Author::System => (contact, others + 1),
        })
    }
}

impl Tenant {
    pub(super) fn changed(&self, id: ConversationId, after: ChangedAfter, audience: Audience, limit: usize) -> Option<Changed> {
        let conversation = Conversation::clone(self.conversations.get(&id)?);
        let Some(thread) = self.threads.get(&id) else {
            return Some(Changed { conversation, entries: Vec::new(), more: None });
        };
        let known = (Version(after.version.0.saturating_add(1)), after.seq);
        let mut behind = thread
            .by_rev
            .range((Bound::Excluded(known), Bound::Unbounded))
            .filter_map(|(_, seq)| thread.entries.get(seq))
            .filter(|entry| entry.is_visible_to(audience));
        let entries: Vec<_> = behind.by_ref().take(limit).cloned().collect();
        let more = behind
            .next()
            .map(|_| entries.last().map_or(after, |last| ChangedAfter { version: Version(last.rev.0.saturating_sub(1)), seq: last.seq }));
        Some(Changed { conversation, entries, more })
    }

    pub(super) fn timeline(&self, id: ConversationId, range: TimelineRange, audience: Audience, limit: usize) -> Vec<Entry> {
        let Some(thread) = self.threads.get(&id) else { return Vec::new() };
        match range {
            TimelineRange::After(seq) => {
                let above = thread.entries.range((Bound::Excluded(seq), Bound::Unbounded)).map(|(_, entry)| entry);
                above.filter(|entry| entry.is_visible_to(audience)).take(limit).cloned().collect()
            }
            TimelineRange::Before(seq) => {
                let below = thread.entries.range(..seq).rev().map(|(_, entry)| entry);
                let mut last: Vec<_> = below.filter(|entry| entry.is_visible_to(audience)).take(limit).cloned().collect();
                last.reverse();
                last
            }
        }
    }

    pub(super) fn conversations(&self, ids: &[ConversationId]) -> Vec<Conversation> {
        ids.iter().filter_map(|id| self.conversations.get(id)).map(Arc::as_ref).cloned().collect()
    }

    pub(super) fn contacts(&self, ids: &[ContactId]) -> Vec<Contact> {
        ids.iter().filter_map(|id| self.contacts.get(id)).map(Arc::as_ref).cloned().collect()
    }

    pub(super) fn tickets(&self, refs: &[TicketRef]) -> Vec<Ticket> {
        let id = |named: &TicketRef| match named {
            TicketRef::Id(id) => Some(*id),
            TicketRef::Number(number) => self.ticket_numbers.get(number).copied(),
        };
        refs.iter().filter_map(id).filter_map(|id| self.tickets.get(&id)).map(Arc::as_ref).cloned().collect()
    }

    pub(super) fn record(&self, key: RecordKey) -> Option<Record> {
        self.records.get(&key).cloned()
    }

    pub(super) fn records(&self, kind: RecordKind, after: Option<Uuid>, limit: usize) -> Vec<Record> {
        let from = match after {
            Some(id) => Bound::Excluded(RecordKey::new(kind, id)),
            None => Bound::Included(RecordKey::new(kind, Uuid::nil())),
        };
        let to = Bound::Included(RecordKey::new(kind, Uuid::max()));
        self.records.range((from, to)).map(|(_, record)| record).take(limit).cloned().collect()
    }

    pub(super) fn audit(&self, before: Option<AuditId>, limit: usize) -> Vec<Audit> {
        let to = before.map_or(Bound::Unbounded, Bound::Excluded);
        self.audit.range((Bound::Unbounded, to)).rev().map(|(_, line)| line).take(limit).cloned().collect()
    }
}
