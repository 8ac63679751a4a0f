//! `cargo xtask soak`: the helpdesk under load and faults, its history judged by a checker.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Result;
use crate::tool::program;
use crate::workspace::Workspace;

/// What is run.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// A few thousand operations, each fault once, on an unoptimised build
    #[arg(long)]
    quick: bool,
    /// Only one: postgres, nats or sqlite
    #[arg(long)]
    only: Option<String>,
    /// What chance begins with; a new one each time if it is not given
    #[arg(long)]
    seed: Option<u64>,
    /// Operations of each run
    #[arg(long)]
    operations: Option<u64>,
    /// Judges a history that was kept, and runs nothing
    #[arg(long, value_name = "FILE", exclusive = true)]
    check: Option<PathBuf>,
}

/// Builds the server and the soak, and runs it.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if let Some(history) = &options.check {
        return program::run(soak(workspace, false).arg("check").arg(history));
    }
    if options.quick {
        build(workspace, false)?;
        return quick(workspace, options);
    }
    build(workspace, true)?;
    start(workspace, options, true)
}

/// The quick run alone, for who has built the examples already.
pub(crate) fn quick_as_built(workspace: &Workspace) -> Result<()> {
    quick(workspace, &Options { quick: true, only: None, seed: None, operations: None, check: None })
}

fn quick(workspace: &Workspace, options: &Options) -> Result<()> {
    start(workspace, options, false)
}

/// The standalone server.
fn build(workspace: &Workspace, optimised: bool) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--quiet", "--example", "standalone"]).args(optimised.then_some("--release"));
    program::run(&mut cargo)
}

fn soak(workspace: &Workspace, optimised: bool) -> Command {
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--quiet", "--package", "helpdesk-soak"]).args(optimised.then_some("--release")).arg("--");
    cargo
}

fn start(workspace: &Workspace, options: &Options, optimised: bool) -> Result<()> {
    let target = target(workspace);
    let server = target.join(if optimised { "release" } else { "debug" }).join("examples/standalone");
    let mut cargo = soak(workspace, optimised);
    cargo.arg("run").arg("--server").arg(server).arg("--folder").arg(target.join("soak"));
    cargo.args(options.quick.then_some("--quick"));
    cargo.args(options.only.iter().flat_map(|only| ["--only", only]));
    cargo.args(options.seed.iter().flat_map(|seed| ["--seed".to_owned(), seed.to_string()]));
    cargo.args(options.operations.iter().flat_map(|count| ["--operations".to_owned(), count.to_string()]));
    program::run(&mut cargo)
}

fn target(workspace: &Workspace) -> PathBuf {
    let named = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    workspace.root().join(named.as_deref().unwrap_or(Path::new("target")))
}
