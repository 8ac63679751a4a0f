//! The standalone server as a process: started on a free port over a folder of its own, killed, started again.
#![allow(dead_code, reason = "each story uses its own part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a story that cannot go on fails")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// The owner's API token of every server here.
pub(crate) const OWNER: &str = "an-owner-token-of-more-than-32-characters";

/// Makes the command that starts a server in a folder.
type MakeCommand = Arc<dyn Fn(&Path) -> Command + Send + Sync>;

/// A server over a folder. Killed when dropped.
pub(crate) struct Server {
    child: Child,
    /// Its root, such as `http://127.0.0.1:40123`.
    pub(crate) url: String,
    /// What it prints after its first line.
    lines: Receiver<String>,
    command: MakeCommand,
    folder: PathBuf,
}

impl Server {
    /// Starts the standalone server over this folder: what an earlier one left there is found again.
    pub(crate) fn start(folder: &Path) -> Self {
        Self::run(standalone, folder)
    }

    /// Runs a server's command over this folder.
    pub(crate) fn run(command: impl Fn(&Path) -> Command + Send + Sync + 'static, folder: &Path) -> Self {
        Self::begin(Arc::new(command), folder)
    }

    fn begin(command: MakeCommand, folder: &Path) -> Self {
        let mut child =
            command(folder).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().expect("the examples are built with the tests");
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = output.next().unwrap().unwrap();
        let url = first.split_whitespace().find(|word| word.starts_with("http://")).unwrap_or_else(|| panic!("no URL in {first:?}"));
        let url = url.trim_end_matches('/').to_owned();
        // Whoever prints must not block on a full pipe.
        let (sender, lines) = channel();
        std::thread::spawn(move || output.map_while(Result::ok).for_each(|line| _ = sender.send(line)));
        Self { child, url, lines, command, folder: folder.to_owned() }
    }

    /// The first line that holds this, of those printed since the last call.
    pub(crate) fn printed(&self, part: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(10)).unwrap_or_else(|_| panic!("no line holds {part:?}"));
            if line.contains(part) {
                return line;
            }
        }
    }

    /// Asks it to stop, as a service manager does, and waits until it has.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        self.child.wait().unwrap()
    }

    /// SIGKILL, and waits until it is gone.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it again over the same folder, on another port.
    pub(crate) fn restart(&mut self) {
        self.kill();
        *self = Self::begin(Arc::clone(&self.command), &self.folder.clone());
    }

    /// An address of the API.
    pub(crate) fn api(&self, path: &str) -> String {
        format!("{}/helpdesk/api/v1/{path}", self.url)
    }

    /// The live socket.
    pub(crate) fn socket(&self) -> String {
        format!("{}/helpdesk/api/v1/ws", self.url.replacen("http", "ws", 1))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The standalone server on a free port, with an owner token.
pub(crate) fn standalone(folder: &Path) -> Command {
    let mut command = example("standalone", folder);
    command.args(["--listen", "127.0.0.1:0", "--owner-token", OWNER]);
    command
}

/// An example's binary: Cargo builds examples with the tests, beside the folder of the test's own binary.
pub(crate) fn binary(name: &str) -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// An example, to be run in this folder. It sees no settings of whoever runs the tests.
pub(crate) fn example(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(binary(name));
    command.current_dir(folder).env("RUST_LOG", "warn");
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("HELPDESK_") || name.starts_with("OPENAI_")) {
            command.env_remove(name);
        }
    }
    command
}

/// An HTTP client that trusts nobody: everything here is on loopback, without TLS.
pub(crate) fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// A request with a bearer token; the answer's status and JSON.
pub(crate) async fn call(
    client: &reqwest::Client,
    method: &str,
    url: &str,
    token: &str,
    body: Option<Value>,
) -> reqwest::Result<(u16, Value)> {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = client.request(method, url).bearer_auth(token);
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await?;
    let status = answer.status().as_u16();
    Ok((status, answer.json().await.unwrap_or(Value::Null)))
}

/// A new visitor's token.
pub(crate) async fn visitor(client: &reqwest::Client, server: &Server) -> String {
    let (status, session) = call(client, "POST", &server.api("widget/session"), "", Some(json!({}))).await.unwrap();
    assert_eq!(status, 200, "{session}");
    session["token"].as_str().unwrap().to_owned()
}

/// A whole timeline, page by page.
pub(crate) async fn timeline(client: &reqwest::Client, server: &Server, side: &str, conversation: &str, token: &str) -> Vec<Value> {
    let mut entries: Vec<Value> = Vec::new();
    loop {
        let after = entries.last().map_or(0, |entry| entry["seq"].as_u64().unwrap());
        let url = server.api(&format!("{side}conversations/{conversation}/timeline?after={after}&limit=200"));
        let (status, page) = call(client, "GET", &url, token, None).await.unwrap();
        assert_eq!(status, 200, "{page}");
        let page = page["entries"].as_array().unwrap();
        if page.is_empty() {
            return entries;
        }
        entries.extend(page.iter().cloned());
    }
}
