//! A NATS server of this run's own, at an address that it keeps when it is stopped and started again.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use super::free_address;
use super::guard::Guard;
use crate::Failure;

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// The server.
#[derive(Debug)]
pub(crate) struct Nats {
    program: PathBuf,
    address: SocketAddr,
    child: Option<(Child, Guard)>,
}

impl Nats {
    /// Starts it.
    pub(super) async fn start() -> Result<Self, Failure> {
        let program = program().ok_or("NATS is not installed: apt-get install nats-server")?;
        let mut nats = Self { program, address: free_address()?, child: None };
        nats.begin().await?;
        Ok(nats)
    }

    /// Where to connect to.
    pub(super) fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// Starts it again.
    pub(crate) async fn begin(&mut self) -> Result<(), Failure> {
        let mut command = Command::new(&self.program);
        command.args(["--addr", "127.0.0.1", "--port", &self.address.port().to_string()]).current_dir("/tmp").kill_on_drop(true);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let guard = Guard::of(&child)?;
        self.child = Some((child, guard));
        let end = Instant::now() + PATIENCE;
        while TcpStream::connect(self.address).await.is_err() {
            if Instant::now() > end {
                return Err(format!("NATS does not listen on {}", self.address).into());
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Kills it.
    pub(crate) async fn stop(&mut self) -> Result<(), Failure> {
        match self.child.take() {
            Some((mut child, guard)) => {
                guard.dismiss().await?;
                Ok(child.kill().await?)
            }
            None => Ok(()),
        }
    }
}

fn program() -> Option<PathBuf> {
    let usual = ["/usr/sbin", "/usr/bin", "/usr/local/bin"].map(PathBuf::from);
    let searched = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&searched).chain(usual).map(|directory| directory.join("nats-server")).find(|program| program.is_file())
}
