//! One conversation from its first message to where it stands now.
//!
//! Every step is decided by the product's own rules, so that versions, turns, counters, tickets and read pointers are what
//! they would be had it really happened. Only the commits are summed up: the whole story is one.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use helpdesk::ai::{Answer, Escalation};
use helpdesk::command::{Actor, AssignTarget, Command};
use helpdesk::decide::{Env, decide};
use helpdesk::id::{CommitId, ContactId, IdGen, OperatorId, Seq, Version, WorkspaceId};
use helpdesk::model::{Assignee, Channel, Contact, Entry, MessageText, Operator, PageView, Priority, Record, Status};
use helpdesk::store::{Commit, Owner, Snapshot, UniqueKey, Write};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use uuid::Uuid;

use super::words::{self, LABELS, REASONS, Tongue, pick};
use crate::Failure;

/// Ids of version 7 whose time is that of the story, and whose rest is seeded.
#[derive(Debug)]
pub(super) struct SeededIds {
    millis: AtomicU64,
    dice: Mutex<StdRng>,
}

impl SeededIds {
    pub(super) fn new(seed: u64) -> Self {
        Self { millis: AtomicU64::new(0), dice: Mutex::new(StdRng::seed_from_u64(seed)) }
    }
}

impl IdGen for SeededIds {
    fn next(&self) -> Uuid {
        let mut dice = self.dice.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        uuid::Builder::from_unix_timestamp_millis(self.millis.load(Ordering::Relaxed), &dice.random::<[u8; 10]>()).into_uuid()
    }
}

/// Tells stories.
pub(super) struct Teller {
    dice: StdRng,
    ids: SeededIds,
    /// Settings and the assistant, as the store keeps them.
    records: Vec<Record>,
    operators: Vec<Operator>,
    now: DateTime<Utc>,
}

/// A story that was told.
pub(super) struct Told {
    pub(super) commit: Commit,
    pub(super) messages: u64,
    /// The contact, if they have nothing open and may come again.
    pub(super) returns: Option<Contact>,
}

/// A story in the making.
struct Story {
    snapshot: Snapshot,
    at: DateTime<Utc>,
    entries: Vec<Arc<Entry>>,
    pointers: BTreeMap<OperatorId, Seq>,
    held: Vec<(UniqueKey, Owner)>,
    ticket_opened: bool,
}

impl Teller {
    pub(super) fn new(seed: u64, records: Vec<Record>, operators: Vec<Operator>, now: DateTime<Utc>) -> Self {
        Self { dice: StdRng::seed_from_u64(seed), ids: SeededIds::new(seed ^ 1), records, operators, now }
    }

    pub(super) fn dice(&mut self) -> &mut StdRng {
        &mut self.dice
    }

    /// Tells a story of about so many messages that begins at this time, of somebody who was here before or is new.
    pub(super) fn tell(&mut self, at: DateTime<Utc>, messages: u64, known: Option<Contact>) -> Result<Told, Failure> {
        self.ids.millis.store(u64::try_from(at.timestamp_millis())?, Ordering::Relaxed);
        let tongue = match known.as_ref().and_then(|contact| contact.language.as_deref()) {
            Some(tag) => words::TONGUES.iter().find(|tongue| tongue.tag == tag).unwrap_or(&words::TONGUES[0]),
            None => Tongue::pick(&mut self.dice),
        };
        let contact = known.unwrap_or_else(|| self.newcomer(tongue, at));
        let snapshot = Snapshot { contact: Some(contact), records: std::mem::take(&mut self.records), ..Snapshot::default() };
        let mut story = Story { snapshot, at, entries: Vec::new(), pointers: BTreeMap::new(), held: Vec::new(), ticket_opened: false };
        let told = self.play(&mut story, tongue, messages);
        self.records = std::mem::take(&mut story.snapshot.records);
        told?;
        self.sum_up(story)
    }

    fn newcomer(&mut self, tongue: &Tongue, at: DateTime<Utc>) -> Contact {
        let id = ContactId::generate(&self.ids);
        let (zone, country) = pick(&mut self.dice, tongue.zones);
        let named = self.dice.random_bool(0.6);
        let (name, email) = tongue.person(&mut self.dice);
        let identified = named && self.dice.random_bool(0.4);
        let pages = ["", "cart", "orders", "help/returns", "products/lamp"];
        Contact {
            id,
            version: Version(1),
            name: named.then_some(name),
            pseudonym: helpdesk::model::pseudonym(id),
            email: named.then_some(email),
            email_verified: identified,
            // A proven subject would take a name of its own, which nobody here could use.
            subject: None,
            country: Some(country.to_owned()),
            time_zone: Some(zone.to_owned()),
            language: Some(tongue.tag.to_owned()),
            page: Some(PageView { url: format!("https://shop.example/{}", pick(&mut self.dice, &pages)), title: Some("Shop".to_owned()) }),
            conversations: 0,
            created_at: at,
        }
    }

