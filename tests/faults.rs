//! A disk that is full, a file that may not be written, a log that was damaged: what clients, load balancers and the
//! operator of the server see, and that the server goes on by itself where it can.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a story that cannot go on fails, and says what it left out")]

#[path = "support/server.rs"]
mod server;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use server::{OWNER, Server, binary, call, client, standalone, timeline, visitor};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// The standalone server behind a command that prepares its process.
fn behind(program: &str, arguments: &[&str], folder: &Path) -> Command {
    let plain = standalone(folder);
    let mut command = Command::new(program);
    command.args(arguments).arg(binary("standalone")).args(plain.get_args()).current_dir(folder);
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.stderr(Stdio::piped());
    command
}

/// A process that is told of a limit on the size of its files by an error, and not by a signal that ends it.
fn limitable(folder: &Path) -> Command {
    behind("sh", &["-c", "trap '' XFSZ; exec \"$0\" \"$@\""], folder)
}

/// A desk with one visitor.
struct Desk {
    http: reqwest::Client,
    server: Server,
    visitor: String,
    conversation: String,
    sent: u64,
    /// Texts and places that were acknowledged.
    acknowledged: Vec<(String, u64)>,
}

impl Desk {
    async fn open(server: Server) -> Self {
        let http = client();
        let visitor = visitor(&http, &server).await;
        let begun = json!({"text": "message 0"});
        let (status, begun) = call(&http, "POST", &server.api("widget/conversations"), &visitor, Some(begun)).await.unwrap();
        assert_eq!(status, 201, "{begun}");
        let conversation = begun["conversation"]["id"].as_str().unwrap().to_owned();
        let first = ("message 0".to_owned(), begun["entry"]["seq"].as_u64().unwrap());
        Self { http, server, visitor, conversation, sent: 0, acknowledged: vec![first] }
    }

    /// An operator's note of so many bytes: nobody limits how often. The status, the code of a problem, and Retry-After.
    async fn write(&mut self, length: usize) -> (u16, String, Option<u64>) {
        self.sent += 1;
        let text = format!("note {} {}", self.sent, "x".repeat(length));
        let url = self.server.api(&format!("conversations/{}/notes", self.conversation));
        let answer = self.http.post(url).bearer_auth(OWNER).json(&json!({"text": text})).send().await.unwrap();
        let (status, wait) = (answer.status().as_u16(), answer.headers().get("retry-after").cloned());
        let body: Value = answer.json().await.unwrap();
        if status == 201 {
            self.acknowledged.push((text, body["entry"]["seq"].as_u64().unwrap()));
        }
        let wait = wait.map(|wait| wait.to_str().unwrap().parse().unwrap());
        (status, body["code"].as_str().unwrap_or_default().to_owned(), wait)
    }

    async fn probe(&self, path: &str) -> u16 {
        self.http.get(format!("{}{path}", self.server.url)).send().await.unwrap().status().as_u16()
    }

    /// Nothing can be written: clients and load balancers are told, and what is there can be read.
    async fn is_told_that_it_cannot_write(&mut self) {
        for _ in 0..100 {
            let (status, code, wait) = self.write(10).await;
            assert_eq!((status, code.as_str()), (503, "unavailable"));
            assert!(wait.is_some_and(|wait| wait > 0));
        }
        assert_eq!(self.probe("/readyz").await, 503);
        assert_eq!(self.probe("/helpdesk/readyz").await, 503);
        assert_eq!(self.probe("/healthz").await, 200);
        self.has_everything().await;
    }

    /// What was acknowledged is there, at its place.
    async fn has_everything(&self) {
        let entries = timeline(&self.http, &self.server, "", &self.conversation, OWNER).await;
        for (text, seq) in &self.acknowledged {
            let entry = &entries[*seq as usize - 1];
            assert_eq!((entry["seq"].as_u64(), entry["body"]["text"].as_str()), (Some(*seq), Some(text.as_str())));
        }
    }

