//! The helpdesk under load and faults, run by `cargo xtask soak`.
//!
//! Clients act as the pages do, on servers that are killed, stopped and cut off from what they need. All that clients did
//! and saw becomes a history, and a [checker] that knows nothing of how it came about judges it.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this program talks to a person at a terminal")]

mod calm;
mod checker;
mod client;
mod history;
mod memory;
mod nemesis;
mod report;
mod run;
mod server;
mod settle;
mod wire;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What goes wrong ends the program.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, Parser)]
#[command(name = "helpdesk-soak")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the soak
    Run(run::Options),
    /// Judges a history that was kept
    Check {
        /// The file
        history: PathBuf,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Run(options) => run::all(options).await,
        Command::Check { history } => check(&history),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn check(history: &std::path::Path) -> Result<(), Failure> {
    let records = history::read(history)?;
    let violations = checker::check(&records);
    report::violations(&violations);
    if violations.is_empty() { Ok(()) } else { Err(format!("{} promises are broken", violations.len()).into()) }
}
