//! `cargo xtask bench`: how fast it is, against the cheapest programs that do the same.

use std::process::Command;

use crate::failure::Result;
use crate::tool::program;
use crate::workspace::Workspace;

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// One round of each, with 100,000 conversations for the large size
    #[arg(long)]
    quick: bool,
    /// Only the benches whose names contain this
    #[arg(long)]
    only: Option<String>,
}

/// Builds the benches as one builds a server that is to run for long, and runs them; thousands of sockets need as many file descriptors.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let folder = workspace.root().join("target/bench");
    let mut cargo = Command::new("sh");
    cargo.current_dir(workspace.root()).args(["-c", "ulimit -n \"$(ulimit -Hn)\" && exec \"$@\"", "bench"]);
    cargo
        .args([env!("CARGO"), "run", "--quiet", "--profile", "distribution", "--package", "helpdesk-bench", "--", "run", "--folder"])
        .arg(folder);
    cargo.args(options.quick.then_some("--quick"));
    cargo.args(options.only.iter().flat_map(|only| ["--only", only]));
    program::run(&mut cargo)
}
