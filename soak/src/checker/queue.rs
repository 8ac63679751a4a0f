//! When all is quiet the views of the queue hold the conversations that they must, and the counts count them: what is
//! copied into conversations from a ticket that they share has arrived everywhere.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::Findings;
use super::evidence::{Evidence, Story};
use crate::history::{Final, View};
use crate::wire::{Assignee, Status};

pub(super) fn check(evidence: &Evidence<'_>, findings: &mut Findings) {
    for page in &evidence.views {
        let holds = |(id, story): (&Uuid, &Story<'_>)| story.end.filter(|end| holds(page.view, end, story)).map(|_| *id);
        let expected: BTreeSet<Uuid> = evidence.stories.iter().filter_map(holds).collect();
        let shown: BTreeSet<Uuid> = page.conversations.iter().copied().collect();
        findings.conversation = None;
        if page.count != shown.len() as u64 || shown.len() != page.conversations.len() {
            let (view, listed) = (page.view, page.conversations.len());
            findings.add(format!("{view:?} holds {} conversations in {listed} rows, and {} are counted", shown.len(), page.count));
        }
        for id in expected.symmetric_difference(&shown) {
            findings.about(*id);
            let what = if shown.contains(id) { "is there, and should not be" } else { "is missing" };
            let end = evidence.stories.get(id).and_then(|story| story.end).map(|end| (end.summary, &end.ticket));
            findings.add(format!("in the view {:?} it {what}: {end:?}", page.view));
        }
    }
}

fn holds(view: View, end: &Final, story: &Story<'_>) -> bool {
    let open = end.summary.status != Status::Resolved;
    let nobody = end.summary.assignee == Assignee::Nobody;
    let requested = story.states.last().is_some_and(|state| state.requested);
    match view {
        View::All => true,
        View::Resolved => !open,
        View::Claimed => open && end.summary.assignee.operator().is_some(),
        View::Waiting => open && (nobody || (requested && end.summary.assignee == Assignee::Assistant)),
        View::Unassigned => open && (nobody || end.ticket.as_ref().is_some_and(|ticket| ticket.status == "unassigned")),
    }
}
