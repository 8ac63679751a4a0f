//! The steps of a command: their names, their times, how they ended, and the table at the end.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::failure::{Failure, Result};

/// Runs steps one after the other and remembers how each went.
#[derive(Debug)]
pub(crate) struct Steps {
    finished: Vec<Step>,
    skips: Skips,
}

/// Whether a step that was left out still lets the command succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Skips {
    /// On somebody's own machine: said loudly, but no failure.
    Told,
    /// In continuous integration, where what was not tried must not look like what passed.
    Refused,
}

impl Skips {
    /// What holds here: the environment variable `CI` marks continuous integration.
    pub(crate) fn from_environment() -> Self {
        match std::env::var("CI").as_deref() {
            Err(_) | Ok("" | "0" | "false") => Self::Told,
            Ok(_) => Self::Refused,
        }
    }
}

#[derive(Debug)]
struct Step {
    name: String,
    took: Duration,
    outcome: Outcome,
}

#[derive(Debug)]
enum Outcome {
    Passed,
    Failed(Failure),
    Skipped(String),
}

impl Steps {
    pub(crate) fn new(skips: Skips) -> Self {
        Self { finished: Vec::new(), skips }
    }

    /// Runs one step. `None` means that it failed; the failure was printed and is kept for [`Steps::finish`].
    pub(crate) fn run<T>(&mut self, name: &str, action: impl FnOnce() -> Result<T>) -> Option<T> {
        println!("\n── {name}");
        let started = Instant::now();
        let result = action();
        let took = started.elapsed();
        let (outcome, value) = match result {
            Ok(value) => (Outcome::Passed, Some(value)),
            Err(failure) => {
                eprintln!("failed: {failure}");
                (Outcome::Failed(failure), None)
            }
        };
        self.finished.push(Step { name: name.to_owned(), took, outcome });
        value
    }

    /// Records a step that was not tried, and says so at once.
    pub(crate) fn skip(&mut self, name: &str, reason: &str) {
        eprintln!("\n!! {name}: SKIPPED, {reason}");
        self.finished.push(Step { name: name.to_owned(), took: Duration::ZERO, outcome: Outcome::Skipped(reason.to_owned()) });
    }

    /// Prints the table and judges the whole.
    ///
    /// # Errors
    /// When a step failed, or one was skipped where [`Skips::Refused`] holds.
    pub(crate) fn finish(self) -> Result<()> {
        println!("\n{}", self.table());
        self.verdict()
    }

    fn verdict(&self) -> Result<()> {
        let mut wrong: Vec<&str> = Vec::new();
        for step in &self.finished {
            match step.outcome {
                Outcome::Passed => {}
                Outcome::Failed(_) => wrong.push(&step.name),
                Outcome::Skipped(_) if self.skips == Skips::Refused => wrong.push(&step.name),
                Outcome::Skipped(_) => {}
            }
        }
        if wrong.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format!("failed, or skipped where nothing may be: {}", wrong.join(", "))))
    }

    fn table(&self) -> String {
        let width = self.finished.iter().map(|step| step.name.chars().count()).max().unwrap_or(0);
        let mut table = String::new();
        for step in &self.finished {
            let outcome = match &step.outcome {
                Outcome::Passed => "passed".to_owned(),
                Outcome::Failed(failure) => format!("FAILED: {}", first_line(&failure.to_string())),
                Outcome::Skipped(reason) => format!("SKIPPED: {reason}"),
            };
            let took = seconds(step.took);
            let _ = writeln!(table, "{:<width$}  {took:>9}  {outcome}", step.name);
        }
        let total = seconds(self.finished.iter().map(|step| step.took).sum());
        let _ = write!(table, "{:<width$}  {total:>9}", "total");
        table
    }
}

/// Minutes and seconds as a person reads them: `4.2 s`, `3 min 07 s`.
fn seconds(time: Duration) -> String {
    let whole = time.as_secs();
    if whole < 60 { format!("{:.1} s", time.as_secs_f64()) } else { format!("{} min {:02} s", whole / 60, whole % 60) }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_passes_hands_on_its_value() {
        let mut steps = Steps::new(Skips::Refused);
        assert_eq!(steps.run("count", || Ok(3)), Some(3));
        assert_eq!(steps.verdict(), Ok(()));
    }

    #[test]
    fn a_failed_step_is_named_and_the_later_ones_still_run() {
        let mut steps = Steps::new(Skips::Told);
        assert_eq!(steps.run("first", || Err::<(), _>(Failure::new("broken\ndetails"))), None);
        assert_eq!(steps.run("second", || Ok(())), Some(()));
        let failure = steps.verdict().unwrap_err().to_string();
        assert!(failure.contains("first"), "{failure}");
        assert!(!failure.contains("second"), "{failure}");
        assert!(steps.table().contains("FAILED: broken\n"), "{}", steps.table());
    }

    #[test]
    fn a_skip_is_told_at_home_and_refused_in_continuous_integration() {
        for (skips, passes) in [(Skips::Told, true), (Skips::Refused, false)] {
            let mut steps = Steps::new(skips);
            steps.skip("browser", "no browser here");
            assert_eq!(steps.verdict().is_ok(), passes, "{skips:?}");
            assert!(steps.table().contains("SKIPPED: no browser here"));
        }
    }

    #[test]
    fn times_read_like_times() {
        assert_eq!(seconds(Duration::from_millis(4_240)), "4.2 s");
        assert_eq!(seconds(Duration::from_secs(187)), "3 min 07 s");
    }
}
