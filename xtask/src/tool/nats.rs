//! The server of which the tests of the NATS bus start some of their own.

use std::path::PathBuf;

use crate::failure::{Failure, Result};
use crate::tool::{debian, program};

/// Where Debian puts it, which is not on everybody's search path.
const USUAL: &str = "/usr/sbin/nats-server";

/// The server program. Where there is none it is installed, if that is possible without asking for anybody's password.
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
            "no NATS server found. Install it (Debian, Ubuntu: `sudo apt-get update && sudo apt-get install -y nats-server`; \
             macOS: `brew install nats-server`) and put nats-server on the PATH",
        ));
    }
    println!("no NATS server found, installing Debian's package");
    debian::install("nats-server")?;
    find().ok_or_else(|| Failure::new(format!("apt-get installed the package nats-server, but there is no {USUAL}")))
}

fn find() -> Option<PathBuf> {
    program::find("nats-server").or_else(|| Some(PathBuf::from(USUAL)).filter(|program| program.is_file()))
}
