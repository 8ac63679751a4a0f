//! The database of which the tests of the Postgres store start a server of their own.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};
use crate::tool::{debian, program};

/// Where Debian keeps its programs, by version and off the search path.
const VERSIONS: &str = "/usr/lib/postgresql";

/// The program that makes a database. Where there is none it is installed, if that is possible without asking for
/// anybody's password.
///
/// # Errors
/// When there is none and it cannot be installed here, with what to do.
pub(crate) fn find_or_install() -> Result<PathBuf> {
    if let Some(found) = find() {
        println!("{}", found.display());
        return Ok(found);
    }
    if !debian::can_install() {
        return Err(Failure::new(
            "no Postgres found. Install version 15 or later (Debian, Ubuntu: `sudo apt-get update && sudo apt-get install -y postgresql`; \
             Fedora: `sudo dnf install postgresql-server`; macOS: `brew install postgresql@17` and put its programs on the PATH)",
        ));
    }
    println!("no Postgres found, installing Debian's package");
    debian::install("postgresql")?;
    find().ok_or_else(|| Failure::new(format!("apt-get installed the package postgresql, but there is no initdb below {VERSIONS}")))
}

fn find() -> Option<PathBuf> {
    program::find("initdb").or_else(|| newest(Path::new(VERSIONS)))
}

fn newest(versions: &Path) -> Option<PathBuf> {
    let found = std::fs::read_dir(versions).ok()?.filter_map(|entry| {
        let path = entry.ok()?.path();
        let version: u32 = path.file_name()?.to_str()?.parse().ok()?;
        let program = path.join("bin/initdb");
        program.is_file().then_some((version, program))
    });
    found.max().map(|(_, program)| program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_taken() {
        let place = std::env::temp_dir().join(format!("helpdesk-xtask-postgres-{}", std::process::id()));
        for version in ["9", "15", "16"] {
            std::fs::create_dir_all(place.join(version).join("bin")).unwrap();
        }
        for version in ["9", "15"] {
            std::fs::write(place.join(version).join("bin/initdb"), "").unwrap();
        }
        let found = newest(&place);
        std::fs::remove_dir_all(&place).unwrap();
        assert_eq!(found, Some(place.join("15/bin/initdb")));
        assert_eq!(newest(&place), None);
    }
}
