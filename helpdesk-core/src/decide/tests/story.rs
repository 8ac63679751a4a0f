//! Random stories: commands of anybody to anything, one after another or at once, and what is expected of each.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::checks::SECRET;
use super::world::{ANA, ASSISTANT, BEN, CLEO, GONE, MAYA, NOOR, World, escalation, operator, text};
use crate::ai::Answer;
use crate::clock::Timestamp;
use crate::command::{Actor, AssignTarget, Command};
use crate::decide::{Decision, Place};
use crate::error::Refusal;
use crate::id::{ConversationId, Seq, TurnNumber};
use crate::model::{AfterResolve, AssignTo, Assignee, Channel, Conversation, Status};
use crate::store::{JobOp, Outcome, Work};

/// What somebody does. Numbers are taken modulo what there is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Deed {
    Start,
    Write,
    RequestHuman,
    End,
    Reply,
    Note,
    Claim,
    Assign(u8),
    SetStatus(u8),
    SetFlag(u8),
    Read(u8),
    Answer { asked: u8, how: u8 },
    Confirm { asked: u8 },
    Fail { asked: u8 },
}

/// Who does it, and where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Act {
    deed: Deed,
    chat: u8,
    who: u8,
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    Alone(Act),
    /// All decide on what they see before any of it is committed.
    AtOnce(Vec<Act>),
    /// A setting changes.
    Switch(u8),
}

fn act() -> impl Strategy<Value = Act> {
    any::<[u8; 4]>().prop_map(|[deed, chat, who, how]| {
        let deed = match deed % 28 {
            0 => Deed::Start,
            1..=4 => Deed::Write,
            5 | 6 => Deed::RequestHuman,
            7 => Deed::End,
            8 | 9 => Deed::Reply,
            10 => Deed::Note,
            11..=13 => Deed::Claim,
            14 | 15 => Deed::Assign(how),
            16..=20 => Deed::SetStatus(how),
            21 => Deed::SetFlag(how),
            22 => Deed::Read(how),
            23..=25 => Deed::Answer { asked: how, how: chat },
            26 => Deed::Confirm { asked: how },
            _ => Deed::Fail { asked: how },
        };
        Act { deed, chat, who }
    })
}

/// A story of some steps.
pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => act().prop_map(Step::Alone),
        3 => prop::collection::vec(act(), 2..5).prop_map(Step::AtOnce),
        1 => any::<u8>().prop_map(Step::Switch),
    ];
    prop::collection::vec(step, 1..20)
}

/// Work that an assistant was given, and how often things had changed hands by then.
#[derive(Clone, Copy, Debug)]
struct Asked<T> {
    chat: ConversationId,
    what: T,
    round: u64,
}

/// What an onlooker knows, who counts for themselves.
#[derive(Debug)]
pub(super) struct Story {
    pub(super) world: World,
    /// Takeovers, hand-backs, closes.
    hands: BTreeMap<ConversationId, u64>,
    /// Those, and messages that came while an answer was owed.
    rounds: BTreeMap<ConversationId, u64>,
    answers: Vec<Asked<TurnNumber>>,
    confirmations: Vec<Asked<Timestamp>>,
}

impl Story {
    /// A helpdesk in which MAYA has begun a conversation.
    pub(super) fn new() -> Self {
        let mut story =
            Self { world: World::new(), hands: BTreeMap::new(), rounds: BTreeMap::new(), answers: Vec::new(), confirmations: Vec::new() };
        let decision = story.world.start_as(MAYA, "Hello").unwrap();
        story.remember(&decision);
        story
    }

    pub(super) fn go(&mut self, step: &Step) {
        self.world.tick();
        match step {
            Step::Alone(act) => self.at_once(&[*act]),
            Step::AtOnce(acts) => self.at_once(acts),
            Step::Switch(which) => self.switch(*which),
        }
    }