    fn play(&mut self, story: &mut Story, tongue: &Tongue, messages: u64) -> Result<(), Failure> {
        let contact = story.snapshot.contact.as_ref().map(|contact| contact.id).ok_or("no contact")?;
        let customer = Actor::Contact(contact);
        let operator = self.on_duty(story.at, tongue);
        let text = MessageText::new(&tongue.question(&mut self.dice))?;
        self.act(story, &customer, &Command::Start { text, channel: Channel::widget() })?;
        if self.dice.random_bool(0.2)
            && let Some(conversation) = &mut story.snapshot.conversation
        {
            Arc::make_mut(conversation).labels.push(pick(&mut self.dice, LABELS).to_owned());
        }
        loop {
            let conversation = story.snapshot.conversation.as_ref().ok_or("no conversation")?;
            let (turn, answering, wanted) = (conversation.turn, conversation.answering, conversation.takeover_requested_at.is_some());
            let by_operator = conversation.assignee.operator().is_some();
            let enough = conversation.messages >= messages || story.at >= self.now;
            if answering {
                self.wait(story, 2..15);
                let escalation = (!wanted && !enough && self.dice.random_bool(0.05)).then(|| Escalation {
                    reason: pick(&mut self.dice, REASONS).to_owned(),
                    subject: String::new(),
                    priority: self.dice.random_bool(0.3).then_some(Priority::High),
                });
                let answer = Answer { text: tongue.answer(&mut self.dice), citations: Vec::new(), escalation };
                self.act(story, &Actor::Assistant, &Command::Answer { turn, answer })?;
            } else if enough {
                break;
            } else if by_operator {
                self.beside_an_operator(story, tongue, &customer, &operator)?;
            } else if wanted && self.dice.random_bool(0.6) {
                self.wait(story, 30..1_200);
                self.act(story, &operator, &Command::Claim)?;
            } else if !wanted && self.dice.random_bool(0.08) {
                self.wait(story, 5..60);
                self.act(story, &customer, &Command::RequestHuman)?;
            } else {
                self.wait(story, 20..400);
                let text = MessageText::new(&tongue.question(&mut self.dice))?;
                self.act(story, &customer, &Command::ContactMessage { text })?;
            }
        }
        self.leave(story, &customer, &operator)
    }

    fn beside_an_operator(&mut self, story: &mut Story, tongue: &Tongue, customer: &Actor, operator: &Actor) -> Result<(), Failure> {
        self.wait(story, 15..300);
        let replies = story.entries.last().is_none_or(|entry| matches!(&entry.author, helpdesk::model::Author::Contact { .. }));
        match self.dice.random_range(0..100) {
            0..4 => {
                let text = MessageText::new(words::note(&mut self.dice))?;
                self.act(story, operator, &Command::Note { text })
            }
            4..6 => self.act(story, operator, &Command::Assign(AssignTarget::Assistant)),
            share if replies || share > 80 => {
                let text = MessageText::new(&tongue.answer(&mut self.dice))?;
                self.act(story, operator, &Command::Reply { text })
            }
            _ => {
                let text = MessageText::new(&tongue.question(&mut self.dice))?;
                self.act(story, customer, &Command::ContactMessage { text })
            }
        }
    }

