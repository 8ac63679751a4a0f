//! Which files belong to the project.

use std::path::{Path, PathBuf};

use crate::failure::{Context, Result};
use crate::tool::git;

/// Folders that hold what programs write.
const WRITTEN_BY_PROGRAMS: [&str; 4] = [".git", "target", "node_modules", "dist"];

/// The project's files, relative to the root: what git says, or in a source archive all but the folders that programs write.
pub(crate) fn of_project(root: &Path) -> Result<Vec<PathBuf>> {
    if git::knows(root) {
        return git::files(root);
    }
    let mut files = Vec::new();
    walk(root, root, &mut files)?;
    Ok(files)
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let reading = || format!("reading {}", folder.display());
    for entry in std::fs::read_dir(folder).context(reading())? {
        let entry = entry.context(reading())?;
        let path = entry.path();
        let kind = entry.file_type().context(reading())?;
        if kind.is_dir() {
            let name = entry.file_name();
            if !WRITTEN_BY_PROGRAMS.iter().any(|written| name == *written) {
                walk(root, &path, files)?;
            }
        } else if kind.is_file() {
            let relative = path.strip_prefix(root).context(reading())?;
            files.push(relative.to_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_git_everything_counts_but_what_programs_write() {
        let root = tempfile::tempdir().unwrap();
        for file in ["src/lib.rs", "README.md", "target/debug/x.rs", "ui/node_modules/a/index.ts"] {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let mut files = of_project(root.path()).unwrap();
        files.sort();
        assert_eq!(files, [Path::new("README.md"), Path::new("src/lib.rs")]);
    }
}
