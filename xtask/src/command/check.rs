//! `cargo xtask check`: everything that can be judged without running the code.

use crate::failure::Result;
use crate::rule;
use crate::steps::{Skips, Steps};
use crate::tool::{files, program};
use crate::workspace::Workspace;

/// Nothing to choose: a change is good or it is not.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {}

/// Runs every check, the quick ones first, and goes on after a failure so that one run shows all there is to mend.
pub(crate) fn run(workspace: &Workspace, Options {}: &Options) -> Result<()> {
    let mut steps = Steps::new(Skips::from_environment());
    let root = workspace.root();
    if let Some(files) = steps.run("files of the project", || files::of_project(root)) {
        steps.run("file lengths", || rule::length::check(root, &files));
        steps.run("words", || rule::words::check(root, &files));
    }
    steps.run("licences, bans, sources", || rule::licences::check(workspace));
    steps.run("format", || program::run(workspace.cargo().args(["fmt", "--all", "--check"])));
    let clippy = steps.run("clippy", || {
        program::run(workspace.cargo().args(["clippy", "--workspace", "--all-targets", "--all-features"]).args(["--", "-D", "warnings"]))
    });
    steps.run("documentation", || {
        program::run(workspace.cargo().args(["doc", "--workspace", "--all-features", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
    });
    if clippy.is_some() {
        steps.run("each feature alone", || rule::features::check(workspace));
    } else {
        steps.skip("each feature alone", "it would repeat what clippy said");
    }
    steps.finish()
}
