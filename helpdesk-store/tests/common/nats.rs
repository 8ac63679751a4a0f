//! A NATS server of the caller's own, gone with it.

#![allow(dead_code, reason = "each test program uses a part")]

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Serves on free loopback ports until its input ends, which it does with this process, however that ends.
const SERVE: &str = r#"
set -e
place=$(mktemp -d /tmp/helpdesk-nats-XXXXXXXX)
trap 'rm -rf "$place"' EXIT
"$1" --addr 127.0.0.1 --port "$2" --http_port -1 --ports_file_dir "$place" >"$place/log" 2>&1 &
server=$!
tries=0
until grep -q } "$place"/*.ports 2>/dev/null; do
    tries=$((tries + 1))
    if [ $tries -gt 300 ] || ! kill -0 $server; then cat "$place/log" >&2; exit 1; fi
    sleep 0.05
done
cat "$place"/*.ports
echo
cat >/dev/null
kill -TERM $server
wait $server || true
"#;

/// A running server.
#[derive(Debug)]
pub(crate) struct TestNats {
    address: SocketAddr,
    monitor: SocketAddr,
    server: Child,
    input: Option<ChildStdin>,
}

impl TestNats {
    /// Starts a server on a free port.
    pub(crate) fn start() -> Self {
        Self::start_on("-1")
    }

    /// Starts a server on this port.
    pub(crate) fn start_on(port: &str) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", SERVE, "sh"]).arg(program()).arg(port).current_dir("/tmp").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = command.spawn().expect("the server can be started");
        let mut line = String::new();
        BufReader::new(server.stdout.take().expect("it has an output")).read_line(&mut line).expect("its output can be read");
        let ports: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("NATS did not start: see above"));
        let address = |kind: &str, scheme: &str| -> SocketAddr {
            let url = ports[kind][0].as_str().and_then(|url| url.strip_prefix(scheme)).expect("the server says where it listens");
            url.parse().expect("it listens on an address")
        };
        let input = server.stdin.take();
        Self { address: address("nats", "nats://"), monitor: address("monitoring", "http://"), server, input }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where to connect to.
    pub(crate) fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// How many subscriptions it serves, its own among them.
    pub(crate) async fn subscriptions(&self) -> usize {
        let asking = async {
            let mut stream = TcpStream::connect(self.monitor).await?;
            stream.write_all(b"GET /subsz HTTP/1.0\r\n\r\n").await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await?;
            std::io::Result::Ok(answer)
        };
        let answer = tokio::time::timeout(Duration::from_secs(10), asking).await.expect("the monitor answers").expect("it can be read");
        let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").expect("a body").1).expect("JSON");
        body["num_subscriptions"].as_u64().and_then(|count| count.try_into().ok()).expect("a count")
    }
}

impl Drop for TestNats {
    fn drop(&mut self) {
        drop(self.input.take());
        // Waits until the port is free and the directory is gone.
        let _ = self.server.wait();
    }
}

fn program() -> PathBuf {
    let usual = ["/usr/sbin", "/usr/bin", "/usr/local/bin"].map(PathBuf::from);
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .chain(usual)
        .map(|directory| directory.join("nats-server"))
        .find(|program| Path::is_file(program))
        .expect("NATS is not installed: apt-get install nats-server")
}
