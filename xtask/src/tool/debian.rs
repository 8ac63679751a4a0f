//! Installing what the tests need, where one command does it without asking for anybody's password.

use std::path::Path;
use std::process::Command;

use crate::failure::Result;
use crate::tool::program;

/// Only as root on a Debian. Ubuntu's packages are in part stubs for another installer.
pub(crate) fn can_install() -> bool {
    is_debian(&std::fs::read_to_string("/etc/os-release").unwrap_or_default())
        && program::find("apt-get").is_some()
        && is_root(Path::new("/proc/self/status"))
}

/// Installs a package.
///
/// # Errors
/// When `apt-get` fails.
pub(crate) fn install(package: &str) -> Result<()> {
    program::run(Command::new("apt-get").arg("update"))?;
    program::run(Command::new("apt-get").args(["install", "-y", package]).env("DEBIAN_FRONTEND", "noninteractive"))
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
