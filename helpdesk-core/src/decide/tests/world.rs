//! A helpdesk in a few maps: what decisions say is judged and done, and every commit is checked against the invariants.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::DateTime;
use uuid::Uuid;

use super::checks;
use crate::ai::{Answer, Escalation};
use crate::clock::Timestamp;
use crate::command::{Actor, Command};
use crate::decide::{Decision, Env, Place, decide, missing, wanted};
use crate::error::Refusal;
use crate::id::{AssistantId, CommitId, ContactId, ConversationId, IdGen, OperatorId, Seq, TicketId, TurnNumber, Version, WorkspaceId};
use crate::model::{
    Assistant, Audience, Author, Availability, Body, Channel, Contact, Conversation, Entry, MessageText, Operator, Record, RecordBody,
    RecordKey, Role, Settings, Ticket,
};
use crate::store::{Commit, JobOp, Lane, NewJob, Outcome, Snapshot, UniqueKey, View, Want, Work, Write, judge};

/// Ids in a row: 1, 2, 3.
#[derive(Debug, Default)]
pub(super) struct CountedIds(AtomicU64);

impl IdGen for CountedIds {
    fn next(&self) -> Uuid {
        Uuid::from_u128(0x7000_8000_0000_0000_0000 + u128::from(self.0.fetch_add(1, Ordering::Relaxed)))
    }
}

pub(super) const MAYA: ContactId = ContactId::from_uuid(Uuid::from_u128(1));
pub(super) const NOOR: ContactId = ContactId::from_uuid(Uuid::from_u128(2));
pub(super) const ANA: OperatorId = OperatorId::from_uuid(Uuid::from_u128(11));
pub(super) const BEN: OperatorId = OperatorId::from_uuid(Uuid::from_u128(12));
pub(super) const CLEO: OperatorId = OperatorId::from_uuid(Uuid::from_u128(13));
/// Does not work here any more.
pub(super) const GONE: OperatorId = OperatorId::from_uuid(Uuid::from_u128(14));
pub(super) const ASSISTANT: AssistantId = AssistantId::from_uuid(Uuid::from_u128(21));

/// Everything that a store would keep, and the time.
#[derive(Debug)]
pub(super) struct World {
    pub(super) now: Timestamp,
    pub(super) team_available: bool,
    pub(super) settings: Settings,
    pub(super) assistant: Assistant,
    pub(super) contacts: BTreeMap<ContactId, Contact>,
    pub(super) conversations: BTreeMap<ConversationId, Conversation>,
    pub(super) entries: BTreeMap<ConversationId, Vec<Entry>>,
    pub(super) tickets: BTreeMap<TicketId, Ticket>,
    pub(super) pointers: BTreeMap<(OperatorId, ConversationId), Seq>,
    pub(super) lanes: BTreeMap<Lane, Vec<NewJob>>,
    pub(super) view: View,
    ids: CountedIds,
}

impl World {
    /// A helpdesk that is on, with human support, an available team, two contacts and an assistant.
    pub(super) fn new() -> Self {
        let now = DateTime::from_timestamp(1_750_000_000, 0).unwrap();
        let mut settings = Settings { helpdesk: true, ..Settings::default() };
        settings.human_support.enabled = true;
        let support = &mut settings.human_support;
        // Every snapshot copies them, in ten thousands of stories.
        for texts in [&mut support.button_text, &mut support.waiting_label, &mut support.connected_label] {
            texts.0.clear();
        }
        for texts in [&mut support.transition_message, &mut support.auto_reply] {
            texts.0.retain(|language, _| language == "de");
        }
        let mut assistant = Assistant::new(ASSISTANT, "Robin", "retrieval");
        for texts in [&mut assistant.greeting, &mut assistant.unknown_text, &mut assistant.confirmation_text] {
            texts.0.clear();
        }
        let contact = |id| {
            let (pseudonym, language) = ("Eerie Lavender".to_owned(), Some("de-AT".to_owned()));
            Contact {
                id,
                version: Version(1),
                name: None,
                pseudonym,
                email: None,
                email_verified: false,
                subject: None,
                country: None,
                time_zone: None,
                language,
                page: None,
                conversations: 0,
                created_at: now,
            }
        };
        let mut world = Self {
            now,
            team_available: true,
            settings,
            assistant,
            contacts: [MAYA, NOOR].map(|id| (id, contact(id))).into(),
            conversations: BTreeMap::new(),
            entries: BTreeMap::new(),
            tickets: BTreeMap::new(),
            pointers: BTreeMap::new(),
            lanes: BTreeMap::new(),
            view: View { now, ..View::default() },
            ids: CountedIds::default(),
        };
        for id in [MAYA, NOOR] {
            world.view.versions.insert((WorkspaceId::DEFAULT, crate::store::Key::Contact(id)), Version(1));
        }
        let settings = crate::store::Key::Record(crate::model::RecordKey::SETTINGS);
        world.view.versions.insert((WorkspaceId::DEFAULT, settings), Version(1));
        world
    }

