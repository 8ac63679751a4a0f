//! Servers as processes of their own: started, read off, ended.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::Failure;

/// A server that was started from this very program. It dies with this.
pub(crate) struct Server {
    child: Child,
    /// Where it listens: `127.0.0.1:port`.
    pub(crate) address: String,
    /// What its first line says besides: the product's API token.
    pub(crate) token: String,
}

impl Server {
    /// Starts `helpdesk-bench {arguments}` and waits for its first line, `address token`.
    pub(crate) async fn start(arguments: &[&str]) -> Result<Self, Failure> {
        let own = std::env::current_exe()?;
        let mut child = Command::new(own).args(arguments).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let stdout = child.stdout.take().ok_or("no standard output")?;
        let line = BufReader::new(stdout).lines().next_line().await?.ok_or("the server ended before it listened")?;
        let (address, token) = line.split_once(' ').unwrap_or((&line, ""));
        Ok(Self { address: address.to_owned(), token: token.to_owned(), child })
    }

    /// Processor time that it used so far, in seconds (`/proc/{pid}/stat`, hundredths of a second).
    pub(crate) fn cpu(&self) -> Result<f64, Failure> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid()?))?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
        Ok((ticks(11) + ticks(12)) / 100.0)
    }

    /// Memory that it holds, in KiB (`VmRSS` of `/proc/{pid}/status`).
    pub(crate) fn memory(&self) -> Result<f64, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()?))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }

    fn pid(&self) -> Result<u32, Failure> {
        self.child.id().ok_or_else(|| "the server has ended".into())
    }

    /// Ends it and waits until it is gone.
    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        Ok(self.child.kill().await?)
    }
}
