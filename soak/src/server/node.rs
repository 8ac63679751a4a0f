//! A standalone server as a process: started, stopped in its tracks, killed, started again at the same address.

use std::fs::OpenOptions;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use super::free_address;
use super::guard::Guard;
use crate::Failure;

/// The owner's token of every server here.
pub(crate) const OWNER: &str = "an-owner-token-of-more-than-32-characters";
/// What all servers sign with.
const SECRET: &str = "a-secret-key-of-more-than-32-characters";
/// How long a server may take to start, with the attempts that fail because what it needs is down.
const PATIENCE: Duration = Duration::from_secs(90);

/// How to start a server.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// The program.
    pub(super) binary: PathBuf,
    /// Where it works and logs.
    pub(super) folder: PathBuf,
    /// Its number.
    pub(super) number: usize,
    /// Its database.
    pub(super) database: String,
    /// Its bus, where it has a choice.
    pub(super) bus: Option<String>,
}

/// A server.
#[derive(Debug)]
pub(crate) struct Node {
    plan: Plan,
    address: SocketAddr,
    child: Option<(Child, Guard)>,
    /// How often it was started.
    lives: u32,
}

impl Node {
    /// A server that is not yet started, and its address.
    pub(super) fn new(plan: Plan) -> Result<Self, Failure> {
        Ok(Self { plan, address: free_address()?, child: None, lives: 0 })
    }

    /// Its root, such as `http://127.0.0.1:40123`.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The process and the count of its lives, while it lives.
    pub(crate) fn process(&self) -> Option<(u32, u32)> {
        Some((self.child.as_ref()?.0.id()?, self.lives))
    }

    /// Starts it, and waits until it says that it listens. What it needs may be down for now: then it is tried again.
    pub(crate) async fn start(&mut self) -> Result<(), Failure> {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.attempt().await {
                Ok(()) => return Ok(()),
                Err(failure) if Instant::now() > end => return Err(failure),
                Err(_) => sleep(Duration::from_millis(200)).await,
            }
        }
    }

    async fn attempt(&mut self) -> Result<(), Failure> {
        let plan = &self.plan;
        let log = OpenOptions::new().create(true).append(true).open(plan.folder.join(format!("server-{}.log", plan.number)))?;
        let mut command = Command::new(&plan.binary);
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("HELPDESK_") || name.starts_with("OPENAI_")) {
                command.env_remove(name);
            }
        }
        command.current_dir(&plan.folder).env("RUST_LOG", "info");
        command.args(["--listen", &self.address.to_string(), "--database-url", &plan.database]);
        command.args(["--owner-token", OWNER, "--secret-key", SECRET]);
        command.args(plan.bus.iter().flat_map(|bus| ["--event-bus", bus]));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).kill_on_drop(true).spawn()?;
        let guard = Guard::of(&child)?;
        let stdout = child.stdout.take().ok_or("no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let first = timeout(PATIENCE, lines.next_line()).await.map_err(|_| "the server did not start in time")??;
        if first.is_none() {
            guard.dismiss().await?;
            child.wait().await?;
            return Err(format!("server {} did not start: see {}", plan.number, plan.folder.display()).into());
        }
        // Whoever prints must not block on a full pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        self.child = Some((child, guard));
        self.lives += 1;
        Ok(())
    }

    /// SIGKILL, and waits until it is gone.
    pub(crate) async fn kill(&mut self) -> Result<(), Failure> {
        if let Some((mut child, guard)) = self.child.take() {
            guard.dismiss().await?;
            child.kill().await?;
        }
        Ok(())
    }

    /// SIGSTOP: it does nothing until [`resume`](Self::resume), and nobody is told.
    pub(crate) async fn pause(&self) -> Result<(), Failure> {
        self.signal("-STOP").await
    }

    /// SIGCONT.
    pub(crate) async fn resume(&self) -> Result<(), Failure> {
        self.signal("-CONT").await
    }

    async fn signal(&self, signal: &str) -> Result<(), Failure> {
        let Some((process, _)) = self.process() else { return Ok(()) };
        let sent = Command::new("kill").args([signal, &process.to_string()]).status().await?;
        if sent.success() { Ok(()) } else { Err(format!("kill {signal} {process}: {sent}").into()) }
    }
}
