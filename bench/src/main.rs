//! The benches, run by `cargo xtask bench`.
//!
//! Each bench measures the product and a floor: the cheapest honest program that does a comparable job, written here.
//! Both run as processes of their own, by turns in the same minutes, because disks and clocks drift. What counts is the
//! ratio. One JSON object a bench goes to standard output, and at the end a table to standard error.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this program talks to a person at a terminal, and to scripts")]

mod case;
mod connection;
mod floor;
mod load;
#[path = "../../helpdesk-store/tests/common/postgres.rs"]
mod postgres;
mod process;
mod product;
mod report;
mod seed;
mod socket;
mod statistics;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// That of the standalone server. Floors have it as well.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What goes wrong ends the program.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

#[derive(Debug, Parser)]
#[command(name = "helpdesk-bench")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the benches
    Run(case::Options),
    /// Serves the helpdesk on this database, without limits on how often
    Product {
        /// A file of SQLite, or the URL of a Postgres database
        database: String,
        /// Whether jobs are worked off
        #[arg(long)]
        workers: bool,
    },
    /// Fills an empty database with lifelike data
    Seed(seed::Options),
    /// Serves a floor
    #[command(subcommand)]
    Floor(floor::Kind),
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Run(options) => case::run(options).await,
        Command::Product { database, workers } => product::serve(&database, workers).await,
        Command::Seed(options) => seed::run(options).await,
        Command::Floor(kind) => floor::serve(kind).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
