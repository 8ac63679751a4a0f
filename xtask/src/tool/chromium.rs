//! The browser that the tests of the pages drive.

use std::path::PathBuf;

use crate::failure::{Failure, Result};
use crate::tool::{debian, program};

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
    if !debian::can_install() {
        return Err(Failure::new(format!(
            "no Chromium found. Install it (Debian, Ubuntu: `sudo apt-get update && sudo apt-get install -y chromium`; Fedora: `sudo dnf install chromium`; \
             macOS: `brew install --cask chromium`), or set {VARIABLE} to a Chromium or Chrome"
        )));
    }
    println!("no Chromium found, installing Debian's package");
    debian::install("chromium")?;
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
