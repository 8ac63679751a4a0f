//! Of two messages to one conversation, of which one was acknowledged before the other was sent, the first has the lower
//! place.

use std::collections::HashMap;

use super::Findings;
use super::evidence::Evidence;
use crate::history::{Moment, Outcome};

pub(super) fn check(evidence: &Evidence<'_>, findings: &mut Findings) {
    for (id, story) in &evidence.stories {
        findings.about(*id);
        let places: HashMap<&str, u64> = story.entries().iter().filter_map(|entry| Some((entry.text()?, entry.seq))).collect();
        let mut written: Vec<(u64, Moment, Moment)> = Vec::new();
        for operation in story.operations.iter().filter(|operation| operation.action.writes_text()) {
            let Some(seq) = operation.text.as_deref().and_then(|text| places.get(text)) else { continue };
            // What nobody acknowledged may have happened at any time after it was sent.
            let end = if matches!(operation.outcome, Outcome::Done { .. }) { operation.end } else { Moment::MAX };
            written.push((*seq, operation.start, end));
        }
        written.sort_unstable();
        let mut latest: Option<(Moment, u64)> = None;
        for (seq, start, end) in written {
            if let Some((begun, earlier)) = latest.filter(|(begun, _)| *begun > end) {
                findings
                    .add(format!("entry {seq} was acknowledged {} ns before entry {earlier}, which is above it, was sent", begun - end));
            }
            latest = latest.max(Some((start, seq)));
        }
    }
}
