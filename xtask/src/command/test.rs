//! `cargo xtask test`: every test of the project, with what they need.
//!
//! The pages come first: the browser tests among the Rust tests start scripts that need `node_modules`, and the
//! assets, which a crate embeds, must not change once that crate is built.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::assets::Snapshot;
use crate::command::soak;
use crate::failure::{Failure, Result};
use crate::steps::{Skips, Steps};
use crate::tool::node::Npm;
use crate::tool::{chromium, git, nats, node, postgres, program};
use crate::workspace::Workspace;

/// What to leave out, on a machine that lacks something. Continuous integration (the variable `CI`) accepts no omission.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Leave out the pages and the browser, for a machine without Node
    #[arg(long)]
    without_ui: bool,
    /// Leave out the browser
    #[arg(long)]
    without_browser: bool,
}

/// Provides what the tests need, then runs them all.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let mut steps = Steps::new(Skips::from_environment());
    let ready = pages(workspace, options, &mut steps);
    let browser = browser(options, &mut steps);
    // The tests of the Postgres store and of the buses fail without them, each with what to install.
    steps.run("postgres", postgres::find_or_install);
    steps.run("nats", nats::find_or_install);
    rust(workspace, ready, browser.as_deref(), &mut steps);
    steps.finish()
}

/// Checks and builds the pages. True when what the browser tests need of Node is there.
fn pages(workspace: &Workspace, options: &Options, steps: &mut Steps) -> bool {
    if options.without_ui {
        steps.skip("pages", "--without-ui was given");
        return false;
    }
    let Some(npm) = steps.run("node and npm", || Npm::find(workspace.ui())) else {
        return false;
    };
    if steps.run("npm ci", || npm.install()).is_none() {
        return false;
    }
    let checks = [
        ("pages: the wire's types are what openapi.json generates", "generated"),
        ("pages: lint", "lint"),
        ("pages: types", "typecheck"),
        ("pages: unit tests", "test"),
    ];
    for (name, script) in checks {
        steps.run(name, || npm.script(script));
    }
    built_assets(workspace, &npm, steps);
    true
}

/// Builds the pages and compares them with the committed ones, which stay as they are.
fn built_assets(workspace: &Workspace, npm: &Npm, steps: &mut Steps) {
    steps.run("pages: compressed assets", || node::check_compressed(&workspace.assets()));
    let before = steps.run("pages: committed assets", || Snapshot::take(workspace.assets()));
    let Some(before) = before else { return };
    let built = steps.run("pages: build", || npm.script("build")).and_then(|()| steps.run("pages: pack", || npm.script("pack")));
    if built.is_some() {
        steps.run("pages: size", || npm.script("size"));
        steps.run("pages: assets are what the sources build", || before.compare());
    }
    steps.run("pages: assets as they were", || before.restore());
    committed(workspace, steps);
}

/// Equal to the sources is not yet committed. A source archive, which git does not know, has nothing to commit.
fn committed(workspace: &Workspace, steps: &mut Steps) {
    let name = "pages: assets are committed";
    if !git::knows(workspace.root()) {
        return;
    }
    match git::uncommitted(workspace.root(), &workspace.assets()) {
        // A change in progress is no fault on somebody's own machine; in continuous integration there can be none.
        Ok(changes) if !changes.is_empty() => {
            let reason = format!("{} of them differ from the last commit", changes.len());
            steps.skip(name, &reason);
        }
        answer => {
            steps.run(name, || answer.map(|_| ()));
        }
    }
}

fn browser(options: &Options, steps: &mut Steps) -> Option<PathBuf> {
    if options.without_ui || options.without_browser {
        steps.skip("browser", "an option left it out");
        return None;
    }
    steps.run("browser", chromium::find_or_install)
}

/// The Rust tests, documentation examples included. Building is a step of its own, so that the table tells the two times apart.
fn rust(workspace: &Workspace, node_modules: bool, browser: Option<&Path>, steps: &mut Steps) {
    let browser = browser.filter(|_| node_modules);
    let tests = |arguments: &[&str]| -> Command {
        let mut command = workspace.cargo();
        command.args(["test", "--workspace", "--all-features"]).args(arguments);
        if let Some(browser) = browser {
            command.env(chromium::VARIABLE, browser);
        } else {
            command.env(WITHOUT_BROWSER, "1");
        }
        command
    };
    if browser.is_none() {
        steps.skip("browser tests", "Node, its packages or the browser is not there, see above");
    }
    if steps.run("build the tests", || program::run(&mut tests(&["--no-run"]))).is_none() {
        return;
    }
    steps.run("tests", || {
        program::run(&mut tests(&["--no-fail-fast"])).map_err(|failure| Failure::new(format!("{failure}; the failures are listed above")))
    });
    steps.run("soak, quick", || soak::run(workspace, &soak::Options::quick()));
}

/// Tells `tests/browser.rs` that it was left out on purpose. Without this variable a missing browser is a failure there.
const WITHOUT_BROWSER: &str = "HELPDESK_WITHOUT_BROWSER";