    fn switch(&mut self, which: u8) {
        let settings = &mut self.world.settings;
        match which % 6 {
            0 => settings.helpdesk = !settings.helpdesk,
            1 => settings.human_support.enabled = !settings.human_support.enabled,
            2 => settings.contact_message_after_resolve = AfterResolve::Reopen,
            3 => settings.assign_to = AssignTo::Participants,
            4 => self.world.assistant.handover = !self.world.assistant.handover,
            _ => self.world.team_available = !self.world.team_available,
        }
    }

    /// Everybody decides on the same moment; whoever finds it changed at the commit decides again.
    fn at_once(&mut self, acts: &[Act]) {
        let given: Vec<_> = acts.iter().filter_map(|act| self.command(*act)).collect();
        let decided: Vec<_> = given.iter().map(|given| self.decide(given)).collect();
        for (given, result) in given.iter().zip(decided) {
            let Ok(decision) = result else { continue };
            if !self.commit(given, &decision) {
                let Ok(again) = self.decide(given) else { continue };
                assert!(self.commit(given, &again), "nothing is in the way of who decides on what is");
            }
        }
    }

    fn decide(&self, (actor, chat, command): &Given) -> Result<Decision, Refusal> {
        let place = match (command, actor) {
            (Command::Start { .. }, Actor::Contact(contact)) => Place::New { contact: *contact, assistant: ASSISTANT },
            _ => Place::Id(*chat),
        };
        let result = self.world.decide(actor, place, command);
        self.judge_result(actor, *chat, command, &result);
        result
    }

    fn commit(&mut self, (_, chat, command): &Given, decision: &Decision) -> bool {
        if decision.writes.is_empty() {
            return true;
        }
        let before = self.world.conversations.get(&decision.conversation.id).cloned();
        let job = self.world.job_of(*chat, command);
        match self.world.commit(decision, job.as_ref()) {
            Outcome::Committed(_) => {
                if let Some(before) = before {
                    self.judge_change(command, &before, decision);
                }
                self.remember(decision);
                true
            }
            Outcome::Conflict(_) | Outcome::Taken(_) => false,
            other => panic!("{other:?}"),
        }
    }

    fn remember(&mut self, decision: &Decision) {
        let chat = decision.conversation.id;
        for job in &decision.jobs {
            let JobOp::Push(job) = job else { continue };
            match job.work {
                Work::Answer { turn, .. } => self.answers.push(Asked { chat, what: turn, round: count(&self.rounds, chat) }),
                Work::Confirm { requested_at, .. } => {
                    self.confirmations.push(Asked { chat, what: requested_at, round: count(&self.hands, chat) });
                }
                Work::Relink { .. } => {}
            }
        }
    }

    /// Whether this is owed in the round it was asked in.
    fn is_current(&self, chat: ConversationId, turn: TurnNumber) -> bool {
        let round = count(&self.rounds, chat);
        self.answers.iter().any(|asked| asked.chat == chat && asked.what == turn && asked.round == round)
            && self.world.conversations.get(&chat).is_some_and(|conversation| conversation.answering)
    }

