//! Places are dense from 1, revisions are versions that were, and the contact's timeline is the team's without what is
//! not for contacts.

use super::Findings;
use super::evidence::Evidence;
use crate::wire::Entry;

pub(super) fn check(evidence: &Evidence<'_>, findings: &mut Findings) {
    for (id, story) in &evidence.stories {
        findings.about(*id);
        let Some(end) = story.end else {
            findings.add("somebody saw this conversation, and in the end it is nowhere");
            continue;
        };
        for (place, entry) in (1..).zip(&end.entries) {
            if entry.seq != place {
                findings.add(format!("the entry at place {place} has the number {}", entry.seq));
                break;
            }
            if entry.rev == 0 || entry.rev > end.summary.version {
                findings.add(format!("entry {place} has the revision {}, and the conversation is at {}", entry.rev, end.summary.version));
            }
        }
        if end.summary.seq != end.entries.len() as u64 {
            findings.add(format!("the conversation says that it ends at {}, and has {} entries", end.summary.seq, end.entries.len()));
        }
        let visible: Vec<&Entry> = end.entries.iter().filter(|entry| entry.is_for_contact()).collect();
        let shown: Vec<&Entry> = end.contact_entries.iter().collect();
        if visible != shown {
            let place = visible.iter().zip(&shown).position(|(ours, theirs)| ours != theirs).unwrap_or(visible.len().min(shown.len()));
            let of = |entries: &[&Entry]| entries.get(place).map_or_else(|| "nothing".to_owned(), |entry| format!("{entry:?}"));
            findings.add(format!("its contact sees {} where there is {}", of(&shown), of(&visible)));
        }
        let last = visible.last().map_or(0, |entry| entry.seq);
        if end.contact_summary.seq != last {
            findings.add(format!("its contact is told that it ends at {}, and it ends at {last}", end.contact_summary.seq));
        }
    }
}
