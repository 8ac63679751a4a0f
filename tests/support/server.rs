//! The standalone server as a process: started on a free port over a folder of its own, killed, started again.
#![allow(dead_code, reason = "each story uses its own part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a story that cannot go on fails")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// The owner's API token of every server here.
pub(crate) const OWNER: &str = "an-owner-token-of-more-than-32-characters";

/// A server over a folder. Killed when dropped.
pub(crate) struct Server {
    child: Child,
    /// Its root, such as `http://127.0.0.1:40123`.
    pub(crate) url: String,
    folder: PathBuf,
}

impl Server {
    /// Starts one over this folder: what an earlier one left there is found again.
    pub(crate) fn start(folder: &Path) -> Self {
        let mut child = Command::new(binary())
            .args(["--listen", "127.0.0.1:0", "--owner-token", OWNER])
            .current_dir(folder)
            .env("RUST_LOG", "warn")
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the standalone example is built with the tests");
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        let url = first.split_whitespace().find(|word| word.starts_with("http://")).unwrap_or_else(|| panic!("no URL in {first:?}"));
        let url = url.trim_end_matches('/').to_owned();
        // Whoever prints must not block on a full pipe.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Self { child, url, folder: folder.to_owned() }
    }

    /// SIGKILL, and waits until it is gone.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts it again over the same folder, on another port.
    pub(crate) fn restart(&mut self) {
        self.kill();
        let folder = self.folder.clone();
        *self = Self::start(&folder);
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

/// The example's binary: Cargo builds examples with the tests, beside the folder of the test's own binary.
fn binary() -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.join("examples").join(format!("standalone{}", std::env::consts::EXE_SUFFIX))
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
