//! `cargo xtask soak`: the helpdesk under load and faults, its history judged by a checker.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Result;
use crate::tool::{nats, postgres, program};
use crate::workspace::Workspace;

/// What is run.
#[derive(Debug, Default, clap::Args)]
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

impl Options {
    /// The quick run.
    pub(crate) fn quick() -> Self {
        Self { quick: true, ..Self::default() }
    }
}

/// Builds the server and the soak, and runs it.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let optimised = !options.quick && options.check.is_none();
    build(workspace, optimised)?;
    let target = target(workspace);
    let built = target.join(if optimised { "release" } else { "debug" });
    let mut soak = Command::new(built.join("helpdesk-soak"));
    if let Some(history) = &options.check {
        return program::run(soak.arg("check").arg(history));
    }
    if options.only.as_deref() != Some("sqlite") {
        postgres::find_or_install()?;
        nats::find_or_install()?;
    }
    soak.arg("run").arg("--server").arg(built.join("examples/standalone")).arg("--folder").arg(target.join("soak"));
    soak.args(options.quick.then_some("--quick"));
    soak.args(options.only.iter().flat_map(|only| ["--only", only]));
    soak.args(options.seed.iter().flat_map(|seed| ["--seed".to_owned(), seed.to_string()]));
    soak.args(options.operations.iter().flat_map(|count| ["--operations".to_owned(), count.to_string()]));
    program::run(&mut soak)
}

/// With the features of the tests, so that after them nothing is built again.
fn build(workspace: &Workspace, optimised: bool) -> Result<()> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--quiet", "--workspace", "--all-features", "--bin", "helpdesk-soak", "--example", "standalone"]);
    program::run(cargo.args(optimised.then_some("--release")))
}

fn target(workspace: &Workspace) -> PathBuf {
    let named = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    workspace.root().join(named.as_deref().unwrap_or(Path::new("target")))
}
