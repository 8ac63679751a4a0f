//! Judges a history. Pure: records in, violations out.
//!
//! Each rule is a file and a promise of `docs/protocol.md` or `docs/architecture.md`. The rules rest on three things
//! alone: what clients sent and were told (with the interval of one monotonic clock in which it happened), every frame
//! that sockets got, and the timelines that are read in the end. Where an outcome is unknown, every outcome that could
//! have been is allowed.

mod agreement;
mod answers;
mod causes;
mod evidence;
mod freshness;
mod live;
mod messages;
mod order;
mod outcomes;
mod queue;
mod reading;
mod replay;
mod settled;
#[cfg(test)]
mod tests;
mod timelines;

use std::fmt;

use uuid::Uuid;

use crate::history::Record;
use evidence::Evidence;

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// The rule.
    pub(crate) rule: &'static str,
    /// Where.
    pub(crate) conversation: Option<Uuid>,
    /// What is wrong.
    pub(crate) detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "[{}] ", self.rule)?;
        if let Some(conversation) = self.conversation {
            write!(formatter, "{conversation}: ")?;
        }
        formatter.write_str(&self.detail)
    }
}

/// Where violations are gathered.
#[derive(Debug, Default)]
struct Findings {
    rule: &'static str,
    conversation: Option<Uuid>,
    found: Vec<Violation>,
}

impl Findings {
    fn add(&mut self, detail: impl Into<String>) {
        self.found.push(Violation { rule: self.rule, conversation: self.conversation, detail: detail.into() });
    }

    /// What is found from now on concerns this conversation.
    fn about(&mut self, conversation: Uuid) {
        self.conversation = Some(conversation);
    }
}

type Rule = fn(&Evidence<'_>, &mut Findings);

/// The rules, by the promise that each stands for.
const RULES: [(&str, Rule); 12] = [
    ("timelines are dense, and a contact's holds what a contact may see", timelines::check),
    ("every message is there as often as it must be", messages::check),
    ("nothing happens without a cause", causes::check),
    ("what ended before something began comes before it", order::check),
    ("whoever asks is told all that was known before", freshness::check),
    ("every outcome fits a state of the time in which it was told", outcomes::check),
    ("all who saw a version saw the same", agreement::check),
    ("the assistant answers what is its to answer, once, and never over a human", answers::check),
    ("sockets tell each entry once, in order, without gaps", live::check),
    ("what was read stays read", reading::check),
    ("nothing is left undone", settled::check),
    ("the queue holds what the conversations say", queue::check),
];

/// All violations of a history.
pub(crate) fn check(records: &[Record]) -> Vec<Violation> {
    let evidence = Evidence::gather(records);
    let mut findings = Findings::default();
    for (name, rule) in RULES {
        (findings.rule, findings.conversation) = (name, None);
        rule(&evidence, &mut findings);
    }
    findings.found
}
