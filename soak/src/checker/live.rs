//! What a socket is told: from where it asked on, version by version without a gap, each entry once and in order, and
//! nothing that is not in the timeline. Whoever listens to the end knows the end.

use std::collections::BTreeMap;

use super::Findings;
use super::evidence::{Evidence, Heard, Story};
use crate::history::Changed;
use crate::wire::{Audience, Entry};

pub(super) fn check(evidence: &Evidence<'_>, findings: &mut Findings) {
    for (id, story) in &evidence.stories {
        findings.about(*id);
        for (process, heard) in &story.heard {
            let log = Log::of(*process, heard, findings);
            compare(*process, &log, story, findings);
        }
    }
}

/// What a client knows, over all its sockets.
#[derive(Debug, Default)]
struct Log<'a> {
    first: Option<u64>,
    cursor: u64,
    audience: Option<Audience>,
    entries: BTreeMap<u64, &'a Entry>,
}

impl<'a> Log<'a> {
    fn of(process: u32, heard: &[Heard<'a>], findings: &mut Findings) -> Self {
        let mut log = Self::default();
        // The subscription of each socket, and what it was told last.
        let mut told: BTreeMap<u64, u64> = BTreeMap::new();
        for heard in heard {
            match heard {
                Heard::Subscribed(subscribed) => {
                    told.insert(subscribed.socket, subscribed.after);
                    log.first = Some(log.first.map_or(subscribed.after, |first| first.min(subscribed.after)));
                }
                Heard::Changed(changed) => {
                    log.audience = Some(changed.summary.audience);
                    check_frame(process, changed, told.insert(changed.socket, changed.version), findings);
                    // As the protocol has it: what is known is dropped.
                    if changed.version > log.cursor {
                        log.cursor = changed.version;
                        log.entries.extend(changed.entries.iter().map(|entry| (entry.seq, entry)));
                    }
                }
            }
        }
        log
    }
}

fn check_frame(process: u32, changed: &Changed, told: Option<u64>, findings: &mut Findings) {
    let (prev, version, socket) = (changed.prev, changed.version, changed.socket);
    if told != Some(prev) {
        findings.add(format!("socket {socket} of {process} was told {told:?} last, and the next change is from {prev} to {version}"));
    }
    if version < prev || changed.summary.version < version {
        findings.add(format!("socket {socket} of {process}: from {prev} to {version}, with a summary of {}", changed.summary.version));
    }
    let mut last = (0, 0);
    for entry in &changed.entries {
        if entry.rev <= prev || entry.rev > version {
            findings
                .add(format!("socket {socket} of {process}: entry {} at {} in a change from {prev} to {version}", entry.seq, entry.rev));
        }
        if (entry.rev, entry.seq) <= last {
            findings.add(format!("socket {socket} of {process}: entry {} comes behind {last:?} in a change to {version}", entry.seq));
        }
        last = (entry.rev, entry.seq);
    }
}

fn compare(process: u32, log: &Log<'_>, story: &Story<'_>, findings: &mut Findings) {
    let (Some(end), Some(first)) = (story.end, log.first) else { return };
    let Some(audience) = log.audience else {
        if story.listening.contains(&process) {
            findings.add(format!("{process} listened to the end and was told nothing at all"));
        }
        return;
    };
    let (timeline, version) = match audience {
        Audience::Team => (&end.entries, end.summary.version),
        Audience::Contact => (&end.contact_entries, end.contact_summary.version),
    };
    for entry in timeline.iter().filter(|entry| entry.rev > first && entry.rev <= log.cursor) {
        match log.entries.get(&entry.seq) {
            None => findings.add(format!("{process} was told all up to {}, but not entry {}", log.cursor, entry.seq)),
            Some(heard) if *heard != entry => findings.add(format!("{process} was told {heard:?}, and there is {entry:?}")),
            Some(_) => {}
        }
    }
    let mut places = timeline.iter().map(|entry| entry.seq).peekable();
    for seq in log.entries.keys() {
        while places.peek().is_some_and(|place| place < seq) {
            places.next();
        }
        if places.peek() != Some(seq) {
            findings.add(format!("{process} was told of entry {seq}, which is not in its timeline"));
        }
    }
    if story.listening.contains(&process) && log.cursor != version {
        findings.add(format!("{process} listens to the end and knows version {} of {version}", log.cursor));
    }
}
