//! `cargo xtask ui`: builds the pages and writes what the crates embed.

use crate::failure::Result;
use crate::steps::{Skips, Steps};
use crate::tool::node::Npm;
use crate::workspace::Workspace;

/// Nothing to choose.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {}

/// Installs what the pages are built with, builds them, and packs them into `helpdesk-http/assets`.
pub(crate) fn run(workspace: &Workspace, Options {}: &Options) -> Result<()> {
    let mut steps = Steps::new(Skips::from_environment());
    if let Some(npm) = steps.run("node and npm", || Npm::find(workspace.ui())) {
        // Each step needs the one before it.
        let _ = steps
            .run("npm ci", || npm.install())
            .and_then(|()| steps.run("build the pages", || npm.script("build")))
            .and_then(|()| steps.run("pack the assets", || npm.script("pack")));
    }
    steps.finish()
}
