//! What a workspace holds, and how a commit changes it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::changelog::Changelog;
use crate::clock::Timestamp;
use crate::id::{AuditId, ContactId, ConversationId, OperatorId, Seq, TicketId, TicketNumber, Version};
use crate::model::{Audit, Contact, Conversation, Entry, Record, RecordKey, Ticket};
use crate::store::{Committed, Write};

/// What happened in a conversation.
#[derive(Debug, Default)]
pub(super) struct Thread {
    pub(super) entries: BTreeMap<Seq, Entry>,
    /// The same by the version that last changed them.
    pub(super) by_rev: BTreeSet<(Version, Seq)>,
}

/// What a workspace holds.
#[derive(Debug, Default)]
pub(super) struct Tenant {
    pub(super) conversations: HashMap<ConversationId, Arc<Conversation>>,
    /// Conversations by their last activity.
    pub(super) by_activity: BTreeSet<(Timestamp, ConversationId)>,
    /// Conversations by contact and last activity.
    pub(super) by_contact: BTreeSet<(ContactId, Timestamp, ConversationId)>,
    pub(super) threads: HashMap<ConversationId, Thread>,
    pub(super) contacts: HashMap<ContactId, Arc<Contact>>,
    pub(super) tickets: HashMap<TicketId, Arc<Ticket>>,
    pub(super) ticket_numbers: HashMap<TicketNumber, TicketId>,
    pub(super) records: BTreeMap<RecordKey, Record>,
    pub(super) read: HashMap<(OperatorId, ConversationId), Seq>,
    pub(super) audit: BTreeMap<AuditId, Audit>,
    pub(super) changes: Changelog,
}

impl Tenant {
    /// Applies one write of an accepted commit.
    pub(super) fn apply(&mut self, write: Write, committed: &Committed) {
        match write {
            Write::Conversation(conversation) => self.put_conversation(conversation),
            Write::Entry { conversation, entry } => {
                let thread = self.threads.entry(conversation).or_default();
                thread.by_rev.insert((entry.rev, entry.seq));
                if let Some(before) = thread.entries.insert(entry.seq, Entry::clone(&entry))
                    && before.rev != entry.rev
                {
                    thread.by_rev.remove(&(before.rev, before.seq));
                }
            }
            Write::OpenTicket(mut ticket) => {
                if let Some((_, number)) = committed.tickets.iter().find(|(id, _)| *id == ticket.id) {
                    ticket.number = *number;
                }
                self.put_ticket(*ticket);
            }
            Write::Ticket(mut ticket) => {
                if let Some(before) = self.tickets.get(&ticket.id) {
                    ticket.number = before.number;
                }
                self.put_ticket(*ticket);
            }
            Write::Contact(contact) => {
                self.contacts.insert(contact.id, contact.into());
            }
            Write::Record(record) => {
                self.records.insert(record.body.key(), *record);
            }
            Write::DeleteRecord(key) => {
                self.records.remove(&key);
            }
            Write::ReadPointer { operator, conversation, seq } => {
                let pointer = self.read.entry((operator, conversation)).or_default();
                *pointer = seq.max(*pointer);
            }
            Write::Audit(audit) => {
                self.audit.insert(audit.id, *audit);
            }
        }
    }

    fn put_conversation(&mut self, conversation: Arc<Conversation>) {
        let Conversation { id, contact, last_activity_at, .. } = *conversation;
        if let Some(before) = self.conversations.insert(id, conversation) {
            self.by_activity.remove(&(before.last_activity_at, id));
            self.by_contact.remove(&(before.contact, before.last_activity_at, id));
        }
        self.by_activity.insert((last_activity_at, id));
        self.by_contact.insert((contact, last_activity_at, id));
    }

    fn put_ticket(&mut self, ticket: Ticket) {
        self.ticket_numbers.insert(ticket.number, ticket.id);
        self.tickets.insert(ticket.id, Arc::new(ticket));
    }
}
