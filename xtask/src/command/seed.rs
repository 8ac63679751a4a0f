//! `cargo xtask seed`: a database as full as one that has lived for years.

use std::process::Command;

use crate::failure::Result;
use crate::tool::program;
use crate::workspace::Workspace;

/// How much, and where to.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Conversations
    #[arg(long, default_value_t = 1_000_000)]
    conversations: u64,
    /// Messages, about: they are shared out among the conversations
    #[arg(long, default_value_t = 20_000_000)]
    messages: u64,
    /// An empty database: sqlite://file.db or postgres://...
    #[arg(long, default_value = "sqlite://target/seeded.db")]
    database_url: String,
    /// The same seed at the same time makes the same data
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Builds the seeder, which is part of the benches, optimised and runs it.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(workspace.root()).args(["run", "--quiet", "--release", "--package", "helpdesk-bench", "--", "seed"]);
    cargo.args(["--conversations", &options.conversations.to_string(), "--messages", &options.messages.to_string()]);
    cargo.args(["--database-url", &options.database_url, "--seed", &options.seed.to_string()]);
    program::run(&mut cargo)
}
