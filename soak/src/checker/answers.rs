//! The assistant owes one answer to all that the contact said since its last one, and a confirmation of a request. It
//! says nothing else, nothing while somebody else answers, and in the end it owes nothing.

use super::Findings;
use super::evidence::{Evidence, Story};
use super::replay::State;
use crate::wire::{ActivityKind, Assignee, AuthorKind, Body, Entry, Status};

/// What the assistant may owe: an answer, a confirmation.
type Debt = (bool, bool);

pub(super) fn check(evidence: &Evidence<'_>, findings: &mut Findings) {
    for (id, story) in &evidence.stories {
        findings.about(*id);
        check_story(story, findings);
    }
}

fn check_story(story: &Story<'_>, findings: &mut Findings) {
    let entries = story.entries();
    // An answer and a confirmation look alike: all that may be owed is kept.
    let mut debts: Vec<Debt> = vec![(false, false)];
    for (place, (entry, before)) in entries.iter().zip(&story.states).enumerate() {
        let step = Step::around(entries, place);
        if entry.is_message_of(AuthorKind::Assistant) {
            if before.assignee != Assignee::Assistant || before.status == Status::Resolved {
                findings.add(format!("the assistant speaks at {} over {:?}, {:?}", entry.seq, before.assignee, before.status));
                continue;
            }
            let paid: Vec<Debt> = debts.iter().flat_map(|debt| paid(*debt)).collect();
            if paid.is_empty() {
                findings.add(format!("the assistant speaks at {}, and nothing was asked since it spoke last", entry.seq));
                continue;
            }
            debts = paid;
        } else {
            debts.iter_mut().for_each(|debt| *debt = owed(*debt, entry, before, &step));
        }
        debts.sort_unstable();
        debts.dedup();
    }
    if debts.iter().all(|(answer, _)| *answer) {
        findings.add("the last question was never answered");
    }
    if debts.iter().all(|(_, confirmation)| *confirmation) {
        findings.add("the request for a human was never confirmed");
    }
}

/// What is owed after a message of the assistant: it paid one of its debts.
fn paid((answer, confirmation): Debt) -> impl Iterator<Item = Debt> {
    [answer.then_some((false, confirmation)), confirmation.then_some((answer, false))].into_iter().flatten()
}

fn owed((answer, confirmation): Debt, entry: &Entry, before: &State, step: &Step<'_>) -> Debt {
    let assistants = before.assignee == Assignee::Assistant;
    match &entry.body {
        Body::Message { .. } => match entry.author.kind {
            AuthorKind::Contact if assistants => (true, confirmation),
            // It failed, and says so to the contact; beside a request of somebody it says that nobody is there.
            AuthorKind::System if step.request().is_none_or(|by| by == AuthorKind::System) => (false, confirmation),
            _ => (answer, confirmation),
        },
        Body::Activity(activity) => match (activity.kind, activity.status) {
            (ActivityKind::Claimed | ActivityKind::Assigned, _) | (ActivityKind::StatusChanged, Some(Status::Resolved)) => (false, false),
            // Where only a request was put aside, nobody else answers what was asked.
            (ActivityKind::HandedBack, _) => (answer && assistants, false),
            (ActivityKind::TakeoverRequested, _) => match entry.author.kind {
                AuthorKind::Assistant if !step.speaks() => (false, assistants),
                AuthorKind::Contact => (answer, assistants),
                AuthorKind::System => (false, confirmation),
                _ => (answer, confirmation),
            },
            _ => (answer, confirmation),
        },
        Body::Note { .. } | Body::Erased => (answer, confirmation),
    }
}

/// The entries that one command wrote.
struct Step<'a>(&'a [Entry]);

impl<'a> Step<'a> {
    fn around(entries: &'a [Entry], place: usize) -> Self {
        let rev = entries[place].rev;
        let first = entries[..place].iter().rposition(|entry| entry.rev != rev).map_or(0, |before| before + 1);
        let end = entries[place..].iter().position(|entry| entry.rev != rev).map_or(entries.len(), |after| place + after);
        Self(&entries[first..end])
    }

    /// Who asked for a human in it.
    fn request(&self) -> Option<AuthorKind> {
        let requested = |entry: &&Entry| matches!(&entry.body, Body::Activity(it) if it.kind == ActivityKind::TakeoverRequested);
        self.0.iter().find(requested).map(|entry| entry.author.kind)
    }

    /// Whether the assistant said something in it.
    fn speaks(&self) -> bool {
        self.0.iter().any(|entry| entry.is_message_of(AuthorKind::Assistant))
    }
}
