//! When all is quiet nothing is owed: no answer, no word to the conversations that share a ticket; and a contact has at
//! most one open ticket.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::Findings;
use super::evidence::Evidence;

pub(super) fn check(evidence: &Evidence<'_>, findings: &mut Findings) {
    for detail in &evidence.unsettled {
        findings.add(*detail);
    }
    let mut open: BTreeMap<Uuid, BTreeSet<u64>> = BTreeMap::new();
    for (id, story) in &evidence.stories {
        findings.about(*id);
        let Some(end) = story.end else { continue };
        if end.summary.answering || end.contact_summary.answering {
            findings.add("the assistant still owes an answer");
        }
        if end.link != end.ticket {
            findings.add(format!("it remembers its ticket as {:?}, which is {:?}", end.link, end.ticket));
        }
        if let Some(ticket) = end.ticket.as_ref().filter(|ticket| matches!(ticket.status.as_str(), "unassigned" | "assigned")) {
            open.entry(end.contact).or_default().insert(ticket.number);
        }
    }
    findings.conversation = None;
    for (contact, tickets) in open.iter().filter(|(_, tickets)| tickets.len() > 1) {
        findings.add(format!("the contact {contact} has more than one open ticket: {tickets:?}"));
    }
}
