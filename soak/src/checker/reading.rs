//! What was read stays read: once a version is known in which a side has read up to a place, what that side has not read
//! is above it.

use super::Findings;
use super::evidence::{Evidence, Story};
use crate::history::{Action, Outcome};
use crate::wire::{Audience, AuthorKind, Entry};

pub(super) fn check(evidence: &Evidence<'_>, findings: &mut Findings) {
    for (id, story) in &evidence.stories {
        findings.about(*id);
        for audience in [Audience::Team, Audience::Contact] {
            check_side(story, audience, findings);
        }
    }
}

fn check_side(story: &Story<'_>, audience: Audience, findings: &mut Findings) {
    let entries = story.entries();
    let counts = |entry: &Entry| match audience {
        Audience::Team => entry.is_message_of(AuthorKind::Contact),
        Audience::Contact => entry.text().is_some() && entry.is_for_contact() && entry.author.kind != AuthorKind::Contact,
    };
    // How many messages of the other side there are up to each place.
    let mut others: Vec<u64> = vec![0];
    for entry in entries {
        others.push(others.last().copied().unwrap_or(0) + u64::from(counts(entry)));
    }
    let up_to = |place: u64| others.get(place as usize).or(others.last()).copied().unwrap_or(0);
    let mut read: Vec<(u64, u64)> = Vec::new();
    for operation in &story.operations {
        if let (Action::Read(place), Outcome::Done { summary: Some(summary), .. }) = (operation.action, &operation.outcome)
            && summary.audience == audience
        {
            // Nobody reads further than there is; it may have been done as soon as it was asked for.
            read.push((summary.version, place.min(story.known_before(operation.start))));
        }
    }
    // Who writes has seen what stands above.
    let own = match audience {
        Audience::Team => AuthorKind::Operator,
        Audience::Contact => AuthorKind::Contact,
    };
    read.extend(entries.iter().filter(|entry| entry.is_message_of(own)).map(|entry| (entry.rev, entry.seq)));
    read.sort_unstable();
    let mut furthest = 0;
    for (_, place) in &mut read {
        furthest = furthest.max(*place);
        *place = furthest;
    }
    for summary in story.seen.iter().map(|seen| &seen.summary).filter(|summary| summary.audience == audience) {
        let known = read.partition_point(|(version, _)| *version <= summary.version);
        let place = known.checked_sub(1).map_or(0, |last| read[last].1);
        let most = up_to(summary.seq).saturating_sub(up_to(place));
        if summary.unread > most {
            findings.add(format!(
                "version {} says that {} are unread up to {}, though all up to {place} was read: {most} at most",
                summary.version, summary.unread, summary.seq
            ));
        }
    }
}
