//! A Postgres of this run's own: started from the installed programs, restarted as a nemesis likes, gone with this
//! process however that ends.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};

use crate::Failure;

/// Makes a cluster in a directory of its own and serves it on a socket there until its input ends.
const SERVE: &str = r#"
set -e
programs=$1
place=$(mktemp -d /tmp/helpdesk-soak-postgres-XXXXXXXX)
trap '"$programs/pg_ctl" --pgdata "$place/cluster" --mode immediate --silent stop >/dev/null 2>&1; rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
"$programs/initdb" --pgdata "$place/cluster" --auth trust --username helpdesk --encoding UTF8 --no-locale --no-sync >"$place/log" 2>&1 ||
    { cat "$place/log" >&2; exit 1; }
cat >>"$place/cluster/postgresql.conf" <<END
listen_addresses = ''
unix_socket_directories = '$place'
max_connections = 300
shared_buffers = 128MB
log_min_messages = error
END
"$programs/pg_ctl" --pgdata "$place/cluster" --log "$place/log" --wait --silent start >/dev/null || { cat "$place/log" >&2; exit 1; }
echo "$place"
cat >/dev/null
"#;

/// How a database goes down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shutdown {
    /// Connections are ended, what was committed is written out.
    Fast,
    /// As if it had crashed: it recovers at the start.
    Immediate,
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Postgres {
    place: PathBuf,
    programs: PathBuf,
    server: Child,
    /// Keeps the server running.
    input: Option<ChildStdin>,
}

impl Postgres {
    /// Makes and starts it.
    pub(super) async fn start() -> Result<Self, Failure> {
        let programs = programs().ok_or("Postgres is not installed: apt-get install postgresql (15 or later)")?;
        let mut command = as_its_user("sh");
        command.args(["-c", SERVE, "sh"]).arg(&programs);
        let mut server = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = server.stdin.take();
        let output = server.stdout.take().ok_or("no standard output")?;
        let place = BufReader::new(output).lines().next_line().await?.ok_or("Postgres did not start: see above")?;
        Ok(Self { place: place.into(), programs, server, input })
    }

    /// The socket on which it listens.
    pub(super) fn socket(&self) -> PathBuf {
        self.place.join(".s.PGSQL.5432")
    }

    /// Stops it this way, and starts it again.
    pub(crate) async fn restart(&self, how: Shutdown) -> Result<(), Failure> {
        let mode = match how {
            Shutdown::Fast => "fast",
            Shutdown::Immediate => "immediate",
        };
        let mut command = as_its_user(self.programs.join("pg_ctl"));
        command.arg("--pgdata").arg(self.place.join("cluster")).arg("--log").arg(self.place.join("log"));
        command.args(["--wait", "--silent", "--mode", mode, "restart"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let done = command.status().await?;
        if done.success() { Ok(()) } else { Err(format!("pg_ctl could not restart the database: {done}").into()) }
    }

    /// Ends it, and waits until nothing is left.
    pub(super) async fn stop(&mut self) -> Result<(), Failure> {
        drop(self.input.take());
        self.server.wait().await?;
        Ok(())
    }
}

/// Postgres refuses to run as root.
fn as_its_user(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["--user", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/tmp");
    command
}

/// The directory of the newest programs that are installed.
fn programs() -> Option<PathBuf> {
    let has_all = |directory: &Path| ["initdb", "pg_ctl", "postgres"].iter().all(|program| directory.join(program).is_file());
    let on_path = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).find(|directory| has_all(directory));
    let real = on_path.and_then(|directory| std::fs::canonicalize(directory.join("postgres")).ok()?.parent().map(Path::to_path_buf));
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().filter_map(|entry| {
        let path = entry.ok()?.path();
        let version: u32 = path.file_name()?.to_str()?.parse().ok()?;
        let directory = path.join("bin");
        has_all(&directory).then_some((version, directory))
    });
    real.filter(|directory| has_all(directory)).or_else(|| versions.max().map(|(_, directory)| directory))
}

fn is_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let user = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    user.and_then(|line| line.split_whitespace().nth(1)) == Some("0")
}
