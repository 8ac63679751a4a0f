//! Each feature of each library crate must compile alone, as its user takes it: without our dev-dependencies.
//!
//! The workspace build hides gating faults, because it turns every feature on at once, and because the root package depends on
//! itself with all features for its examples. Checking only the library target (`--lib`) leaves dev-dependencies out of the
//! feature selection, which is what cargo-hack does by rewriting the manifest.

use std::process::Command;

use crate::failure::{Failure, Result};
use crate::tool::program;
use crate::workspace::{Package, Workspace};

/// Lints every selection; all faults are collected before it fails.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let members = workspace.members()?;
    let selections = selections(&members);
    let mut broken = Vec::new();
    for selection in &selections {
        if program::run(&mut selection.command(workspace)).is_err() {
            broken.push(selection.to_string());
        }
    }
    if broken.is_empty() {
        println!("{} selections of features compile alone", selections.len());
        return Ok(());
    }
    Err(Failure::new(format!("do not compile alone without warnings: {}", broken.join(", "))))
}

/// A library with at most one feature on.
#[derive(Debug, PartialEq, Eq)]
struct Selection {
    package: String,
    feature: Option<String>,
}

impl Selection {
    /// Clippy, not `cargo check`: it costs the same, and its `-D warnings` reaches this workspace's crates alone, while
    /// `RUSTFLAGS` would build every dependency a second time.
    fn command(&self, workspace: &Workspace) -> Command {
        let mut command = workspace.cargo();
        command.args(["clippy", "--quiet", "--lib", "--no-default-features"]);
        command.args(["--package", &self.package]);
        if let Some(feature) = &self.feature {
            command.args(["--features", feature]);
        }
        command.args(["--", "-D", "warnings"]);
        command
    }
}

impl std::fmt::Display for Selection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.feature {
            None => write!(formatter, "{} without features", self.package),
            Some(feature) => write!(formatter, "{} with {feature}", self.package),
        }
    }
}

fn selections(members: &[Package]) -> Vec<Selection> {
    members
        .iter()
        .filter(|package| package.targets.iter().any(|target| target.kind.iter().any(|kind| kind == "lib")))
        .flat_map(|package| {
            let alone = package.features.keys().filter(|feature| *feature != "default").map(|feature| Some(feature.clone()));
            std::iter::once(None).chain(alone).map(|feature| Selection { package: package.name.clone(), feature })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Target;

    fn package(name: &str, kind: &str, features: &[&str]) -> Package {
        Package {
            name: name.to_owned(),
            version: "0.1.0".to_owned(),
            license: None,
            source: None,
            features: features.iter().map(|feature| ((*feature).to_owned(), Vec::new())).collect(),
            targets: vec![Target { kind: vec![kind.to_owned()] }],
        }
    }

    #[test]
    fn each_library_is_taken_bare_and_with_each_feature() {
        let members = [package("store", "lib", &["default", "sqlite", "postgres"]), package("xtask", "bin", &["extra"])];
        let names: Vec<String> = selections(&members).iter().map(Selection::to_string).collect();
        assert_eq!(names, ["store without features", "store with postgres", "store with sqlite"]);
    }
}
