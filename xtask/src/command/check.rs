//! `cargo xtask check`: everything that can be judged without running the code.

use crate::failure::Result;
use crate::rule;
use crate::steps::{Skips, Steps};
use crate::tool::{git, program};
use crate::workspace::Workspace;

/// Nothing to choose: a change is good or it is not.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {}

/// Runs every check, the quick ones first, and goes on after a failure so that one run shows all there is to mend.
pub(crate) fn run(workspace: &Workspace, Options {}: &Options) -> Result<()> {
    let mut steps = Steps::new(Skips::from_environment());
    written(workspace, &mut steps);
    steps.run("licences, bans, sources", || {
        rule::licences::check(workspace)
    });
    steps.run("format", || {
        program::run(workspace.cargo().args(["fmt", "--all", "--check"]))
    });
    let clippy = steps.run("clippy", || {
        program::run(
            workspace
                .cargo()
                .args(["clippy", "--workspace", "--all-targets", "--all-features"])
                .args(["--", "-D", "warnings"]),
        )
    });
    steps.run("documentation", || {
        program::run(
            workspace
                .cargo()
                .args(["doc", "--workspace", "--all-features", "--no-deps"])
                .env("RUSTDOCFLAGS", "-D warnings"),
        )
    });
    if clippy.is_some() {
        steps.run("each feature alone", || rule::features::check(workspace));
    } else {
        steps.skip("each feature alone", "it would repeat what clippy said");
    }
    steps.finish()
}

/// The rules on what is written, which need git to know what belongs to the project.
fn written(workspace: &Workspace, steps: &mut Steps) {
    let root = workspace.root();
    if !git::knows(root) {
        for name in ["file lengths", "words"] {
            steps.skip(
                name,
                "only a git work tree with git installed says which files count",
            );
        }
        return;
    }
    steps.run("file lengths", || {
        rule::length::check(root, &git::files(root)?)
    });
    steps.run("words", || rule::words::check(root, &git::files(root)?));
}
