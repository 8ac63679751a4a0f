//! What was acknowledged is there once, where it was said to be; what was refused is nowhere; what nobody knows of is
//! there at most once; and nobody's words are there who did not say them.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::Findings;
use super::evidence::Evidence;
use crate::history::{Action, Operation, Outcome};
use crate::wire::{AuthorKind, Body, Entry};

pub(super) fn check(evidence: &Evidence<'_>, findings: &mut Findings) {
    let mut places: BTreeMap<&str, Vec<(Uuid, &Entry)>> = BTreeMap::new();
    for (id, story) in &evidence.stories {
        for entry in story.entries() {
            if let Some(text) = entry.text().filter(|_| matches!(entry.author.kind, AuthorKind::Contact | AuthorKind::Operator)) {
                places.entry(text).or_default().push((*id, entry));
            }
        }
    }
    let mut said: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for operation in evidence.operations.iter().filter(|operation| operation.action.writes_text()) {
        if let Some(text) = operation.text.as_deref() {
            said.entry(text).or_default().push(operation);
        }
    }
    for (text, there) in &places {
        findings.about(there[0].0);
        if there.len() > 1 {
            let all: Vec<String> = there.iter().map(|(id, entry)| format!("{id} {}", entry.seq)).collect();
            findings.add(format!("{text:?} is there {} times: {}", there.len(), all.join(", ")));
        }
        if !said.contains_key(text) {
            findings.add(format!("{text:?} at {} was said by nobody", there[0].1.seq));
        }
    }
    for (text, operations) in &said {
        let there = places.get(text).map_or(&[][..], Vec::as_slice);
        check_message(text, operations, there, findings);
    }
}

/// One message. Its operations are the ways that were tried: in the conversation, and in a new one if that was resolved.
fn check_message(text: &str, operations: &[&Operation], there: &[(Uuid, &Entry)], findings: &mut Findings) {
    findings.conversation = operations.iter().find_map(|operation| operation.conversation);
    let mut acknowledged = false;
    for operation in operations {
        let Outcome::Done { seq, .. } = &operation.outcome else { continue };
        acknowledged = true;
        let told = (operation.conversation, *seq);
        match there.first() {
            None => findings.add(format!("{text:?} was acknowledged at {told:?} and is not there")),
            Some((id, entry)) if (Some(*id), Some(entry.seq)) != told => {
                findings.add(format!("{text:?} was acknowledged at {told:?} and is at {:?}", (id, entry.seq)));
            }
            Some((_, entry)) => check_shape(text, operation, entry, findings),
        }
    }
    let possible = operations.iter().any(|operation| operation.uncertain || operation.outcome == Outcome::Unknown);
    if !acknowledged && !possible && !there.is_empty() {
        findings.add(format!("{text:?} was refused, and is there all the same"));
    }
    for (_, entry) in there {
        if entry.author.id != Some(operations[0].actor) {
            findings.add(format!("{text:?} was said by {} and is there as said by {:?}", operations[0].actor, entry.author));
        }
    }
}

fn check_shape(text: &str, operation: &Operation, entry: &Entry, findings: &mut Findings) {
    let fits = match operation.action {
        Action::Note => matches!(entry.body, Body::Note { .. }) && entry.author.kind == AuthorKind::Operator,
        Action::Reply => entry.is_message_of(AuthorKind::Operator),
        _ => entry.is_message_of(AuthorKind::Contact),
    };
    if !fits {
        findings.add(format!("{text:?} was sent as {} and is there as {entry:?}", operation.action.name()));
    }
}
