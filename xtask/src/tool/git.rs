//! What git knows about the files.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Context, Result};
use crate::tool::program;

/// Whether the folder is a work tree that git can be asked about. A source archive is none.
pub(crate) fn knows(root: &Path) -> bool {
    root.join(".git").exists() && program::find(&program_name()).is_some()
}

/// The files git tracks, and those it would track after `git add`, so that a rule speaks up before the commit. Relative to the root.
pub(crate) fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut command = git(root);
    command.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"]);
    let listed = String::from_utf8(program::output(&mut command)?).context("reading the file names of git ls-files")?;
    Ok(listed.split_terminator('\0').map(PathBuf::from).filter(|file| root.join(file).is_file()).collect())
}

/// The files below a folder that differ from the last commit, as `git status` words them.
pub(crate) fn uncommitted(root: &Path, folder: &Path) -> Result<Vec<String>> {
    let mut command = git(root);
    command.args(["status", "--porcelain", "--untracked-files=all", "--"]).arg(folder);
    let answer = String::from_utf8(program::output(&mut command)?).context("reading the answer of git status")?;
    Ok(answer.lines().map(str::to_owned).collect())
}

/// Git refuses a work tree that belongs to another user, which is how a container often sees the mounted sources; this folder is meant.
fn git(root: &Path) -> Command {
    let mut command = Command::new(program_name());
    command.arg("-c").arg(format!("safe.directory={}", root.display())).current_dir(root);
    command
}

fn program_name() -> String {
    format!("git{}", std::env::consts::EXE_SUFFIX)
}
