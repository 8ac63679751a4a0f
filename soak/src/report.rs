//! What comes out: a table, and what is broken.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::calm;
use crate::checker::Violation;
use crate::memory::Growth;
use crate::nemesis::Kind;

/// How many violations are told; the history has them all.
const TOLD: usize = 20;
/// Memory may grow by this share between the second and the last quarter.
const SHARE: f64 = 0.25;
/// And by this much besides: allocators keep what they once had.
const BESIDES: u64 = 16 << 20;

/// A run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) name: &'static str,
    pub(crate) seed: u64,
    pub(crate) operations: u64,
    pub(crate) done: u64,
    pub(crate) refused: u64,
    pub(crate) unknown: u64,
    pub(crate) repeated: u64,
    pub(crate) races: u64,
    pub(crate) conversations: usize,
    pub(crate) entries: usize,
    /// Answers that were tried too often, of which contact and team are told.
    pub(crate) given_up: usize,
    pub(crate) frames: u64,
    pub(crate) reconnects: u64,
    pub(crate) faults: Vec<Kind>,
    pub(crate) load: Duration,
    pub(crate) whole: Duration,
    pub(crate) growth: Option<Growth>,
    pub(crate) violations: usize,
    /// How many calms in a row went by without work.
    pub(crate) idle: usize,
}

impl Run {
    /// Whether memory grew more than it may.
    pub(crate) fn grew(&self) -> bool {
        self.growth.is_some_and(|growth| growth.after > (growth.before as f64 * (1.0 + SHARE)) as u64 + BESIDES)
    }

    /// Whether everything was as it must be.
    pub(crate) fn passed(&self) -> bool {
        self.violations == 0 && !self.grew() && self.idle < calm::TOO_MANY
    }
}

/// Tells what is broken.
pub(crate) fn violations(violations: &[Violation]) {
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for violation in violations {
        *rules.entry(violation.rule).or_default() += 1;
    }
    for (rule, count) in rules {
        eprintln!("BROKEN {count} times: {rule}");
        for violation in violations.iter().filter(|violation| violation.rule == rule).take(TOLD) {
            eprintln!("  {violation}");
        }
    }
}

/// Prints the table.
pub(crate) fn table(runs: &[Run]) {
    let mut rows: Vec<(&str, Vec<String>)> = Vec::new();
    let mut row = |name, cell: &dyn Fn(&Run) -> String| rows.push((name, runs.iter().map(cell).collect()));
    row("seed", &|run| run.seed.to_string());
    row("operations", &|run| run.operations.to_string());
    row("acknowledged", &|run| run.done.to_string());
    row("refused by the rules", &|run| run.refused.to_string());
    row("unknown", &|run| run.unknown.to_string());
    row("tried more than once", &|run| run.repeated.to_string());
    row("claim races", &|run| run.races.to_string());
    row("conversations", &|run| run.conversations.to_string());
    row("entries", &|run| run.entries.to_string());
    row("answers given up", &|run| run.given_up.to_string());
    row("frames", &|run| run.frames.to_string());
    row("sockets opened again", &|run| run.reconnects.to_string());
    row("faults", &|run| faults(&run.faults));
    row("load", &|run| seconds(run.load));
    row("in all", &|run| seconds(run.whole));
    row("memory of the longest life", &|run| run.growth.map_or_else(|| "too short to tell".to_owned(), memory));
    row("calms in a row without work", &|run| run.idle.to_string());
    row("verdict", &|run| match run.violations {
        0 if run.passed() => "passed".to_owned(),
        0 if run.grew() => "MEMORY GREW".to_owned(),
        0 => "DID NOT RECOVER".to_owned(),
        count => format!("{count} VIOLATIONS"),
    });
    let names: Vec<&str> = runs.iter().map(|run| run.name).collect();
    println!("\n| | {} |\n|---|{}", names.join(" | "), "---|".repeat(runs.len()));
    for (name, cells) in rows {
        println!("| {name} | {} |", cells.join(" | "));
    }
    println!("\n{} operations in all", runs.iter().map(|run| run.operations).sum::<u64>());
}

fn faults(kinds: &[Kind]) -> String {
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    for kind in kinds {
        *counts.entry(*kind).or_default() += 1;
    }
    let told: Vec<String> = counts.iter().map(|(kind, count)| format!("{count} {}", kind.name())).collect();
    format!("{}: {}", kinds.len(), told.join(", "))
}

fn seconds(time: Duration) -> String {
    format!("{:.0} s", time.as_secs_f64())
}

fn memory(growth: Growth) -> String {
    let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    format!("{:.0} MiB, then {:.0} MiB in {}", mebibytes(growth.before), mebibytes(growth.after), seconds(growth.lived))
}