    /// Who may not, is told so; who may, may.
    fn judge_result(&self, actor: &Actor, chat: ConversationId, command: &Command, result: &Result<Decision, Refusal>) {
        let found = self.world.conversations.get(&chat);
        let starts = matches!(command, Command::Start { .. });
        match actor {
            Actor::Operator(operator) if operator.disabled => return assert!(matches!(result, Err(Refusal::Forbidden(_)))),
            Actor::Operator(_) if !self.world.settings.helpdesk && matches!(command, Command::Read(_)) => {
                return assert!(result.as_ref().is_ok_and(|decision| decision.writes.is_empty()) || found.is_none());
            }
            _ if !self.world.settings.helpdesk => return assert_eq!(*result, Err(Refusal::HelpdeskOff)),
            Actor::Operator(_) => {}
            Actor::Contact(id) if !starts && found.is_none_or(|found| found.contact != *id) => {
                return assert_eq!(*result, Err(Refusal::NotFound), "a foreign conversation is as good as none");
            }
            _ => {}
        }
        let Some(found) = found.filter(|_| !starts) else {
            return assert!(result.is_ok() == (starts && matches!(actor, Actor::Contact(_))), "{result:?}");
        };
        match (command, actor) {
            (Command::Answer { turn, .. } | Command::AnswerFailed { turn, .. }, Actor::Assistant) => match result {
                Ok(_) | Err(Refusal::Invalid(_)) => assert!(self.is_current(chat, *turn), "said in the turn it was asked in"),
                refused => assert!(!self.is_current(chat, *turn) && *refused == Err(Refusal::TurnOver), "{refused:?}"),
            },
            (Command::Confirm { requested_at, .. }, Actor::Assistant) => {
                let round = count(&self.hands, chat);
                let current = self.confirmations.iter().any(|it| it.chat == chat && it.what == *requested_at && it.round == round);
                assert_eq!(result.is_ok(), current, "a confirmation counts until hands change");
            }
            (Command::Claim, Actor::Operator(operator)) => match (&found.assignee, result) {
                (_, Err(refusal)) if found.status == Status::Resolved => assert_eq!(*refusal, Refusal::ConversationResolved),
                (Assignee::Operator(holder), Err(refusal)) => {
                    assert!(holder.id != operator.id && *refusal == Refusal::AlreadyClaimed { by: holder.clone() });
                }
                (_, result) => assert!(result.as_ref().is_ok_and(|decision| decision.conversation.assignee.is_operator(operator.id))),
            },
            (Command::RequestHuman, Actor::Contact(_)) if !self.world.settings.human_support.enabled => {
                assert_eq!(*result, Err(Refusal::HumanSupportOff));
            }
            _ => {}
        }
    }

    /// What a command makes of a conversation.
    fn judge_change(&mut self, command: &Command, before: &Conversation, decision: &Decision) {
        let after = &decision.conversation;
        let changed_hands = before.assignee != after.assignee
            || (before.status != Status::Resolved && after.status == Status::Resolved)
            || (matches!(command, Command::Assign(AssignTarget::Assistant)) && !decision.writes.is_empty());
        let superseded = before.answering && matches!(command, Command::ContactMessage { .. });
        if changed_hands {
            *self.hands.entry(after.id).or_default() += 1;
        }
        if changed_hands || superseded {
            *self.rounds.entry(after.id).or_default() += 1;
            assert_eq!(after.turn, before.turn.next(), "a turn ends with its round");
            assert_eq!(decision.discard, before.answering.then_some(before.turn), "what was streamed is withdrawn");
        } else {
            assert_eq!(after.turn, before.turn, "a turn lasts as long as its round");
        }
        match command {
            Command::ContactMessage { .. } if before.assignee == Assignee::Assistant => {
                let asked =
                    |job: &JobOp| matches!(job, JobOp::Push(job) if job.work == Work::Answer { conversation: after.id, turn: after.turn });
                assert!(
                    after.answering && decision.jobs.iter().any(asked),
                    "the assistant answers as long as it is the one, requested or not"
                );
            }
            Command::ContactMessage { .. } => {
                let works = |job: &JobOp| matches!(job, JobOp::Push(job) if !matches!(job.work, Work::Relink { .. }));
                assert!(!after.answering && !decision.jobs.iter().any(works), "the assistant is idle");
            }
            Command::RequestHuman => {
                let hands = |it: &Conversation| (it.assignee.clone(), it.turn, it.answering);
                assert_eq!(hands(before), hands(after), "a request alone changes no hands");
                assert!(after.takeover_requested_at.is_some());
            }
            Command::Reply { .. } if before.status != Status::Resolved => {
                let holder = before.assignee.operator();
                assert!(holder.is_none_or(|holder| after.assignee.is_operator(holder.id)), "a reply takes from no operator");
            }
            Command::Note { .. } => {
                let public = |it: &Conversation| (it.public_version, it.public_seq, it.last_message.clone(), it.last_activity_at);
                assert_eq!(public(before), public(after), "a note is the team's alone");
            }
            _ => {}
        }
    }

