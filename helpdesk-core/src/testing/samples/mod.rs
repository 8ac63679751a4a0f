//! Samples of everything that the helpdesk speaks of, valid and plain, for tests to change where it matters to them.

mod entries;

use std::time::Duration;

use chrono::TimeDelta;

use crate::clock::Timestamp;
use crate::id::{
    AssistantId, CommitId, ContactId, ConversationId, IdGen, OperatorId, Seq, TicketId, TicketNumber, TurnNumber, Version, WorkspaceId,
};
use crate::model::{
    Assignee, Assistant, Availability, Channel, Contact, Conversation, Operator, Priority, Record, RecordBody, Role, Settings, Status,
    Ticket, TicketStatus, Workspace, pseudonym,
};
use crate::store::{Claim, Commit, Owner, UniqueKey, Write};

pub use entries::{activity, assistant_message, contact_message, note, operator_message, system_message};

/// A moment so many seconds after noon (UTC) of 1 March 2030, a Friday.
///
/// # Panics
/// If there is no such time.
#[must_use]
pub fn moment(seconds: i64) -> Timestamp {
    let noon = Timestamp::from_timestamp(1_898_596_800, 0).expect("a time of the near future exists");
    noon.checked_add_signed(TimeDelta::seconds(seconds)).expect("tests stay within the calendar")
}

/// A workspace as most tests want it: helpdesk and human support switched on, an assistant, an owner and two operators
/// who are online.
#[derive(Clone, Debug)]
pub struct SampleWorkspace {
    /// The workspace's id.
    pub id: WorkspaceId,
    /// Its settings.
    pub settings: Settings,
    /// Its assistant, of the driver `scripted`.
    pub assistant: Assistant,
    /// The owner.
    pub owner: Operator,
    /// Two operators.
    pub operators: [Operator; 2],
}

impl SampleWorkspace {
    /// A workspace with ids drawn from `ids`.
    #[must_use]
    pub fn new(ids: &dyn IdGen) -> Self {
        let assistant = Assistant::new(AssistantId::generate(ids), "Assistant", "scripted");
        let mut settings = Settings { helpdesk: true, default_assistant: Some(assistant.id), ..Settings::default() };
        settings.human_support.enabled = true;
        Self {
            id: WorkspaceId::generate(ids),
            settings,
            assistant,
            owner: operator(ids, "Owner", Role::Owner),
            operators: [operator(ids, "First Operator", Role::Operator), operator(ids, "Second Operator", Role::Operator)],
        }
    }

    /// The workspace's records, each of version 1.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        let workspace = Workspace { id: self.id, name: "Sample".to_owned(), created_at: moment(0) };
        let team = std::iter::once(&self.owner).chain(&self.operators).cloned();
        [
            RecordBody::Workspace(workspace),
            RecordBody::Settings(Box::new(self.settings.clone())),
            RecordBody::Assistant(Box::new(self.assistant.clone())),
        ]
        .into_iter()
        .chain(team.map(RecordBody::Operator))
        .map(|body| Record { version: Version(1), body })
        .collect()
    }

    /// The commit that makes the workspace: its records, and the names of its operators.
    #[must_use]
    pub fn founding(&self, ids: &dyn IdGen) -> Commit {
        let mut commit = Commit::new(CommitId::generate(ids), self.id);
        commit.writes = self.records().into_iter().map(|record| Write::Record(Box::new(record))).collect();
        commit.unique = std::iter::once(&self.owner)
            .chain(&self.operators)
            .map(|operator| Claim {
                key: UniqueKey::operator_subject(&operator.subject),
                owner: Owner::id(operator.id.as_uuid()),
                keep: None::<Duration>,
            })
            .collect();
        commit
    }

    /// A new conversation of this contact with the workspace's assistant: version 1, no entry yet.
    #[must_use]
    pub fn conversation(&self, ids: &dyn IdGen, contact: &Contact) -> Conversation {
        conversation(ids, contact.id, &self.assistant)
    }
}

/// An operator who is online.
#[must_use]
pub fn operator(ids: &dyn IdGen, name: &str, role: Role) -> Operator {
    Operator {
        id: OperatorId::generate(ids),
        subject: name.to_lowercase().replace(' ', "-"),
        name: name.to_owned(),
        email: None,
        role,
        availability: Availability::Online,
        departments: Vec::new(),
        disabled: false,
        created_at: moment(0),
    }
}

/// A contact of whom nothing is known: version 1, no conversation yet.
#[must_use]
pub fn contact(ids: &dyn IdGen) -> Contact {
    let id = ContactId::generate(ids);
    Contact {
        id,
        version: Version(1),
        name: None,
        pseudonym: pseudonym(id),
        email: None,
        email_verified: false,
        subject: None,
        country: None,
        time_zone: None,
        language: None,
        page: None,
        conversations: 0,
        created_at: moment(0),
    }
}

/// A new conversation in the widget, answered by the assistant: version 1, no entry yet.
#[must_use]
pub fn conversation(ids: &dyn IdGen, contact: ContactId, assistant: &Assistant) -> Conversation {
    Conversation {
        id: ConversationId::generate(ids),
        contact,
        assistant: assistant.reference(),
        channel: Channel::widget(),
        language: None,
        assignee: Assignee::Assistant,
        status: Status::Open,
        takeover_requested_at: None,
        department: None,
        priority: Priority::Normal,
        flagged: false,
        labels: Vec::new(),
        seq: Seq::ZERO,
        public_seq: Seq::ZERO,
        version: Version(1),
        public_version: Version(1),
        turn: TurnNumber::ZERO,
        answering: false,
        messages: 0,
        assistant_replies: 0,
        team_read: Seq::ZERO,
        contact_read: Seq::ZERO,
        unread_for_team: 0,
        unread_for_contact: 0,
        last_message: None,
        last_contact_message_at: None,
        last_contact_words: None,
        auto_replied: false,
        ticket: None,
        participants: Vec::new(),
        closed: None,
        merged_into: None,
        created_at: moment(0),
        last_activity_at: moment(0),
    }
}

/// An open ticket of a conversation that nobody is responsible for: version 1, its number still to be drawn.
#[must_use]
pub fn ticket(ids: &dyn IdGen, conversation: &Conversation) -> Ticket {
    Ticket {
        id: TicketId::generate(ids),
        number: TicketNumber::ZERO,
        version: Version(1),
        subject: "A human was asked for".to_owned(),
        reason: None,
        requester: conversation.contact,
        conversation: conversation.id,
        shared: false,
        assistant: Some(conversation.assistant.clone()),
        channel: conversation.channel.clone(),
        status: TicketStatus::Unassigned,
        priority: conversation.priority,
        assignee: None,
        department: None,
        created_at: moment(0),
        updated_at: moment(0),
    }
}
