//! What a batch will write: the last state of each row, gathered commit by commit as they are accepted.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use helpdesk_core::clock::Timestamp;
use helpdesk_core::id::{
    AuditId, ChangeNumber, CommitId, ContactId, ConversationId, OperatorId, Seq, TicketId, TicketNumber, Version, WorkspaceId,
};
use helpdesk_core::model::{Audit, Contact, Conversation, Entry, Record, RecordKey, Ticket};
use helpdesk_core::store::commit::{Commit, Committed, JobOp, Key, UniqueKey, Write};
use helpdesk_core::store::job::Lane as LaneName;
use helpdesk_core::store::judge::{Held, View, changed_keys};

use super::lane::Lane;
use crate::sql::facets::Facets;

/// Numbers the next job of a lane.
pub(crate) type Numbering<'n> = dyn FnMut(&Lane<'_>) -> i64 + 'n;

/// A commit id to be kept; without a result it counts as refused.
#[derive(Debug)]
pub(crate) struct KeptCommit {
    pub(crate) workspace: WorkspaceId,
    pub(crate) id: CommitId,
    pub(crate) result: Option<Bytes>,
}

/// A change with its number.
#[derive(Debug)]
pub(crate) struct NumberedChange {
    pub(crate) workspace: WorkspaceId,
    pub(crate) number: ChangeNumber,
    pub(crate) key: Key,
    pub(crate) version: Version,
}

/// Rows to be written, those of a table by the order of its key.
#[derive(Debug)]
pub(crate) struct Pending<'a> {
    pub(crate) now: Timestamp,
    pub(crate) commits: Vec<KeptCommit>,
    /// None: given up.
    pub(crate) names: BTreeMap<(WorkspaceId, UniqueKey), Option<Held>>,
    pub(crate) conversations: BTreeMap<(WorkspaceId, ConversationId), &'a Conversation>,
    pub(crate) counts: BTreeMap<(WorkspaceId, Facets), i64>,
    pub(crate) entries: BTreeMap<(WorkspaceId, ConversationId, Seq), &'a Entry>,
    pub(crate) tickets: BTreeMap<(WorkspaceId, TicketId), (&'a Ticket, TicketNumber)>,
    pub(crate) contacts: BTreeMap<(WorkspaceId, ContactId), &'a Contact>,
    /// None: removed.
    pub(crate) records: BTreeMap<(WorkspaceId, RecordKey), Option<&'a Record>>,
    pub(crate) reads: BTreeMap<(WorkspaceId, OperatorId, ConversationId), Seq>,
    pub(crate) audit: BTreeMap<(WorkspaceId, AuditId), &'a Audit>,
    pub(crate) changes: Vec<NumberedChange>,
    pub(crate) lanes: HashMap<(WorkspaceId, LaneName), Lane<'a>>,
    facets: HashMap<(WorkspaceId, ConversationId), Facets>,
}

impl<'a> Pending<'a> {
    pub(crate) fn new(
        now: Timestamp,
        facets: HashMap<(WorkspaceId, ConversationId), Facets>,
        lanes: HashMap<(WorkspaceId, LaneName), Lane<'a>>,
    ) -> Self {
        Self {
            now,
            commits: Vec::new(),
            names: BTreeMap::new(),
            conversations: BTreeMap::new(),
            counts: BTreeMap::new(),
            entries: BTreeMap::new(),
            tickets: BTreeMap::new(),
            contacts: BTreeMap::new(),
            records: BTreeMap::new(),
            reads: BTreeMap::new(),
            audit: BTreeMap::new(),
            changes: Vec::new(),
            lanes,
            facets,
        }
    }

    /// Whether there is nothing to write.
    pub(crate) fn is_empty(&self) -> bool {
        self.commits.is_empty() && !self.lanes.values().any(|lane| lane.touched)
    }