    /// How it stands in the end: what is old is done with, what is young is not.
    fn leave(&mut self, story: &mut Story, customer: &Actor, operator: &Actor) -> Result<(), Failure> {
        let days = (self.now - story.at).num_days();
        let conversation = story.snapshot.conversation.as_ref().ok_or("no conversation")?;
        let (seq, human) = (conversation.seq, conversation.assignee != Assignee::Assistant || conversation.takeover_requested_at.is_some());
        if self.dice.random_bool(0.7) {
            self.wait(story, 1..30);
            self.act(story, customer, &Command::Read(seq))?;
        }
        if human && self.dice.random_bool(0.8) {
            self.act(story, operator, &Command::Read(seq))?;
        }
        if self.dice.random_bool(0.02) {
            self.act(story, operator, &Command::SetFlag(true))?;
        }
        let done = match days {
            14.. => 0.985,
            2..14 => 0.8,
            _ => 0.4,
        };
        if self.dice.random_bool(done) {
            self.wait(story, 60..86_400);
            return match (human, self.dice.random_range(0..3)) {
                (false, 0) => self.act(story, &Actor::System, &Command::SetStatus(Status::Resolved)),
                (false, _) => self.act(story, customer, &Command::End),
                (true, _) => self.act(story, operator, &Command::SetStatus(Status::Resolved)),
            };
        }
        match self.dice.random_range(0..10) {
            0..2 => self.act(story, operator, &Command::SetStatus(Status::Pending)),
            2 => self.act(story, operator, &Command::Assign(AssignTarget::Nobody)),
            _ => Ok(()),
        }
    }

    /// Somebody of the team; few of them answer most.
    fn on_duty(&mut self, at: DateTime<Utc>, tongue: &Tongue) -> Actor {
        let shift = usize::try_from(at.timestamp() / 28_800 + tongue.ahead).unwrap_or_default();
        let place = shift + self.dice.random_range(0..4) * self.dice.random_range(0..2);
        Actor::Operator(self.operators[place % self.operators.len()].clone())
    }

    fn wait(&mut self, story: &mut Story, seconds: std::ops::Range<i64>) {
        let later = story.at + TimeDelta::milliseconds(self.dice.random_range(seconds.start * 1_000..seconds.end * 1_000));
        story.at = later.min(self.now);
    }

    /// Has the rules decide, and does what they say.
    fn act(&mut self, story: &mut Story, actor: &Actor, command: &Command) -> Result<(), Failure> {
        let hour = story.at.timestamp() / 3_600 % 24;
        let env = Env { now: story.at, ids: &self.ids, actor, team_available: (6..20).contains(&hour) };
        let decision = decide(&story.snapshot, command, &env)?;
        for (key, owner) in decision.release {
            story.held.retain(|held| *held != (key.clone(), owner.clone()));
        }
        story.held.extend(decision.unique.into_iter().map(|claim| (claim.key, claim.owner)));
        story.snapshot.owners.clone_from(&story.held);
        for write in decision.writes {
            match write {
                Write::Conversation(_) => {}
                Write::Entry { entry, .. } => story.entries.push(entry),
                Write::OpenTicket(ticket) => {
                    story.snapshot.ticket = Some(*ticket);
                    story.ticket_opened = true;
                }
                Write::Ticket(ticket) => story.snapshot.ticket = Some(*ticket),
                Write::Contact(contact) => story.snapshot.contact = Some(*contact),
                Write::ReadPointer { operator, seq, .. } => {
                    let read = story.pointers.entry(operator).or_default();
                    *read = (*read).max(seq);
                }
                other => return Err(format!("a story has no place for {other:?}").into()),
            }
        }
        story.snapshot.open_ticket = story.snapshot.ticket.clone().filter(|ticket| ticket.status.is_open());
        story.snapshot.conversation = Some(decision.conversation);
        Ok(())
    }

    fn sum_up(&self, story: Story) -> Result<Told, Failure> {
        let Story { snapshot, entries, pointers, held, ticket_opened, .. } = story;
        let (Some(conversation), Some(contact)) = (snapshot.conversation, snapshot.contact) else { return Err("no story".into()) };
        let mut commit = Commit::new(CommitId::generate(&self.ids), WorkspaceId::DEFAULT);
        commit.unique.extend(held.into_iter().map(|(key, owner)| helpdesk::store::Claim { key, owner, keep: None }));
        let (id, messages) = (conversation.id, conversation.messages);
        let open = conversation.status != Status::Resolved || snapshot.ticket.as_ref().is_some_and(|ticket| ticket.status.is_open());
        commit.writes.push(Write::Conversation(conversation));
        commit.writes.extend(entries.into_iter().map(|entry| Write::Entry { conversation: id, entry }));
        if let Some(ticket) = snapshot.ticket.filter(|_| ticket_opened) {
            commit.writes.push(Write::OpenTicket(Box::new(ticket)));
        }
        let returns = (!open).then(|| contact.clone());
        commit.writes.push(Write::Contact(Box::new(contact)));
        commit.writes.extend(pointers.into_iter().map(|(operator, seq)| Write::ReadPointer { operator, conversation: id, seq }));
        Ok(Told { commit, messages, returns })
    }
}
