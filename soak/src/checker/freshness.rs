//! Whoever asks is told at least what anybody knew before they asked: places and versions never go back, on whichever
//! node.

use super::Findings;
use super::evidence::{Evidence, Story};
use crate::history::{Action, Moment, Outcome};
use crate::wire::Audience;

pub(super) fn check(evidence: &Evidence<'_>, findings: &mut Findings) {
    for (id, story) in &evidence.stories {
        findings.about(*id);
        // The last entry for contacts up to each place.
        let mut visible = vec![0];
        for entry in story.entries() {
            let before = visible.last().copied().unwrap_or(0);
            visible.push(if entry.is_for_contact() { entry.seq } else { before });
        }
        places(story, &visible, findings);
        for audience in [Audience::Team, Audience::Contact] {
            versions(story, audience, findings);
        }
    }
}

/// Answers show all the entries that were known before the question.
fn places(story: &Story<'_>, visible: &[u64], findings: &mut Findings) {
    for operation in &story.operations {
        let Outcome::Done { seq, summary } = &operation.outcome else { continue };
        let told = match (summary, operation.action, seq) {
            (Some(summary), ..) => summary.seq,
            (None, Action::Timeline, Some(seq)) => *seq,
            _ => continue,
        };
        let known = story.known_before(operation.start);
        let for_contact = visible.get(known as usize).copied().unwrap_or(0);
        let by_contact = story.end.is_some_and(|end| end.contact == operation.actor);
        let due = if by_contact { for_contact } else { known };
        if told < due {
            let (what, start) = (operation.action.name(), operation.start);
            findings.add(format!("{what} by {} at {start} was told of {told}, though {due} was known before", operation.actor));
        }
    }
}

/// The version that is shown is not below one that was shown before the question, to the same side.
fn versions(story: &Story<'_>, audience: Audience, findings: &mut Findings) {
    let mut known: Vec<(Moment, u64)> =
        story.seen.iter().filter(|seen| seen.summary.audience == audience).map(|seen| (seen.at, seen.summary.version)).collect();
    known.sort_unstable();
    let mut highest = 0;
    for (_, version) in &mut known {
        highest = highest.max(*version);
        *version = highest;
    }
    // What was told unasked may have been under way; its order is that of its socket, and another rule's subject.
    for seen in story.seen.iter().filter(|seen| seen.summary.audience == audience && seen.asked < seen.at) {
        let before = known.partition_point(|(at, _)| *at < seen.asked);
        let due = before.checked_sub(1).map_or(0, |last| known[last].1);
        if seen.summary.version < due {
            findings
                .add(format!("at {} version {} was shown, though {due} was known when it was asked for", seen.at, seen.summary.version));
        }
    }
}
