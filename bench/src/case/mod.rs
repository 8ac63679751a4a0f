//! The benches, one file a subject, and the order in which they run.

mod crowd;
mod fanout;
mod ingest;
mod latency;
mod queue;
mod size;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::Failure;
use crate::report::{Row, table};
use crate::statistics::median;

/// What is run, and how long.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// One round of each, 100,000 conversations for the large size
    #[arg(long)]
    quick: bool,
    /// Only the benches whose names contain this
    #[arg(long)]
    only: Option<String>,
    /// Where seeded files are kept between runs
    #[arg(long, default_value = "target/bench")]
    folder: PathBuf,
}

impl Options {
    const fn rounds(&self) -> usize {
        if self.quick { 1 } else { 3 }
    }

    const fn span(&self) -> Duration {
        Duration::from_secs(if self.quick { 3 } else { 6 })
    }

    const fn many(&self) -> u64 {
        if self.quick { 100_000 } else { 1_000_000 }
    }

    fn wants(&self, names: &[&str]) -> bool {
        self.only.as_deref().is_none_or(|part| names.iter().any(|name| name.contains(part)))
    }
}

/// Runs the benches.
pub(crate) async fn run(options: Options) -> Result<(), Failure> {
    std::fs::create_dir_all(&options.folder)?;
    let mut rows = Vec::new();
    let mut report = |done: Vec<Row>| {
        done.iter().for_each(Row::print);
        rows.extend(done);
    };
    if options.wants(&["ingest_sqlite", "ingest_p99"]) {
        report(ingest::run(&options).await?);
    }
    if options.wants(&["ingest_postgres"]) {
        report(ingest::run_on_postgres(&options).await?);
    }
    if options.wants(&["live_latency"]) {
        report(latency::run(&options).await?);
    }
    if options.wants(&["queue_flat", "queue_rate"]) {
        report(queue::run(&options).await?);
    }
    if options.wants(&["fanout_rate", "fanout_cpu"]) {
        report(fanout::run(&options).await?);
    }
    if options.wants(&["slow_readers"]) {
        report(fanout::slow_readers(&options).await?);
    }
    if options.wants(&["crowd_p99", "crowd_memory"]) {
        report(crowd::run(&options).await?);
    }
    if options.wants(&["socket_memory", "cold_start", "memory"]) {
        report(size::run(&options).await?);
    }
    table(&rows);
    Ok(())
}

/// Product and floor by turns: the medians of both.
pub(super) fn medians(rounds: &[(f64, f64)]) -> (f64, f64) {
    let (product, floor): (Vec<_>, Vec<_>) = rounds.iter().copied().unzip();
    (median(&product), median(&floor))
}
