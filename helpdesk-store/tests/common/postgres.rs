//! A Postgres server of this test program's own, started when it is first asked for and gone with the program.

#![allow(dead_code, reason = "each test program uses a part")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// Makes a cluster in a directory of its own, serves it on a socket there until its input ends, and removes it. The input
/// ends with this process, however that ends.
const SERVE: &str = r#"
set -e
programs=$1
place=$(mktemp -d /tmp/helpdesk-postgres-XXXXXXXX)
trap 'rm -rf "$place"' EXIT
"$programs/initdb" --pgdata "$place/cluster" --auth trust --username helpdesk --encoding UTF8 --no-locale --no-sync >"$place/log" 2>&1 ||
    { cat "$place/log" >&2; exit 1; }
"$programs/postgres" -D "$place/cluster" -k "$place" -c listen_addresses= -c max_connections=300 -c shared_buffers=128MB \
    -c log_min_messages=error >>"$place/log" 2>&1 &
server=$!
tries=0
until "$programs/psql" --no-psqlrc --host "$place" --username helpdesk --dbname postgres --command 'SELECT 1' >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ $tries -gt 300 ] || ! kill -0 $server; then cat "$place/log" >&2; exit 1; fi
    sleep 0.1
done
echo "$place $server"
cat >/dev/null
kill -INT $server
wait $server || true
"#;

/// A running server.
#[derive(Debug)]
pub(crate) struct TestPostgres {
    place: PathBuf,
    process: u32,
    _server: Child,
    /// Keeps the server running.
    _input: ChildStdin,
    schemas: AtomicUsize,
}

impl TestPostgres {
    /// The server of this program.
    pub(crate) fn get() -> &'static Self {
        static SERVER: OnceLock<TestPostgres> = OnceLock::new();
        SERVER.get_or_init(Self::start)
    }

    /// A server of the caller's own.
    pub(crate) fn start() -> Self {
        let programs = programs();
        let mut command = if is_root() {
            // Postgres refuses to run as root.
            let mut command = Command::new("runuser");
            command.args(["--user", "postgres", "--", "sh", "-c", SERVE, "sh"]);
            command
        } else {
            let mut command = Command::new("sh");
            command.args(["-c", SERVE, "sh"]);
            command
        };
        command.arg(&programs).current_dir("/tmp").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = command.spawn().expect("the server can be started");
        let input = server.stdin.take().expect("it has an input");
        let mut line = String::new();
        let output = server.stdout.take().expect("it has an output");
        BufReader::new(output).read_line(&mut line).expect("its output can be read");
        let (place, process) = line.trim().split_once(' ').unwrap_or_else(|| panic!("Postgres did not start: see above"));
        Self {
            place: place.into(),
            process: process.parse().expect("a process has a number"),
            _server: server,
            _input: input,
            schemas: AtomicUsize::new(0),
        }
    }

    /// Where to connect to.
    pub(crate) fn url(&self) -> String {
        format!("postgres://helpdesk@localhost/postgres?host={}", self.place.display())
    }

    /// A new database of this server, by its URL.
    pub(crate) async fn database(&self) -> String {
        let name = format!("story_{}", self.schemas.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&self.url()).await.expect("the server can be reached");
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await.expect("a database can be made");
        self.url().replace("/postgres?", &format!("/{name}?"))
    }

    /// A name of a schema that nobody uses.
    pub(crate) fn schema(&self) -> String {
        format!("case {}", self.schemas.fetch_add(1, Ordering::Relaxed))
    }

    /// The socket on which it listens.
    pub(crate) fn socket(&self) -> PathBuf {
        self.place.join(".s.PGSQL.5432")
    }

    /// The number of the server's first process.
    pub(crate) fn process(&self) -> u32 {
        self.process
    }
}

/// The directory of the newest programs that are installed.
fn programs() -> PathBuf {
    let has_all = |directory: &Path| ["initdb", "postgres", "psql"].iter().all(|program| directory.join(program).is_file());
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin")))
        })
        .filter(|(_, directory)| has_all(directory))
        .collect();
    versions.sort();
    let on_path = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).find(|directory| has_all(directory));
    on_path
        .and_then(|directory| std::fs::canonicalize(directory.join("postgres")).ok()?.parent().map(Path::to_path_buf))
        .or_else(|| versions.pop().map(|(_, directory)| directory))
        .expect("Postgres is not installed: apt-get install postgresql (15 or later)")
}

fn is_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let user = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    user.and_then(|line| line.split_whitespace().nth(1)) == Some("0")
}
