//! Every takeover, hand-back, assignment, request and change of status was wanted by whom it names, as often as it is
//! there.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::Findings;
use super::evidence::{Evidence, Story};
use crate::history::{Action, Operation, Outcome};
use crate::wire::{ActivityKind, Assignee, AuthorKind, Body, Entry, Status};

/// What may have led to an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    TakeOver(Uuid),
    AssignTo(Uuid),
    Leave,
    HandBack,
    Resolve,
    Reopen,
    Request,
}

impl Cause {
    fn of(entry: &Entry) -> Option<Self> {
        let Body::Activity(activity) = &entry.body else { return None };
        Some(match (activity.kind, activity.assignee, activity.status) {
            (ActivityKind::Claimed, ..) => Self::TakeOver(activity.actor?.id?),
            (ActivityKind::Assigned, Some(Assignee::Operator { id }), _) => Self::AssignTo(id),
            (ActivityKind::Assigned, ..) => Self::Leave,
            (ActivityKind::HandedBack, ..) => Self::HandBack,
            (ActivityKind::StatusChanged, _, Some(Status::Resolved)) => Self::Resolve,
            (ActivityKind::StatusChanged, ..) => Self::Reopen,
            (ActivityKind::TakeoverRequested, ..) => Self::Request,
            (ActivityKind::Escalated | ActivityKind::Merged, ..) => return None,
        })
    }

    fn may_come_from(self, operation: &Operation) -> bool {
        match (self, operation.action) {
            (Self::TakeOver(id), Action::Claim | Action::Reply) => id == operation.actor,
            (Self::TakeOver(id) | Self::AssignTo(id), Action::Assign(target)) => id == target,
            (Self::Leave, Action::Leave)
            | (Self::HandBack, Action::HandBack)
            | (Self::Resolve, Action::Resolve | Action::End)
            | (Self::Reopen, Action::Reopen | Action::Reply | Action::Send)
            | (Self::Request, Action::Human) => true,
            _ => false,
        }
    }
}

pub(super) fn check(evidence: &Evidence<'_>, findings: &mut Findings) {
    for (id, story) in &evidence.stories {
        findings.about(*id);
        check_story(story, findings);
    }
}

fn check_story(story: &Story<'_>, findings: &mut Findings) {
    let mut there: BTreeMap<(Uuid, Cause), usize> = BTreeMap::new();
    for entry in story.entries() {
        let by = entry.author.id.filter(|_| matches!(entry.author.kind, AuthorKind::Contact | AuthorKind::Operator));
        if let (Some(by), Some(cause)) = (by, Cause::of(entry)) {
            *there.entry((by, cause)).or_default() += 1;
        }
    }
    for ((by, cause), count) in there {
        let wanted = story.operations.iter().filter(|operation| operation.actor == by && cause.may_come_from(operation));
        let possible = wanted.filter(|operation| operation.uncertain || !matches!(operation.outcome, Outcome::Refused { .. })).count();
        if count > possible {
            findings.add(format!("{cause:?} by {by} is there {count} times and was wanted {possible} times"));
        }
    }
}
