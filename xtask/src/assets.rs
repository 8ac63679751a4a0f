//! The proof that the committed pages are what their sources build.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::failure::{Context, Failure, Result};

/// What to do when the proof fails.
const ADVICE: &str = "run `cargo xtask ui` and commit helpdesk-http/assets";

/// The assets as they were before the pages were built. Packing writes into the same folder, so they are kept in memory.
#[derive(Debug)]
pub(crate) struct Snapshot {
    folder: PathBuf,
    files: BTreeMap<PathBuf, Asset>,
}

#[derive(Debug)]
struct Asset {
    bytes: Vec<u8>,
    modified: SystemTime,
}

impl Snapshot {
    pub(crate) fn take(folder: PathBuf) -> Result<Self> {
        let mut files = BTreeMap::new();
        if folder.is_dir() {
            collect(&folder, &folder, &mut files)?;
        }
        Ok(Self { folder, files })
    }

    /// Compares with what lies in the folder now.
    ///
    /// Two builds of Node may compress differently, so of a compressed file only the presence is compared; that it holds
    /// its neighbour's bytes is judged by `compressed.mjs`.
    ///
    /// # Errors
    /// When a file is missing, is too many, or differs; all are named.
    pub(crate) fn compare(&self) -> Result<()> {
        let built = Self::take(self.folder.clone())?;
        let mut differences = Vec::new();
        for (path, asset) in &self.files {
            match built.files.get(path) {
                None => differences.push(format!("no longer built: {}", path.display())),
                Some(other) if is_compressed(path) || other.bytes == asset.bytes => {}
                Some(_) => differences.push(format!("differs: {}", path.display())),
            }
        }
        for path in built.files.keys() {
            if !self.files.contains_key(path) {
                differences.push(format!("not there before: {}", path.display()));
            }
        }
        if differences.is_empty() {
            println!("{} assets are what the sources build", self.files.len());
            return Ok(());
        }
        Err(Failure::new(format!("the sources build other assets; {ADVICE}\n{}", differences.join("\n"))))
    }

    /// Puts everything back as it was, times included: the crate that embeds these files is built anew when they look newer.
    pub(crate) fn restore(self) -> Result<()> {
        let built = Self::take(self.folder.clone())?;
        for path in built.files.keys() {
            if !self.files.contains_key(path) {
                let path = self.folder.join(path);
                fs::remove_file(&path).context(format!("removing {}", path.display()))?;
            }
        }
        for (path, asset) in self.files {
            let same = built.files.get(&path).is_some_and(|other| other.bytes == asset.bytes);
            let path = self.folder.join(path);
            write_back(&path, &asset, same).context(format!("putting {} back", path.display()))?;
        }
        Ok(())
    }
}

fn write_back(path: &Path, asset: &Asset, same: bool) -> std::io::Result<()> {
    if !same {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, &asset.bytes)?;
    }
    File::options().write(true).open(path)?.set_modified(asset.modified)
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, Asset>) -> Result<()> {
    let reading = || format!("reading {}", folder.display());
    for entry in fs::read_dir(folder).context(reading())? {
        let path = entry.context(reading())?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
            continue;
        }
        let asset = read(&path).context(format!("reading {}", path.display()))?;
        let relative = path.strip_prefix(root).context("naming an asset")?;
        files.insert(relative.to_owned(), asset);
    }
    Ok(())
}

fn read(path: &Path) -> std::io::Result<Asset> {
    Ok(Asset { bytes: fs::read(path)?, modified: fs::metadata(path)?.modified()? })
}

fn is_compressed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "br" || extension == "gz")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("widget")).unwrap();
        fs::write(folder.path().join("widget/widget.js"), "one").unwrap();
        fs::write(folder.path().join("widget/widget.js.br"), "packed").unwrap();
        fs::write(folder.path().join("manifest.json"), "{}").unwrap();
        folder
    }

    fn snapshot(folder: &tempfile::TempDir) -> Snapshot {
        Snapshot::take(folder.path().to_owned()).unwrap()
    }

    #[test]
    fn the_same_bytes_written_again_are_no_difference() {
        let folder = folder();
        let before = snapshot(&folder);
        fs::write(folder.path().join("widget/widget.js"), "one").unwrap();
        fs::write(folder.path().join("widget/widget.js.br"), "packed otherwise").unwrap();
        assert_eq!(before.compare(), Ok(()));
    }

    #[test]
    fn every_difference_is_named() {
        let folder = folder();
        let before = snapshot(&folder);
        fs::write(folder.path().join("widget/widget.js"), "two").unwrap();
        fs::write(folder.path().join("widget/new.js"), "new").unwrap();
        fs::remove_file(folder.path().join("manifest.json")).unwrap();
        let failure = before.compare().unwrap_err().to_string();
        for difference in ["differs: widget/widget.js", "not there before: widget/new.js", "no longer built: manifest.json"] {
            assert!(failure.contains(difference), "{failure}");
        }
        assert!(!failure.contains(".br"), "{failure}");
    }

    #[test]
    fn what_was_there_comes_back_with_its_times() {
        let folder = folder();
        let path = folder.path().join("widget/widget.js");
        let long_ago = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        File::options().write(true).open(&path).unwrap().set_modified(long_ago).unwrap();
        let before = snapshot(&folder);
        fs::remove_dir_all(folder.path().join("widget")).unwrap();
        fs::write(folder.path().join("manifest.json"), "{\"changed\":1}").unwrap();
        fs::write(folder.path().join("new.js"), "new").unwrap();
        before.restore().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), long_ago);
        assert_eq!(fs::read(folder.path().join("manifest.json")).unwrap(), b"{}");
        assert!(!folder.path().join("new.js").exists());
    }

    #[test]
    fn a_folder_that_is_not_there_is_empty() {
        let folder = tempfile::tempdir().unwrap();
        let before = Snapshot::take(folder.path().join("assets")).unwrap();
        assert_eq!(before.compare(), Ok(()));
    }
}
