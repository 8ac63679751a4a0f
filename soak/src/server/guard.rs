//! No server outlives this program, however it ends: a shell waits until its input does, and kills the server then.

use std::process::Stdio;

use tokio::process::{Child, Command};

use crate::Failure;

/// Waits for the end of its input, which this program holds open as long as it lives.
const WAIT: &str = "trap '' HUP INT TERM; cat >/dev/null; kill -KILL \"$1\" 2>/dev/null";

/// Watches over a process.
#[derive(Debug)]
pub(super) struct Guard(Child);

impl Guard {
    /// Watches over the process.
    pub(super) fn of(server: &Child) -> Result<Self, Failure> {
        let process = server.id().ok_or("the server has ended")?;
        let mut command = Command::new("sh");
        command.args(["-c", WAIT, "sh", &process.to_string()]).stdin(Stdio::piped()).kill_on_drop(true);
        Ok(Self(command.spawn()?))
    }

    /// Watches no longer. To be called before the server ends: its number may be another's afterwards.
    pub(super) async fn dismiss(mut self) -> Result<(), Failure> {
        Ok(self.0.kill().await?)
    }
}
