//! A version of a conversation is one thing: all who were shown it saw the same, and it is what the timeline leads to.

use std::collections::HashMap;

use super::Findings;
use super::evidence::{Evidence, Story};
use crate::wire::{Audience, Summary};

pub(super) fn check(evidence: &Evidence<'_>, findings: &mut Findings) {
    for (id, story) in &evidence.stories {
        findings.about(*id);
        let mut versions: HashMap<(Audience, u64), Summary> = HashMap::new();
        let ends = story.end.map(|end| [end.summary, end.contact_summary]);
        for summary in story.seen.iter().map(|seen| seen.summary).chain(ends.into_iter().flatten()) {
            match versions.insert((summary.audience, summary.version), summary) {
                None => fits_timeline(story, &summary, findings),
                Some(before) if before != summary => findings.add(format!("one version was shown as {before:?} and as {summary:?}")),
                Some(_) => {}
            }
        }
    }
}

fn fits_timeline(story: &Story<'_>, summary: &Summary, findings: &mut Findings) {
    let first = summary.seq as usize;
    // Contacts are not told of the entries that are not for them, but of who answers.
    let hidden = match summary.audience {
        Audience::Team => 0,
        Audience::Contact => story.entries().iter().skip(first).take_while(|entry| !entry.is_for_contact()).count(),
    };
    let states = story.states.get(first..=first + hidden).unwrap_or_default();
    if !states.iter().any(|state| (state.assignee, state.status) == (summary.assignee, summary.status)) {
        findings.add(format!("{summary:?} is not what the timeline leads to: {states:?}"));
    }
}
