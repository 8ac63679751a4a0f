//! The one write: everything that a step changes, in one value, applied whole or not at all.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::job::{Fence, Lane, NewJob};
use crate::id::{
    AssistantId, ChangeNumber, CommitId, ContactId, ConversationId, OperatorId, Seq, TicketId, TicketNumber, Version, WorkspaceId,
};
use crate::model::{Audit, Contact, Conversation, Entry, Record, RecordKey, Ticket};

/// A versioned thing of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// A conversation.
    Conversation(ConversationId),
    /// A ticket.
    Ticket(TicketId),
    /// A contact.
    Contact(ContactId),
    /// A record.
    Record(RecordKey),
}

/// A name that at most one owner holds in a workspace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UniqueKey(String);

impl UniqueKey {
    /// A command's `client_id`, unique per actor. The owner is a content hash and the outcome.
    #[must_use]
    pub fn client_id(actor: &str, client_id: &str) -> Self {
        Self(format!("client:{actor}:{client_id}"))
    }

    /// The conversation that a contact's new messages join. The owner is its id.
    #[must_use]
    pub fn open_conversation(contact: ContactId, assistant: AssistantId) -> Self {
        Self(format!("open:{contact}:{assistant}"))
    }

    /// The contact's one open ticket from chat channels. The owner is its id.
    #[must_use]
    pub fn open_ticket(contact: ContactId) -> Self {
        Self(format!("ticket:{contact}"))
    }

    /// The contact that the host's signed tokens call `subject`. The owner is its id.
    #[must_use]
    pub fn contact_subject(subject: &str) -> Self {
        Self(format!("contact:{subject}"))
    }

    /// The operator that the host calls `subject`. The owner is its id.
    #[must_use]
    pub fn operator_subject(subject: &str) -> Self {
        Self(format!("operator:{subject}"))
    }

    /// Takes a stored key back.
    #[must_use]
    pub fn from_stored(key: String) -> Self {
        Self(key)
    }

    /// The key as stores keep it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UniqueKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who holds a [`UniqueKey`]: opaque to stores, compared byte by byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Owner(pub Bytes);

impl Owner {
    /// The owner that is this id.
    #[must_use]
    pub fn id(uuid: uuid::Uuid) -> Self {
        Self(Bytes::copy_from_slice(uuid.as_bytes()))
    }

    /// The id that this owner is, if it is one.
    #[must_use]
    pub fn as_uuid(&self) -> Option<uuid::Uuid> {
        uuid::Uuid::from_slice(&self.0).ok()
    }
}

/// A wish to hold a [`UniqueKey`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Which name.
    pub key: UniqueKey,
    /// For whom.
    pub owner: Owner,
    /// For how long, on the store's clock; none: until released.
    pub keep: Option<Duration>,
}

/// The condition that a thing has not changed since it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    /// Which thing.
    pub key: Key,
    /// The version that was read; zero: it was absent.
    pub version: Version,
}

/// One change of a commit. Written whole; the value's own `version` becomes the stored one.
///
/// Exhaustive on purpose: a store that does not know a kind of write must not compile.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// Inserts or replaces a conversation.
    Conversation(Arc<Conversation>),
    /// Inserts an entry, or replaces the one with the same `seq`.
    Entry {
        /// Of which conversation.
        conversation: ConversationId,
        /// The entry.
        entry: Arc<Entry>,
    },
    /// Inserts a ticket whose number is drawn by this commit.
    OpenTicket(Box<Ticket>),
    /// Replaces a ticket; its number is kept.
    Ticket(Box<Ticket>),
    /// Inserts or replaces a contact.
    Contact(Box<Contact>),
    /// Inserts or replaces a record.
    Record(Box<Record>),
    /// Removes a record.
    DeleteRecord(RecordKey),
    /// How far an operator has read. Never moves back.
    ReadPointer {
        /// Which operator.
        operator: OperatorId,
        /// Which conversation.
        conversation: ConversationId,
        /// The highest entry read.
        seq: Seq,
    },
    /// Appends to the audit log.
    Audit(Box<Audit>),
}

impl Write {
    /// The versioned thing that this changes and the version it gets; zero for a removal. `None` for what has no version.
    #[must_use]
    pub fn key(&self) -> Option<(Key, Version)> {
        match self {
            Self::Conversation(conversation) => Some((Key::Conversation(conversation.id), conversation.version)),
            Self::OpenTicket(ticket) | Self::Ticket(ticket) => Some((Key::Ticket(ticket.id), ticket.version)),
            Self::Contact(contact) => Some((Key::Contact(contact.id), contact.version)),
            Self::Record(record) => Some((Key::Record(record.body.key()), record.version)),
            Self::DeleteRecord(key) => Some((Key::Record(*key), Version::ZERO)),
            Self::Entry { .. } | Self::ReadPointer { .. } | Self::Audit(_) => None,
        }
    }
}

/// A change of the job lanes.
#[derive(Clone, Debug, PartialEq)]
pub enum JobOp {
    /// Puts a job at the end of its lane.
    Push(NewJob),
    /// Keeps one job in the lane: inserts it, or moves the one that waits to the earlier of both due times. While one
    /// is leased it is put behind it, for another run.
    Arm(NewJob),
    /// Removes every job of the lane and voids its lease: whoever works on it will learn that the lease is lost.
    Cancel(Lane),
}

/// Everything that one step changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Commit {
    /// The same over all attempts to commit the same commands.
    pub id: CommitId,
    /// The tenant. Nothing of a commit touches another.
    pub workspace: WorkspaceId,
    /// What must not have changed.
    pub guards: Vec<Guard>,
    /// Names given up, applied before `unique`. One that is held by somebody else is a conflict; one that nobody holds is not.
    pub release: Vec<(UniqueKey, Owner)>,
    /// Names taken. One that the same owner already holds is taken again.
    pub unique: Vec<Claim>,
    /// What changes.
    pub writes: Vec<Write>,
    /// What is to be done later, in order.
    pub jobs: Vec<JobOp>,
    /// Leased jobs whose result this commit is; they leave their lanes before `jobs` is applied.
    pub finished: Vec<Fence>,
    /// Kept with the id and given back to a later attempt.
    pub result: Bytes,
}

impl Commit {
    /// A commit that changes nothing yet.
    #[must_use]
    pub fn new(id: CommitId, workspace: WorkspaceId) -> Self {
        Self {
            id,
            workspace,
            guards: Vec::new(),
            release: Vec::new(),
            unique: Vec::new(),
            writes: Vec::new(),
            jobs: Vec::new(),
            finished: Vec::new(),
            result: Bytes::new(),
        }
    }
}

/// What a commit drew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// The numbers of the tickets it opened.
    pub tickets: Vec<(TicketId, TicketNumber)>,
    /// The number of its last change; none if it wrote nothing that has a version.
    pub change: Option<ChangeNumber>,
}

/// What became of a commit. Judged in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// An attempt with this id was committed before; this is the result it kept.
    Already(Bytes),
    /// An attempt with this id was settled as refused; the commands need a new id.
    Refused,
    /// A lease in `finished` is not the newest, or is over: somebody else does the job now.
    LeaseLost,
    /// Names that others hold.
    Taken(Vec<(UniqueKey, Owner)>),
    /// Things that changed since they were read, with their versions now; a refused release counts as a conflict of no key.
    Conflict(Vec<(Key, Version)>),
    /// Done, durably.
    Committed(Committed),
}
