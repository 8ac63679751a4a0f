//! The history, sorted by conversation.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::replay::{self, State};
use crate::history::{Changed, Final, Moment, Operation, Outcome, Queue, Record, Subscribed};
use crate::wire::{Entry, Summary};

/// All that is known.
#[derive(Debug, Default)]
pub(super) struct Evidence<'a> {
    /// By conversation.
    pub(super) stories: BTreeMap<Uuid, Story<'a>>,
    /// Everything that was tried, also what never found a conversation.
    pub(super) operations: Vec<&'a Operation>,
    /// What never came to rest.
    pub(super) unsettled: Vec<&'a str>,
    /// The queue in the end.
    pub(super) views: Vec<&'a Queue>,
}

/// What is known of a conversation.
#[derive(Debug, Default)]
pub(super) struct Story<'a> {
    /// How it is in the end; none: it was never found.
    pub(super) end: Option<&'a Final>,
    /// The states before the first entry, after it, after the second, and so on.
    pub(super) states: Vec<State>,
    /// What was tried here.
    pub(super) operations: Vec<&'a Operation>,
    /// Who was shown what, in the order of time.
    pub(super) seen: Vec<Seen>,
    /// What each client heard, in its order.
    pub(super) heard: BTreeMap<u32, Vec<Heard<'a>>>,
    /// Who listens to the end.
    pub(super) listening: Vec<u32>,
    /// When a place of the timeline was known, at the latest: rising in both.
    known: Vec<(Moment, u64)>,
    /// When the writing of an entry began, at the earliest, and the lowest place of all that began then or later.
    begun: Vec<(Moment, u64)>,
}

/// A conversation as it was shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// When it was asked for; of what was told unasked: when it came.
    pub(super) asked: Moment,
    /// When it came.
    pub(super) at: Moment,
    /// What was shown.
    pub(super) summary: Summary,
}

/// What happens on sockets.
#[derive(Clone, Copy, Debug)]
pub(super) enum Heard<'a> {
    Subscribed(&'a Subscribed),
    Changed(&'a Changed),
}

impl<'a> Evidence<'a> {
    /// Sorts a history.
    pub(super) fn gather(records: &'a [Record]) -> Self {
        let mut evidence = Self::default();
        for record in records {
            evidence.take(record);
        }
        let places = places(&evidence.stories);
        for (id, story) in &mut evidence.stories {
            story.finish(*id, &places);
        }
        evidence
    }

    fn take(&mut self, record: &'a Record) {
        match record {
            Record::Operation(operation) => {
                self.operations.push(operation);
                if let Some(id) = operation.conversation {
                    let story = self.stories.entry(id).or_default();
                    story.operations.push(operation);
                    if let Outcome::Done { summary: Some(summary), .. } = operation.outcome {
                        story.seen.push(Seen { asked: operation.start, at: operation.end, summary });
                    }
                }
            }
            Record::Subscribed(subscribed) => {
                let story = self.stories.entry(subscribed.conversation).or_default();
                story.heard.entry(subscribed.process).or_default().push(Heard::Subscribed(subscribed));
            }
            Record::Changed(changed) => {
                let story = self.stories.entry(changed.summary.conversation).or_default();
                story.heard.entry(changed.process).or_default().push(Heard::Changed(changed));
                story.seen.push(Seen { asked: changed.at, at: changed.at, summary: changed.summary });
            }
            Record::Shown { at, summary } => {
                self.stories.entry(summary.conversation).or_default().seen.push(Seen { asked: *at, at: *at, summary: *summary });
            }
            Record::Listening { process, conversation } => self.stories.entry(*conversation).or_default().listening.push(*process),
            Record::Unsettled { detail } => self.unsettled.push(detail),
            Record::Final(end) => self.stories.entry(end.summary.conversation).or_default().end = Some(end),
            Record::Queue(queue) => self.views.push(queue),
            Record::Fault(_) => {}
        }
    }
}

/// Where each text is: conversation and place.
fn places<'a>(stories: &BTreeMap<Uuid, Story<'a>>) -> HashMap<&'a str, (Uuid, u64)> {
    let entries = stories.iter().flat_map(|(id, story)| story.entries().iter().map(move |entry| (*id, entry)));
    entries.filter_map(|(id, entry)| Some((entry.text()?, (id, entry.seq)))).collect()
}

impl<'a> Story<'a> {
    /// The team's timeline.
    pub(super) fn entries(&self) -> &'a [Entry] {
        self.end.map_or(&[], |end| &end.entries)
    }

    fn finish(&mut self, id: Uuid, places: &HashMap<&str, (Uuid, u64)>) {
        self.states = replay::states(self.entries());
        self.seen.sort_by_key(|seen| seen.at);
        let mut known: Vec<(Moment, u64)> = self.seen.iter().map(|seen| (seen.at, seen.summary.seq)).collect();
        let mut begun: Vec<(Moment, u64)> = Vec::new();
        for operation in &self.operations {
            if let Outcome::Done { seq: Some(seq), .. } = operation.outcome {
                known.push((operation.end, seq));
            }
            let place = operation.text.as_deref().and_then(|text| places.get(text)).filter(|(there, _)| *there == id);
            begun.extend(place.map(|(_, seq)| (operation.start, *seq)));
        }
        known.sort_unstable();
        let mut highest = 0;
        for (_, seq) in &mut known {
            highest = highest.max(*seq);
            *seq = highest;
        }
        begun.sort_unstable();
        let mut lowest = u64::MAX;
        for (_, seq) in begun.iter_mut().rev() {
            lowest = lowest.min(*seq);
            *seq = lowest;
        }
        (self.known, self.begun) = (known, begun);
    }

    /// The last place that somebody knew of before this moment.
    pub(super) fn known_before(&self, moment: Moment) -> u64 {
        let after = self.known.partition_point(|(at, _)| *at < moment);
        after.checked_sub(1).map_or(0, |last| self.known[last].1)
    }

    /// The last place that may have been taken at this moment: what began to be written later is not there yet.
    pub(super) fn possible_at(&self, moment: Moment) -> u64 {
        let later = self.begun.partition_point(|(start, _)| *start <= moment);
        let end = self.states.len().saturating_sub(1) as u64;
        self.begun.get(later).map_or(end, |(_, seq)| (seq - 1).min(end))
    }

    /// The states that the conversation may have been in while this was going on.
    pub(super) fn during(&self, operation: &Operation) -> &[State] {
        let last = self.possible_at(operation.end) as usize;
        let first = (self.known_before(operation.start) as usize).min(last);
        self.states.get(first..=last).unwrap_or_default()
    }
}