    /// What a store would answer.
    pub(super) fn snapshot(&self, want: &Want) -> Snapshot {
        let conversation = want.conversation.and_then(|id| self.conversations.get(&id)).cloned();
        let contact = conversation.as_ref().map(|conversation| conversation.contact).or(want.contact);
        let contact = contact.and_then(|id| self.contacts.get(&id)).cloned();
        let record = |body| Record { version: Version(1), body };
        let mut records = vec![record(RecordBody::Settings(Box::new(self.settings.clone())))];
        if conversation.is_some() || want.records.iter().any(|key| key.id == ASSISTANT.as_uuid()) {
            records.push(record(RecordBody::Assistant(Box::new(self.assistant.clone()))));
        }
        let operators = [ANA, BEN, CLEO, GONE].map(operator).map(RecordBody::Operator);
        records.extend(operators.into_iter().filter(|body| want.records.contains(&body.key())).map(record));
        let above = |of_contact: bool| {
            let (Some(after), Some(conversation)) = (want.count_after, &conversation) else { return 0 };
            checks::messages_above(&self.entries[&conversation.id], after, of_contact)
        };
        Snapshot {
            ticket: conversation.as_ref().and_then(|it| it.ticket.as_ref()).map(|link| self.tickets[&link.id].clone()),
            open_ticket: contact.as_ref().and_then(|contact| self.open_ticket(contact.id)).cloned(),
            records,
            owners: want.keys.iter().filter_map(|key| Some((key.clone(), self.owner(key)?))).collect(),
            contact_messages_after: above(true),
            other_messages_after: above(false),
            conversation: conversation.map(Arc::new),
            contact,
        }
    }

    fn owner(&self, key: &UniqueKey) -> Option<crate::store::Owner> {
        self.view.owners.get(&(WorkspaceId::DEFAULT, key.clone())).map(|held| held.owner.clone())
    }

    /// The holder of the contact's slot.
    pub(super) fn open_ticket(&self, contact: ContactId) -> Option<&Ticket> {
        let owner = self.owner(&UniqueKey::open_ticket(contact))?;
        self.tickets.get(&TicketId::from_uuid(owner.as_uuid()?))
    }

    /// The conversation that the contact's new messages join.
    pub(super) fn open_conversation(&self, contact: ContactId) -> Option<ConversationId> {
        let owner = self.owner(&UniqueKey::open_conversation(contact, ASSISTANT))?;
        owner.as_uuid().map(ConversationId::from_uuid)
    }

    /// Reads what the command wants, as the engine would, and decides.
    pub(super) fn decide(&self, actor: &Actor, place: Place<'_>, command: &Command) -> Result<Decision, Refusal> {
        let mut want = wanted(command, place);
        let mut snapshot = self.snapshot(&want);
        if let Some(more) = missing(command, &want, &snapshot) {
            want = more;
            snapshot = self.snapshot(&want);
            assert_eq!(missing(command, &want, &snapshot), None, "asking once more suffices");
        }
        let env = Env { now: self.now, ids: &self.ids, actor, team_available: self.team_available };
        decide(&snapshot, command, &env)
    }

