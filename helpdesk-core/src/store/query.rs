//! What is asked of a store, and what it answers.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::commit::{Key, Owner, UniqueKey};
use crate::clock::Timestamp;
use crate::id::{AssistantId, ChangeNumber, ContactId, ConversationId, OperatorId, Seq, TicketId, Version};
use crate::model::{Assignee, Contact, Conversation, Entry, Record, RecordKey, Status, Ticket};

/// Everything a command needs, in one question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Want {
    /// This conversation, with its contact, its ticket and its assistant's record.
    pub conversation: Option<ConversationId>,
    /// This contact; that of the conversation comes without asking. Its open ticket (the owner of
    /// [`UniqueKey::open_ticket`]) comes with it.
    pub contact: Option<ContactId>,
    /// These records.
    pub records: Vec<RecordKey>,
    /// The owners of these names.
    pub keys: Vec<UniqueKey>,
    /// How many messages of the contact, and how many of others, lie above this entry of the conversation.
    pub count_after: Option<Seq>,
}

/// What was true at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// The conversation asked for.
    pub conversation: Option<Arc<Conversation>>,
    /// The contact asked for, or the conversation's.
    pub contact: Option<Contact>,
    /// The conversation's ticket.
    pub ticket: Option<Ticket>,
    /// The contact's open ticket.
    pub open_ticket: Option<Ticket>,
    /// The records asked for that exist, and always the settings and the conversation's assistant where they exist.
    pub records: Vec<Record>,
    /// The owners of the names asked for; names that nobody holds (or whose time is over) are left out.
    pub owners: Vec<(UniqueKey, Owner)>,
    /// Messages of the contact above `count_after`.
    pub contact_messages_after: u64,
    /// Messages of others above `count_after`.
    pub other_messages_after: u64,
}

/// A part of a list, and where it goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T, C> {
    /// The items, in order.
    pub items: Vec<T>,
    /// Ask with this for what follows; none at the end. A page may be short and still go on.
    pub next: Option<C>,
}

/// The views of the inbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueView {
    /// Everything.
    #[default]
    All,
    /// I answer, or am responsible for its open ticket.
    Mine,
    /// An open ticket that nobody is responsible for, or nobody answers.
    Unassigned,
    /// Nobody answers, or a takeover is requested and no operator answers yet.
    Waiting,
    /// An operator answers.
    Claimed,
    /// It waits for the contact.
    Pending,
    /// Resolved.
    Resolved,
}

impl QueueView {
    /// Whether a conversation is in this view for this operator. Stores must agree with it.
    #[must_use]
    pub fn holds(self, conversation: &Conversation, operator: OperatorId) -> bool {
        let open = conversation.status != Status::Resolved;
        match self {
            Self::All => true,
            Self::Mine => conversation.is_mine(operator),
            Self::Unassigned => conversation.is_unassigned(),
            Self::Waiting => conversation.is_waiting(),
            Self::Claimed => open && conversation.assignee.operator().is_some(),
            Self::Pending => conversation.status == Status::Pending,
            Self::Resolved => !open,
        }
    }
}

/// Filters by who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssigneeFilter {
    /// The assistant.
    Assistant,
    /// Nobody.
    Nobody,
    /// This operator.
    Operator(OperatorId),
}

impl AssigneeFilter {
    /// Whether an assignee passes.
    #[must_use]
    pub fn passes(self, assignee: &Assignee) -> bool {
        match self {
            Self::Assistant => matches!(assignee, Assignee::Assistant),
            Self::Nobody => matches!(assignee, Assignee::Nobody),
            Self::Operator(id) => assignee.is_operator(id),
        }
    }
}

/// The order of a queue, by the last activity and then by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Latest activity first: the other order backwards.
    #[default]
    Newest,
    /// Earliest activity first, the lower id first where it is the same.
    Oldest,
}

/// A place in a queue: that of a row, by its last activity and id. The next page begins behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueCursor {
    /// The row's last activity.
    pub at: Timestamp,
    /// The row's id.
    pub id: ConversationId,
}

impl QueueCursor {
    /// The cursor that follows this row.
    #[must_use]
    pub fn behind(conversation: &Conversation) -> Self {
        Self { at: conversation.last_activity_at, id: conversation.id }
    }
}

/// A row of a queue: a conversation with what is shown beside it.
///
/// The parts are shared, so that a store may keep what it read before and give it out again while it is what is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueRow {
    /// The conversation.
    pub conversation: Arc<Conversation>,
    /// Its contact, if that is stored.
    pub contact: Option<Arc<Contact>>,
    /// The ticket that it is linked to, if that is stored.
    pub ticket: Option<Arc<Ticket>>,
}

/// A question to the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueQuery {
    /// For whom; decides what is "mine".
    pub operator: OperatorId,
    /// The view.
    pub view: QueueView,
    /// Only this status.
    pub status: Option<Status>,
    /// Only this assignee.
    pub assignee: Option<AssigneeFilter>,
    /// Only this assistant.
    pub assistant: Option<AssistantId>,
    /// Only flagged ones, or only others.
    pub flagged: Option<bool>,
    /// Only with unread contact messages, or only without.
    pub unread: Option<bool>,
    /// The order.
    pub sort: Sort,
    /// Behind this row.
    pub cursor: Option<QueueCursor>,
    /// At most so many rows, 1 to 200.
    pub limit: u32,
}

