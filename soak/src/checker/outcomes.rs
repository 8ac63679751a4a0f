//! Every outcome fits a state that the conversation may have been in while it was decided: who won a claim held the
//! conversation then, whoever lost was told who held it, and what was refused because it was over was over. And a claim
//! has one winner: nobody takes over what another holds.

use super::Findings;
use super::evidence::{Evidence, Story};
use super::replay::State;
use crate::history::{Action, Operation, Outcome};
use crate::wire::{ActivityKind, Assignee, Body, Status};

/// The problem of what is over.
const RESOLVED: &str = "conversation_resolved";
/// The problem of a lost claim.
const CLAIMED: &str = "already_claimed";
/// The problem of a name that stands for something else.
const REUSED: &str = "client_id_reused";

pub(super) fn check(evidence: &Evidence<'_>, findings: &mut Findings) {
    for (id, story) in &evidence.stories {
        findings.about(*id);
        winners(story, findings);
        for operation in &story.operations {
            match &operation.outcome {
                Outcome::Done { .. } => done(story, operation, findings),
                Outcome::Refused { code, holder } => refused(story, operation, (code, *holder), findings),
                Outcome::Unknown => {}
            }
        }
    }
}

/// Who takes over takes it from nobody else, unless they were given it or it had been over.
fn winners(story: &Story<'_>, findings: &mut Findings) {
    let entries = story.entries();
    for (place, (entry, before)) in entries.iter().zip(&story.states).enumerate() {
        let Body::Activity(activity) = &entry.body else { continue };
        let (ActivityKind::Claimed, Some(holder)) = (activity.kind, before.assignee.operator()) else { continue };
        let same_step = entries[..place].iter().rev().take_while(|earlier| earlier.rev == entry.rev);
        let given = same_step.filter_map(|earlier| match &earlier.body {
            Body::Activity(activity) => Some(activity.kind),
            _ => None,
        });
        let given = given.into_iter().any(|kind| matches!(kind, ActivityKind::Assigned | ActivityKind::StatusChanged));
        if !given {
            findings.add(format!("entry {} takes over what {holder} holds", entry.seq));
        }
    }
}

fn done(story: &Story<'_>, operation: &Operation, findings: &mut Findings) {
    let holds = |id| Assignee::Operator { id };
    let fits: Box<dyn Fn(&State) -> bool> = match operation.action {
        Action::Claim => Box::new(move |state| state.assignee == holds(operation.actor)),
        Action::Assign(target) => Box::new(move |state| state.assignee == holds(target)),
        Action::HandBack => Box::new(|state| state.assignee == Assignee::Assistant),
        Action::Leave => Box::new(|state| state.assignee == Assignee::Nobody),
        Action::Resolve | Action::End => Box::new(|state| state.status == Status::Resolved),
        Action::Reopen => Box::new(|state| state.status != Status::Resolved),
        Action::Human => Box::new(|state| state.requested || state.assignee.operator().is_some()),
        Action::Start | Action::Send => Box::new(|state| state.status != Status::Resolved),
        Action::Reply => Box::new(|state| state.assignee.operator().is_some() && state.status != Status::Resolved),
        Action::Note | Action::Read(_) | Action::Look | Action::Timeline => return,
    };
    if !story.during(operation).iter().any(fits) {
        told_wrong(story, operation, "done", findings);
    }
}

fn refused(story: &Story<'_>, operation: &Operation, (code, holder): (&str, Option<uuid::Uuid>), findings: &mut Findings) {
    let states = story.during(operation);
    let expected = match (operation.action, code) {
        (Action::Note | Action::Reply | Action::Resolve | Action::Reopen | Action::End | Action::Read(_), _) => false,
        (Action::Look | Action::Timeline, _) => false,
        (Action::Claim, CLAIMED) => {
            holder.is_some_and(|id| id != operation.actor && states.iter().any(|state| state.assignee == Assignee::Operator { id }))
        }
        (Action::Start, REUSED) => true,
        (Action::Start, _) => false,
        (_, RESOLVED) => states.iter().any(|state| state.status == Status::Resolved),
        _ => false,
    };
    if !expected {
        let by = holder.map_or_else(String::new, |holder| format!(" by {holder}"));
        told_wrong(story, operation, &format!("{code}{by}"), findings);
    }
}

fn told_wrong(story: &Story<'_>, operation: &Operation, told: &str, findings: &mut Findings) {
    let (first, last) = (story.known_before(operation.start), story.possible_at(operation.end));
    let (what, actor, start, end) = (operation.action.name(), operation.actor, operation.start, operation.end);
    findings.add(format!(
        "{what} by {actor} from {start} to {end} ended as {told:?}, which fits no state between the entries {first} and {last}"
    ));
}