    /// Judges a decision and does what it says. `job`: the lane whose head this is the result of.
    pub(super) fn commit(&mut self, decision: &Decision, job: Option<&Lane>) -> Outcome {
        let mut commit = Commit::new(CommitId::generate(&self.ids), WorkspaceId::DEFAULT);
        commit.guards.clone_from(&decision.guards);
        commit.release.clone_from(&decision.release);
        commit.unique.clone_from(&decision.unique);
        commit.writes.clone_from(&decision.writes);
        commit.jobs.clone_from(&decision.jobs);
        let outcome = judge(&mut self.view, &commit);
        if let Outcome::Committed(committed) = &outcome {
            checks::before(self, decision);
            if let Some(lane) = job {
                self.lanes.entry(lane.clone()).or_default().remove(0);
            }
            self.apply(decision, committed.tickets.first().map(|(_, number)| *number));
            checks::after(self, decision);
            assert_eq!(judge(&mut self.view, &commit), Outcome::Already(commit.result.clone()), "the same commit again does nothing");
        }
        outcome
    }

    fn apply(&mut self, decision: &Decision, drawn: Option<crate::id::TicketNumber>) {
        for write in &decision.writes {
            match write {
                Write::Conversation(conversation) => {
                    self.conversations.insert(conversation.id, (**conversation).clone());
                }
                Write::Entry { conversation, entry } => {
                    let entries = self.entries.entry(*conversation).or_default();
                    assert_eq!(entry.seq, Seq(entries.len() as u64 + 1), "seq is dense and entries keep their places");
                    entries.push((**entry).clone());
                }
                Write::OpenTicket(ticket) => {
                    let number = drawn.expect("a number was drawn");
                    self.tickets.insert(ticket.id, Ticket { number, ..(**ticket).clone() });
                }
                Write::Ticket(ticket) => {
                    assert_eq!(self.tickets[&ticket.id].number, ticket.number, "a ticket keeps its number");
                    self.tickets.insert(ticket.id, (**ticket).clone());
                }
                Write::Contact(contact) => {
                    self.contacts.insert(contact.id, (**contact).clone());
                }
                Write::ReadPointer { operator, conversation, seq } => {
                    let pointer = self.pointers.entry((*operator, *conversation)).or_default();
                    *pointer = (*pointer).max(*seq);
                }
                Write::Record(_) | Write::DeleteRecord(_) | Write::Audit(_) => panic!("no command writes this"),
            }
        }
        for job in &decision.jobs {
            match job {
                JobOp::Push(job) => self.lanes.entry(job.lane.clone()).or_default().push(job.clone()),
                JobOp::Cancel(lane) => self.lanes.entry(lane.clone()).or_default().clear(),
                JobOp::Arm(_) => panic!("no command arms a timer"),
            }
        }
    }

    /// Gives a command alone, a second after the last.
    pub(super) fn give(&mut self, actor: &Actor, chat: ConversationId, command: &Command) -> Result<Decision, Refusal> {
        self.tick();
        let decision = self.decide(actor, Place::Id(chat), command)?;
        let lane = self.job_of(chat, command);
        assert!(matches!(self.commit(&decision, lane.as_ref()), Outcome::Committed(_)), "nothing is in the way of a lone command");
        Ok(decision)
    }

    pub(super) fn tick(&mut self) {
        self.now += Duration::from_secs(1);
        self.view.now = self.now;
    }

    /// The lane whose head is the job that the command is the result of, if it still is there.
    pub(super) fn job_of(&self, chat: ConversationId, command: &Command) -> Option<Lane> {
        let (lane, result) = match command {
            Command::Answer { turn, .. } | Command::AnswerFailed { turn, .. } => {
                (Lane::turn(chat), Work::Answer { conversation: chat, turn: *turn })
            }
            Command::Confirm { requested_at, .. } => {
                (Lane::confirm(chat), Work::Confirm { conversation: chat, requested_at: *requested_at })
            }
            _ => return None,
        };
        self.jobs(&lane).first().is_some_and(|job| job.work == result).then_some(lane)
    }

    pub(super) fn jobs(&self, lane: &Lane) -> &[NewJob] {
        self.lanes.get(lane).map_or(&[], Vec::as_slice)
    }

    /// Begins a conversation with a message, in place of the open one.
    pub(super) fn start_as(&mut self, contact: ContactId, words: &str) -> Result<Decision, Refusal> {
        self.tick();
        let command = Command::Start { text: text(words), channel: Channel::widget() };
        let decision = self.decide(&Actor::Contact(contact), Place::New { contact, assistant: ASSISTANT }, &command)?;
        assert!(matches!(self.commit(&decision, None), Outcome::Committed(_)));
        Ok(decision)
    }

