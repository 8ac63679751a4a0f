//! The browser that the tests of the pages drive.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::tool::program;

/// Names the browser for the tests, and lets a person choose another one.
pub(crate) const VARIABLE: &str = "CHROMIUM_PATH";

/// What the browser is called on the systems we know.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Where macOS keeps it, off the search path.
const APPLICATIONS: [&str; 2] =
    ["/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];

/// The browser's path. Where there is none it is installed, if that is possible without asking for anybody's password.
///
/// # Errors
/// When there is none and it cannot be installed here, with what to do.
pub(crate) fn find_or_install() -> Result<PathBuf> {
    if let Some(browser) = find()? {
        println!("{}", browser.display());
        return Ok(browser);
    }
    if !can_install() {
        return Err(Failure::new(format!(
            "no Chromium found. Install it (Debian, Ubuntu: `sudo apt-get update && sudo apt-get install -y chromium`; Fedora: `sudo dnf install chromium`; \
             macOS: `brew install --cask chromium`), or set {VARIABLE} to a Chromium or Chrome"
        )));
    }
    println!("no Chromium found, installing Debian's package");
    program::run(Command::new("apt-get").arg("update"))?;
    program::run(Command::new("apt-get").args(["install", "-y", "chromium"]).env("DEBIAN_FRONTEND", "noninteractive"))?;
    find()?.ok_or_else(|| Failure::new("apt-get installed the package chromium, but no program of that name is on the PATH"))
}

fn find() -> Result<Option<PathBuf>> {
    if let Some(chosen) = std::env::var_os(VARIABLE) {
        let chosen = PathBuf::from(chosen);
        return if chosen.is_file() {
            Ok(Some(chosen))
        } else {
            Err(Failure::new(format!("{VARIABLE} names {}, which is no file", chosen.display())))
        };
    }
    Ok(NAMES
        .iter()
        .find_map(|name| program::find(name))
        .or_else(|| APPLICATIONS.iter().map(PathBuf::from).find(|application| application.is_file())))
}

/// Only as root on a Debian, where one command does it. Ubuntu's package of that name is a stub for another installer.
fn can_install() -> bool {
    is_debian(&std::fs::read_to_string("/etc/os-release").unwrap_or_default())
        && program::find("apt-get").is_some()
        && is_root(Path::new("/proc/self/status"))
}

fn is_debian(os_release: &str) -> bool {
    os_release.lines().any(|line| line.trim().replace('"', "") == "ID=debian")
}

fn is_root(status: &Path) -> bool {
    let status = std::fs::read_to_string(status).unwrap_or_default();
    effective_user(&status) == Some(0)
}

/// The line of the kernel's account of a process is `Uid: real effective saved file-system`.
fn effective_user(status: &str) -> Option<u32> {
    status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_is_told_from_what_only_resembles_it() {
        assert!(is_debian("NAME=\"Debian GNU/Linux\"\nID=debian\n"));
        assert!(!is_debian("ID=ubuntu\nID_LIKE=debian\n"));
        assert!(!is_debian(""));
    }

    #[test]
    fn the_effective_user_decides_who_is_root() {
        assert_eq!(effective_user("Name:\tcargo\nUid:\t1000\t0\t0\t0\n"), Some(0));
        assert_eq!(effective_user("Uid:\t1000\t1000\t1000\t1000\n"), Some(1000));
        assert_eq!(effective_user(""), None);
    }
}
