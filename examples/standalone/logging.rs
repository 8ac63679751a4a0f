//! The log: to standard error, so that standard output keeps to what the person who started the server wants to know.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use super::flags::LogFormat;

/// Logs from now on.
pub(crate) fn start(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        // A line that cannot be written, as on a full disk, would be complained of in the same place, with a panic.
        .log_internal_errors(false);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
}
