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

    /// Processor time that it used so far, in seconds.
    pub(crate) fn cpu(&self) -> Result<f64, Failure> {
        Ok(Times::of(self.pid()?)?.own)
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

/// Processor time that a process and its children used so far, in seconds: those that run and those that ended.
pub(crate) fn cpu_of_family(process: u32) -> Result<f64, Failure> {
    let first = Times::of(process)?;
    let running = std::fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    // One that ends meanwhile is missed.
    let children = running.filter_map(|child| Times::of(child).ok()).filter(|times| times.parent == process);
    Ok(first.own + first.ended + children.map(|times| times.own).sum::<f64>())
}

/// What `/proc/{pid}/stat` says of a process; times in seconds.
struct Times {
    parent: u32,
    own: f64,
    /// Of its children that ended.
    ended: f64,
}

impl Times {
    fn of(process: u32) -> Result<Self, Failure> {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let field = |index: usize| fields.get(index).and_then(|field| field.parse::<u32>().ok()).unwrap_or_default();
        // They are told in hundredths of a second.
        let seconds = |user: usize| f64::from(field(user) + field(user + 1)) / 100.0;
        Ok(Self { parent: field(1), own: seconds(11), ended: seconds(13) })
    }
}