    /// Takes over what an accepted commit writes. The view shows already what it did.
    pub(crate) fn accept(&mut self, commit: &'a Commit, committed: &Committed, view: &View, number: &mut Numbering<'_>) {
        let Commit { id, workspace, guards: _, release, unique, writes, jobs, finished, result } = commit;
        let workspace = *workspace;
        self.commits.push(KeptCommit { workspace, id: *id, result: Some(result.clone()) });
        for key in release.iter().map(|(key, _)| key).chain(unique.iter().map(|claim| &claim.key)) {
            let name = (workspace, key.clone());
            let held = view.owners.get(&name).cloned();
            self.names.insert(name, held);
        }
        for write in writes {
            self.write(workspace, write, committed);
        }
        let changed = changed_keys(commit);
        if let Some(last) = committed.change {
            let first = last.0 + 1 - changed.len() as u64;
            for (number, (key, version)) in (first..).map(ChangeNumber).zip(changed) {
                self.changes.push(NumberedChange { workspace, number, key, version });
            }
        }
        for fence in finished {
            self.lane(workspace, &fence.lane).finish();
        }
        for op in jobs {
            self.job(workspace, op, view, number);
        }
    }

    fn write(&mut self, workspace: WorkspaceId, write: &'a Write, committed: &Committed) {
        match write {
            Write::Conversation(conversation) => self.conversation(workspace, conversation),
            Write::Entry { conversation, entry } => {
                self.entries.insert((workspace, *conversation, entry.seq), entry);
            }
            Write::OpenTicket(ticket) => {
                let drawn = committed.tickets.iter().find(|(id, _)| *id == ticket.id).map_or(ticket.number, |(_, number)| *number);
                self.tickets.insert((workspace, ticket.id), (ticket, drawn));
            }
            Write::Ticket(ticket) => {
                let key = (workspace, ticket.id);
                let number = self.tickets.get(&key).map_or(ticket.number, |(_, number)| *number);
                self.tickets.insert(key, (ticket, number));
            }
            Write::Contact(contact) => {
                self.contacts.insert((workspace, contact.id), contact);
            }
            Write::Record(record) => {
                self.records.insert((workspace, record.body.key()), Some(record));
            }
            Write::DeleteRecord(key) => {
                self.records.insert((workspace, *key), None);
            }
            Write::ReadPointer { operator, conversation, seq } => {
                let read = self.reads.entry((workspace, *operator, *conversation)).or_default();
                *read = (*read).max(*seq);
            }
            Write::Audit(audit) => {
                self.audit.insert((workspace, audit.id), audit);
            }
        }
    }

    fn conversation(&mut self, workspace: WorkspaceId, conversation: &'a Conversation) {
        let key = (workspace, conversation.id);
        let facets = Facets::of(conversation);
        if let Some(before) = self.facets.insert(key, facets) {
            *self.counts.entry((workspace, before)).or_default() -= 1;
        }
        *self.counts.entry((workspace, facets)).or_default() += 1;
        self.conversations.insert(key, conversation);
    }

    fn job(&mut self, workspace: WorkspaceId, op: &'a JobOp, view: &View, number: &mut Numbering<'_>) {
        let now = self.now;
        match op {
            JobOp::Push(job) => {
                let lane = self.lane(workspace, &job.lane);
                lane.push(number(lane), job, now);
            }
            JobOp::Arm(job) => {
                let lease = view.leases.get(&(workspace, job.lane.clone()));
                let leased = lease.is_some_and(|lease| lease.until > now);
                let lane = self.lane(workspace, &job.lane);
                if !lane.advance(job, leased, now) {
                    lane.push(number(lane), job, now);
                }
            }
            JobOp::Cancel(lane) => self.lane(workspace, lane).cancel(),
        }
    }

    pub(crate) fn lane(&mut self, workspace: WorkspaceId, lane: &LaneName) -> &mut Lane<'a> {
        self.lanes.entry((workspace, lane.clone())).or_default()
    }
}