impl QueueQuery {
    /// The first page of a view.
    #[must_use]
    pub fn of(operator: OperatorId, view: QueueView) -> Self {
        Self {
            operator,
            view,
            status: None,
            assignee: None,
            assistant: None,
            flagged: None,
            unread: None,
            sort: Sort::Newest,
            cursor: None,
            limit: 50,
        }
    }

    /// Whether a conversation passes view and filters. Stores must agree with it.
    #[must_use]
    pub fn holds(&self, conversation: &Conversation) -> bool {
        self.view.holds(conversation, self.operator)
            && self.status.is_none_or(|status| conversation.status == status)
            && self.assignee.is_none_or(|filter| filter.passes(&conversation.assignee))
            && self.assistant.is_none_or(|assistant| conversation.assistant.id == assistant)
            && self.flagged.is_none_or(|flagged| conversation.flagged == flagged)
            && self.unread.is_none_or(|unread| (conversation.unread_for_team > 0) == unread)
    }
}

/// How many conversations each view holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewCounts {
    /// [`QueueView::All`].
    pub all: u64,
    /// [`QueueView::Mine`].
    pub mine: u64,
    /// [`QueueView::Unassigned`].
    pub unassigned: u64,
    /// [`QueueView::Waiting`].
    pub waiting: u64,
    /// [`QueueView::Claimed`].
    pub claimed: u64,
    /// [`QueueView::Pending`].
    pub pending: u64,
    /// [`QueueView::Resolved`].
    pub resolved: u64,
}

/// Which part of a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimelineRange {
    /// Entries above this one, oldest first.
    After(Seq),
    /// The last entries below this one, still oldest first.
    Before(Seq),
}

/// A place in the changes of a conversation: by version, and within one version by entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChangedAfter {
    /// Everything up to this version is known...
    pub version: Version,
    /// ...and of the version right after it, everything up to this entry. Zero: nothing of it.
    pub seq: Seq,
}

/// What changed in a conversation, read in one database snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// The conversation as it is now.
    pub conversation: Conversation,
    /// Visible entries with a `rev` above, ordered by (`rev`, `seq`).
    pub entries: Vec<Entry>,
    /// There is more: ask again with the `rev` of the last entry less one as version, and its `seq`. None: this is all.
    pub more: Option<ChangedAfter>,
}

/// A store's identity and a place in the changes of a workspace.
///
/// A store that was restored from a backup or made anew has another incarnation; cursors of the old one are worth nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ChangeCursor {
    /// Which life of the store.
    pub incarnation: Uuid,
    /// Everything up to this number is known.
    pub number: ChangeNumber,
}

/// A thing that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The order in which it became visible.
    pub number: ChangeNumber,
    /// What.
    pub key: Key,
    /// Its version then; zero: it was removed.
    pub version: Version,
}

/// What changed in a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
    /// These, in order; of a thing that changed several times the store may tell only the last. `cursor` is behind them.
    Some {
        /// The changes.
        changes: Vec<Change>,
        /// Where to go on.
        cursor: ChangeCursor,
    },
    /// The cursor is of another incarnation or too old: read afresh, then go on from this one.
    Resync(ChangeCursor),
}

/// A ticket by what people or programs call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketRef {
    /// By id.
    Id(TicketId),
    /// By number.
    Number(crate::id::TicketNumber),
}

impl Snapshot {
    /// The workspace's settings; the library's defaults where none are stored.
    #[must_use]
    pub fn settings(&self) -> crate::model::Settings {
        self.records
            .iter()
            .find_map(|record| match &record.body {
                crate::model::RecordBody::Settings(settings) => Some((**settings).clone()),
                _ => None,
            })
            .unwrap_or_default()
    }

    /// The record with this key, if it was asked for and exists.
    #[must_use]
    pub fn record(&self, key: RecordKey) -> Option<&Record> {
        self.records.iter().find(|record| record.body.key() == key)
    }

    /// The assistant record with this id.
    #[must_use]
    pub fn assistant(&self, id: AssistantId) -> Option<&crate::model::Assistant> {
        self.records.iter().find_map(|record| match &record.body {
            crate::model::RecordBody::Assistant(assistant) if assistant.id == id => Some(&**assistant),
            _ => None,
        })
    }

    /// The operator record with this id.
    #[must_use]
    pub fn operator(&self, id: OperatorId) -> Option<&crate::model::Operator> {
        self.records.iter().find_map(|record| match &record.body {
            crate::model::RecordBody::Operator(operator) if operator.id == id => Some(operator),
            _ => None,
        })
    }

    /// Who holds this name, if it was asked for and is held.
    #[must_use]
    pub fn owner(&self, key: &UniqueKey) -> Option<&Owner> {
        self.owners.iter().find(|(known, _)| known == key).map(|(_, owner)| owner)
    }
}