    /// MAYA begins a conversation.
    pub(super) fn start(&mut self) -> ConversationId {
        self.start_as(MAYA, "Hello").unwrap().conversation.id
    }

    /// MAYA begins a conversation, and the assistant answers her.
    pub(super) fn answered(&mut self) -> ConversationId {
        let chat = self.start();
        self.answer(chat, "How can I help?").unwrap();
        chat
    }

    pub(super) fn contact(&mut self, chat: ConversationId, command: &Command) -> Result<Decision, Refusal> {
        let contact = self.chat(chat).contact;
        self.give(&Actor::Contact(contact), chat, command)
    }

    pub(super) fn write(&mut self, chat: ConversationId, words: &str) -> Result<Decision, Refusal> {
        self.contact(chat, &Command::ContactMessage { text: text(words) })
    }

    pub(super) fn operator(&mut self, id: OperatorId, chat: ConversationId, command: &Command) -> Result<Decision, Refusal> {
        self.give(&Actor::Operator(operator(id)), chat, command)
    }

    pub(super) fn reply(&mut self, id: OperatorId, chat: ConversationId, words: &str) -> Result<Decision, Refusal> {
        self.operator(id, chat, &Command::Reply { text: text(words) })
    }

    /// The assistant finishes the answer of the turn that it is in.
    pub(super) fn answer(&mut self, chat: ConversationId, words: &str) -> Result<Decision, Refusal> {
        let turn = self.chat(chat).turn;
        self.finish(chat, turn, self::words(words))
    }

    pub(super) fn finish(&mut self, chat: ConversationId, turn: TurnNumber, answer: Answer) -> Result<Decision, Refusal> {
        self.give(&Actor::Assistant, chat, &Command::Answer { turn, answer })
    }

    pub(super) fn chat(&self, chat: ConversationId) -> &Conversation {
        &self.conversations[&chat]
    }

    /// What the timeline says, a line an entry.
    pub(super) fn timeline(&self, chat: ConversationId, audience: Audience) -> Vec<String> {
        self.entries[&chat].iter().filter(|entry| entry.is_visible_to(audience)).map(line).collect()
    }

    /// The lines that a decision adds.
    pub(super) fn added(decision: &Decision) -> Vec<String> {
        let entries = decision.writes.iter().filter_map(|write| match write {
            Write::Entry { entry, .. } => Some(line(entry)),
            _ => None,
        });
        entries.collect()
    }
}

fn line(entry: &Entry) -> String {
    let author = match &entry.author {
        Author::Contact { .. } => "contact",
        Author::Assistant(assistant) => &assistant.name,
        Author::Operator(operator) => &operator.name,
        Author::System => "system",
    };
    match &entry.body {
        Body::Message(message) => format!("{author}: {}", message.text),
        Body::Note(note) => format!("{author} notes: {}", note.text),
        Body::Activity(activity) => match activity.status {
            Some(status) => format!("({author}: {:?} {status:?})", activity.kind),
            None => format!("({author}: {:?})", activity.kind),
        },
        Body::Erased => format!("{author} erased"),
    }
}

pub(super) fn operator(id: OperatorId) -> Operator {
    let name = match id {
        ANA => "Ana",
        BEN => "Ben",
        CLEO => "Cleo",
        _ => "Gone",
    };
    Operator {
        id,
        subject: name.to_lowercase(),
        name: name.to_owned(),
        email: None,
        role: Role::Operator,
        availability: Availability::Online,
        departments: Vec::new(),
        disabled: id == GONE,
        created_at: DateTime::UNIX_EPOCH,
    }
}

pub(super) fn text(words: &str) -> MessageText {
    MessageText::new(words).unwrap()
}

/// An answer that is these words.
pub(super) fn words(text: &str) -> Answer {
    Answer { text: text.to_owned(), ..Answer::default() }
}

pub(super) fn escalation(reason: &str) -> Escalation {
    Escalation { reason: reason.to_owned(), subject: "A refund".to_owned(), priority: None }
}

/// The key of an operator's record.
pub(super) fn record_of(id: OperatorId) -> RecordKey {
    RecordBody::Operator(operator(id)).key()
}