    /// Who gives which command where. None: there is nothing of the kind to do.
    fn command(&self, act: Act) -> Option<Given> {
        let chats: Vec<_> = self.world.conversations.keys().copied().collect();
        let absent = ConversationId::from_uuid(uuid::Uuid::from_u128(95));
        // Now and then it is one that does not exist.
        let mut chat = if act.chat > 240 { absent } else { chats[usize::from(act.chat) % chats.len()] };
        let operators = [ANA, BEN, CLEO, GONE];
        let an_operator = |number: u8| operators[usize::from(number) % operators.len()];
        let contact = || Actor::Contact(self.world.conversations.get(&chat).map_or(MAYA, |conversation| conversation.contact));
        let (fitting, command) = match act.deed {
            Deed::Start => {
                let contact = if act.chat.is_multiple_of(2) { MAYA } else { NOOR };
                return Some((Actor::Contact(contact), absent, Command::Start { text: text("Hello"), channel: Channel::widget() }));
            }
            Deed::Write => (contact(), Command::ContactMessage { text: text("Hm") }),
            Deed::RequestHuman => (contact(), Command::RequestHuman),
            Deed::End => (contact(), Command::End),
            Deed::Reply => (Actor::Operator(operator(an_operator(act.who / 8))), Command::Reply { text: text("Hi") }),
            Deed::Note => (Actor::Operator(operator(ANA)), Command::Note { text: text(SECRET) }),
            Deed::Claim => (Actor::Operator(operator(an_operator(act.who / 8))), Command::Claim),
            Deed::Assign(to) => {
                let target = match to % 4 {
                    0 | 1 => AssignTarget::Assistant,
                    2 => AssignTarget::Nobody,
                    _ => AssignTarget::Operator(an_operator(to / 4)),
                };
                (Actor::Operator(operator(BEN)), Command::Assign(target))
            }
            Deed::SetStatus(to) => {
                let status = [Status::Open, Status::Pending, Status::Resolved][usize::from(to) % 3];
                (Actor::Operator(operator(CLEO)), Command::SetStatus(status))
            }
            Deed::SetFlag(flag) => (Actor::Operator(operator(ANA)), Command::SetFlag(flag % 2 == 0)),
            Deed::Read(seq) => {
                let reader = if act.who.is_multiple_of(2) { contact() } else { Actor::Operator(operator(an_operator(act.who / 8))) };
                (reader, Command::Read(Seq(u64::from(seq % 32))))
            }
            Deed::Answer { asked, how } => {
                let turn = self.asked(asked, &mut chat)?;
                let escalation = (how % 4 == 0).then(|| escalation(SECRET));
                let words = if how % 5 == 0 { "" } else { "Surely" };
                let answer = Answer { text: words.to_owned(), escalation, ..Answer::default() };
                return Some((Actor::Assistant, chat, Command::Answer { turn, answer }));
            }
            Deed::Fail { asked } => {
                let turn = self.asked(asked, &mut chat)?;
                return Some((Actor::Assistant, chat, Command::AnswerFailed { turn, reason: SECRET.to_owned() }));
            }
            Deed::Confirm { asked } => {
                let of = self.confirmations.get(usize::from(asked) % self.confirmations.len().max(1))?;
                return Some((Actor::Assistant, of.chat, Command::Confirm { requested_at: of.what, text: text("Told them") }));
            }
        };
        // Now and then it is somebody whom it does not fit.
        let anybody = [Actor::Contact(MAYA), Actor::Contact(NOOR), Actor::Operator(operator(GONE)), Actor::Assistant, Actor::System];
        let actor = if act.who % 8 == 7 { anybody[usize::from(act.who / 8) % anybody.len()].clone() } else { fitting };
        Some((actor, chat, command))
    }

    /// One of the last turns that were asked for, over or not.
    fn asked(&self, number: u8, chat: &mut ConversationId) -> Option<TurnNumber> {
        let asked = self.answers.iter().rev().nth(usize::from(number) % self.answers.len().clamp(1, 4))?;
        *chat = asked.chat;
        Some(asked.what)
    }
}

type Given = (Actor, ConversationId, Command);

fn count(counts: &BTreeMap<ConversationId, u64>, chat: ConversationId) -> u64 {
    counts.get(&chat).copied().unwrap_or_default()
}
