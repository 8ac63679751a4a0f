//! The reference server: the helpdesk with a log-in of its own, a demo page, and metrics, in one SQLite file or, for
//! many nodes, on one Postgres.
//!
//! `cargo run --example standalone` needs no flags, no key and no service. `--help` names the flags and their environment
//! variables; `docs/standalone.md` tells how to run it for real.

mod accounts;
mod client_address;
mod database;
mod demo_page;
mod doorkeeper;
mod flags;
mod logging;
mod metrics;
mod secret_key;
mod seed;
mod server;
mod serving;

use std::process::ExitCode;

use clap::Parser as _;

use flags::Flags;

/// Requests allocate much and briefly, on whichever thread they are.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What this program's own code fails with: a sentence for the person who started it.
type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let flags = Flags::parse();
    logging::start(flags.log_format);
    match server::run(flags).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}
