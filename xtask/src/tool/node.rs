//! Node and npm, which build and test the pages. Users of the crates need neither.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Context, Failure, Result};
use crate::tool::program;

/// The oldest Node that the tools of the pages run on: major and minor.
const OLDEST_NODE: (u32, u32) = (20, 19);

/// What to do about a Node that is missing or too old.
const ADVICE: &str = "install Node 20.19 or newer with npm, from https://nodejs.org or your system's packages, and put both on the PATH";

/// A Node and npm that are good enough, and the folder they work in.
#[derive(Debug)]
pub(crate) struct Npm {
    folder: PathBuf,
    node_version: String,
}

impl Npm {
    /// Looks at what is installed.
    ///
    /// # Errors
    /// When Node or npm is missing or too old, with what to install.
    pub(crate) fn find(folder: PathBuf) -> Result<Self> {
        let node_version = version("node")?;
        if !new_enough(&node_version) {
            return Err(Failure::new(format!("Node {node_version} is too old: {ADVICE}")));
        }
        let npm_version = version(npm_program())?;
        println!("node {node_version}, npm {npm_version}");
        Ok(Self { folder, node_version })
    }

    /// Installs what the lock file names, unless exactly that was installed before.
    pub(crate) fn install(&self) -> Result<()> {
        let stamp = self.folder.join("node_modules/.installed-from");
        let wanted = self.installed_from()?;
        if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
            println!("node_modules is what package-lock.json says");
            return Ok(());
        }
        program::run(self.npm().arg("ci"))?;
        fs::write(&stamp, wanted).context(format!("writing {}", stamp.display()))
    }

    /// Runs a script of the folder's package.json.
    pub(crate) fn script(&self, name: &str) -> Result<()> {
        program::run(self.npm().args(["run", name]))
    }

    /// The lock file, with the Node it was installed under: packages may pick other files for another one.
    fn installed_from(&self) -> Result<String> {
        let lock = self.folder.join("package-lock.json");
        let lock = fs::read_to_string(&lock).context(format!("reading {}", lock.display()))?;
        Ok(format!("node {}\n{lock}", self.node_version))
    }

    fn npm(&self) -> Command {
        let mut command = Command::new(npm_program());
        command.current_dir(&self.folder);
        command
    }
}

/// Fails on a compressed file below the folder that does not hold what its uncompressed neighbour holds. The standard
/// library of Node reads both formats.
///
/// # Errors
/// When there is such a file; all are named.
pub(crate) fn check_compressed(folder: &Path) -> Result<()> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tool/compressed.mjs");
    program::run(Command::new("node").arg(script).arg(folder))
}

fn npm_program() -> &'static str {
    if cfg!(windows) { "npm.cmd" } else { "npm" }
}

fn version(name: &str) -> Result<String> {
    let answer = program::output(Command::new(name).arg("--version")).map_err(|failure| Failure::new(format!("{failure}\n{ADVICE}")))?;
    Ok(String::from_utf8_lossy(&answer).trim().trim_start_matches('v').to_owned())
}

fn new_enough(version: &str) -> bool {
    let mut numbers = version.split('.').map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= OLDEST_NODE,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        for good in ["20.19.0", "20.20.2", "22.0.0", "100.1.0"] {
            assert!(new_enough(good), "{good}");
        }
        for bad in ["20.9.0", "18.20.4", "9.99.0", "", "unknown"] {
            assert!(!new_enough(bad), "{bad}");
        }
    }

    #[test]
    fn another_lock_file_or_another_node_asks_for_a_new_install() {
        let folder = tempfile::tempdir().unwrap();
        let npm = |node_version: &str| Npm { folder: folder.path().to_owned(), node_version: node_version.to_owned() };
        assert!(npm("20.20.2").installed_from().is_err());
        fs::write(folder.path().join("package-lock.json"), "{}").unwrap();
        let first = npm("20.20.2").installed_from().unwrap();
        assert_ne!(npm("22.1.0").installed_from().unwrap(), first);
        fs::write(folder.path().join("package-lock.json"), "{ }").unwrap();
        assert_ne!(npm("20.20.2").installed_from().unwrap(), first);
    }
}