    /// It can be written again.
    async fn works(&mut self) {
        assert_eq!(self.write(10).await.0, 201);
        let mut looks = 0;
        // A failure is believed for a second.
        while self.probe("/readyz").await != 200 {
            looks += 1;
            assert!(looks < 100, "not ready although it can be written");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.has_everything().await;
    }
}

/// Hundredths of a second of processor that a process has used.
fn used(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

fn limit_files(pid: u32, bytes: &str) {
    let done = Command::new("prlimit").args(["--pid", &pid.to_string(), &format!("--fsize={bytes}:")]).status().unwrap();
    assert!(done.success());
}

#[tokio::test]
async fn files_that_may_not_grow_stop_writing_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(Server::run(limitable, folder.path())).await;
    desk.works().await;
    // An answer that the assistant still owes makes its worker try.
    let url = desk.server.api(&format!("widget/conversations/{}/messages", desk.conversation));
    limit_files(desk.server.pid(), "0");
    let (status, problem) = call(&desk.http, "POST", &url, &desk.visitor, Some(json!({"text": "hello?"}))).await.unwrap();
    assert_eq!((status, problem["code"].as_str()), (503, Some("unavailable")), "{problem}");
    desk.is_told_that_it_cannot_write().await;
    // Nobody spins: waiting costs next to nothing.
    let before = used(desk.server.pid());
    tokio::time::sleep(Duration::from_secs(2)).await;
    let cost = used(desk.server.pid()) - before;
    assert!(cost < 60, "{cost} hundredths of a second of processor in two seconds of nothing");
    let log = desk.server.log();
    assert!(log.contains("helpdesk.db") && log.contains("nothing can be written") && log.contains("limit on the size of files"), "{log}");
    assert!(log.lines().filter(|line| line.contains("ERROR") || line.contains("WARN")).count() < 20, "{log}");
    assert!(!log.contains("panicked"), "{log}");

    limit_files(desk.server.pid(), "unlimited");
    desk.works().await;
    assert_eq!(desk.server.terminate().code(), Some(0));
    desk.server.restart();
    desk.has_everything().await;
}

/// The server in a name space of its own, where its folder is a disk of two megabytes.
fn on_a_small_disk(folder: &Path) -> Command {
    let mount = "mount -t tmpfs -o size=2m small . && cd \"$PWD\" && exec \"$0\" \"$@\"";
    behind("unshare", &["--user", "--map-root-user", "--mount", "sh", "-c", mount], folder)
}

/// The server in a name space of its own, where its folder is mounted read-only.
fn on_a_read_only_disk(folder: &Path) -> Command {
    let mount = "mount --bind . . && mount -o remount,bind,ro \"$PWD\" && cd \"$PWD\" && exec \"$0\" \"$@\"";
    behind("unshare", &["--user", "--map-root-user", "--mount", "sh", "-c", mount], folder)
}

/// Whether this system lets anybody mount in a name space of their own. Many do, containers often do not.
fn may_mount() -> bool {
    let try_it = ["--user", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs -o size=1m small /mnt"];
    let may = Command::new("unshare").args(try_it).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    if !may {
        eprintln!("left out: this system lets nobody mount a disk in a name space of their own");
    }
    may
}

#[tokio::test]
async fn a_full_disk_stops_writing_until_there_is_room() {
    if !may_mount() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(Server::run(on_a_small_disk, folder.path())).await;
    // The disk as the server sees it.
    let ballast = PathBuf::from(format!("/proc/{}/cwd/ballast", desk.server.pid()));
    fs::write(&ballast, vec![0; 600_000]).unwrap();
    let mut told = None;
    for _ in 0..2_000 {
        let (status, code, wait) = desk.write(9_000).await;
        if status != 201 {
            told = Some((status, code, wait.is_some()));
            break;
        }
    }
    assert_eq!(told, Some((503, "unavailable".to_owned(), true)));
    // The last bytes too: a small note finds none.
    let mut rest = File::options().append(true).open(&ballast).unwrap();
    while std::io::Write::write(&mut rest, &[0; 4096]).is_ok_and(|written| written > 0) {}
    while desk.write(9_000).await.0 == 201 {}
    assert_eq!(desk.probe("/readyz").await, 503);
    desk.has_everything().await;
    let log = desk.server.log();
    assert!(log.contains("the disk is full") && log.contains("free space on its disk") && !log.contains("panicked"), "{log}");

    rest.set_len(0).unwrap();
    desk.works().await;
    let log = desk.server.log();
    assert_eq!(log.matches("nothing can be written").count(), 1, "{log}");
}

#[tokio::test]
async fn connections_that_say_nothing_or_too_little_are_closed_and_nobody_waits_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(Server::run(limitable, folder.path())).await;
    let address = desk.server.url.trim_start_matches("http://").to_owned();
    let mut held = Vec::new();
    for number in 0..200 {
        let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        if number % 2 == 0 {
            stream.write_all(b"POST /helpdesk/api/v1/widget/session HTTP/1.1\r\nhost: desk\r\nx-slow: ").await.unwrap();
        }
        held.push(stream);
    }
    let begin = std::time::Instant::now();
    desk.works().await;
    assert!(begin.elapsed() < Duration::from_secs(5), "nobody waits for them");
    for mut stream in held {
        let end = tokio::time::timeout(Duration::from_secs(30), stream.read(&mut [0; 1024])).await.expect("it is still open");
        assert!(matches!(end, Ok(0) | Err(_)), "nothing is answered: {end:?}");
    }
    desk.works().await;
}

/// Starts a server that is to end by itself; what it logged.
fn refused(command: fn(&Path) -> Command, folder: &Path) -> String {
    let ended = command(folder).output().unwrap();
    let log = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{log}");
    assert!(!log.contains("panicked"), "{log}");
    log
}

#[tokio::test]
async fn a_read_only_disk_is_refused_at_the_start() {
    if !may_mount() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(Server::run(limitable, folder.path())).await;
    assert_eq!(desk.server.terminate().code(), Some(0));
    let log = refused(on_a_read_only_disk, folder.path());
    assert!(log.contains("helpdesk.db") && log.contains("owner, mode, mount"), "{log}");
    desk.server.restart();
    desk.works().await;
}

#[tokio::test]
async fn a_log_that_was_damaged_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(Server::run(limitable, folder.path())).await;
    for _ in 0..20 {
        assert_eq!(desk.write(100).await.0, 201);
    }
    desk.server.kill();
    let path = folder.path().join("helpdesk.db-wal");
    let sound = fs::read(&path).unwrap();
    let mut bytes = sound.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    let log = refused(limitable, folder.path());
    assert!(log.contains("helpdesk.db-wal is damaged") && log.contains("restore a backup"), "{log}");
    // Refusing changed nothing: with the log as it was, everything is there.
    fs::write(&path, sound).unwrap();
    desk.server.restart();
    desk.works().await;
}
