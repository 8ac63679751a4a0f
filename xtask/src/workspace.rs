//! Where the workspace is and what cargo says about it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::failure::{Context, Failure, Result};
use crate::tool::program;

/// The checked-out project.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The workspace this program was built from.
    pub(crate) fn containing_this_program() -> Result<Self> {
        let own_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        match own_folder.parent() {
            Some(root) if root.join("Cargo.toml").is_file() => Ok(Self { root: root.to_owned() }),
            _ => Err(Failure::new(format!("{} is gone; was the project moved? Run `cargo xtask` from inside it", own_folder.display()))),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The sources of the pages, an npm workspace of their own.
    pub(crate) fn ui(&self) -> PathBuf {
        self.root.join("helpdesk-http/ui")
    }

    /// The built pages, committed, so that users of the crate need no Node.
    pub(crate) fn assets(&self) -> PathBuf {
        self.root.join("helpdesk-http/assets")
    }

    /// A cargo command in the workspace's root.
    ///
    /// `cargo run` tells this program about its own package through the environment. Handed on, those variables would
    /// reach build scripts that ask to be run again when they change, and every switch between `cargo test` and
    /// `cargo xtask test` would build such crates and all that depends on them anew.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(tells_about_this_package) {
                command.env_remove(name);
            }
        }
        command.current_dir(&self.root);
        command
    }

    /// The packages of the workspace itself.
    pub(crate) fn members(&self) -> Result<Vec<Package>> {
        self.metadata(&["--no-deps"])
    }

    /// Every package that any feature on any platform brings in.
    pub(crate) fn dependencies(&self) -> Result<Vec<Package>> {
        self.metadata(&["--all-features"])
    }

    fn metadata(&self, arguments: &[&str]) -> Result<Vec<Package>> {
        let mut command = self.cargo();
        command.args(["metadata", "--format-version", "1", "--locked"]).args(arguments);
        let answer = program::output(&mut command)?;
        let metadata: Metadata = serde_json::from_slice(&answer).context("reading the answer of cargo metadata")?;
        Ok(metadata.packages)
    }
}

fn tells_about_this_package(variable: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| variable.starts_with(prefix))
        || ["CARGO_BIN_NAME", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE"].contains(&variable)
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

/// One package, as far as the rules ask.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// An SPDX expression.
    pub(crate) license: Option<String>,
    /// The registry or repository; none for the packages of this workspace.
    pub(crate) source: Option<String>,
    pub(crate) features: std::collections::BTreeMap<String, Vec<String>>,
    pub(crate) targets: Vec<Target>,
}

/// One thing cargo builds from a package.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Target {
    pub(crate) kind: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_describes_the_package_being_run_is_kept_from_cargo() {
        for own in ["CARGO_PKG_NAME", "CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_BIN_NAME"] {
            assert!(tells_about_this_package(own), "{own}");
        }
        for other in ["CARGO", "CARGO_HOME", "CARGO_TARGET_DIR", "CARGO_NET_OFFLINE", "PATH"] {
            assert!(!tells_about_this_package(other), "{other}");
        }
    }
}
