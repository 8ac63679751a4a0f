//! The pages and the server together: a real Chromium, the built pages, the standalone server. The stories themselves are
//! scripts in `helpdesk-http/ui/e2e`; here they are started, and what only this side sees is checked.
//!
//! `cargo xtask test` provides what they need. Without it: Node 20.19 or later, `npm ci` in `helpdesk-http/ui`, and a
//! Chromium that `CHROMIUM_PATH` names or that is at `/usr/bin/chromium`.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a story that cannot go on fails, and a skipped one says so")]

#[path = "support/place.rs"]
mod place;
#[path = "support/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use place::Place;
use serde_json::json;
use server::{OWNER, Server, binary, call, client};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, Row as _, SqliteConnection};
use tokio::runtime::Runtime;

/// One browser at a time: a small machine has no room for two.
static BROWSER: Mutex<()> = Mutex::new(());

/// True if the browser was left out on purpose, which is said so that nobody takes it for a pass.
fn left_out(story: &str) -> bool {
    let left_out = std::env::var_os("HELPDESK_WITHOUT_BROWSER").is_some_and(|value| value == "1");
    if left_out {
        eprintln!("SKIPPED: {story} did not run, because HELPDESK_WITHOUT_BROWSER=1");
    }
    left_out
}

/// Runs a script of `helpdesk-http/ui/e2e/test`, which must succeed.
fn play(story: &str, environment: &[(&str, &str)]) {
    let _alone = BROWSER.lock().unwrap_or_else(PoisonError::into_inner);
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("helpdesk-http/ui");
    let runner = pages.join("node_modules/vitest/vitest.mjs");
    needed(&runner, "the npm packages are not installed");
    let browser = std::env::var_os("CHROMIUM_PATH").map_or_else(|| PathBuf::from("/usr/bin/chromium"), PathBuf::from);
    needed(&browser, "there is no Chromium");
    let mut command = Command::new("node");
    command.arg(runner).arg("run").arg("--root").arg(pages.join("e2e")).arg(format!("test/{story}.test.ts"));
    command.env("CHROMIUM_PATH", browser).env("HELPDESK_STANDALONE", binary("standalone")).env("NO_COLOR", "1");
    let status = command.envs(environment.iter().copied()).status();
    let status = status.unwrap_or_else(|error| panic!("Node could not be started ({error}); `cargo xtask test` says what to install"));
    assert!(status.success(), "the story {story} failed, see above");
}

fn needed(path: &Path, otherwise: &str) {
    assert!(path.exists(), "{otherwise} ({} is missing); `cargo xtask test` provides it", path.display());
}

#[test]
fn the_main_story_survives_reloads_and_a_kill_and_a_claim_has_one_winner() {
    if !left_out("the main story") {
        play("story", &[]);
    }
}

#[test]
fn the_main_story_is_the_same_on_postgres() {
    if !left_out("the main story on Postgres") {
        let place = Runtime::new().unwrap().block_on(Place::postgres());
        let flags = serde_json::to_string(&place.flags()).unwrap();
        play("story", &[("HELPDESK_STANDALONE_FLAGS", &flags)]);
    }
}

#[test]
fn hostile_text_runs_in_neither_page() {
    if !left_out("hostile text") {
        play("hostile", &[]);
    }
}

#[test]
fn the_pages_break_no_rule_of_accessibility() {
    if !left_out("the look of the pages") {
        play("look", &[]);
    }
}

#[test]
fn a_chat_with_the_helpdesk_off_leaves_no_row() {
    if left_out("the chat with the helpdesk off") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let runtime = Runtime::new().unwrap();
    let before = runtime.block_on(async {
        let http = client();
        let settings = server.api("settings");
        let (status, current) = call(&http, "GET", &settings, OWNER, None).await.unwrap();
        assert_eq!(status, 200, "{current}");
        let off = json!({"version": current["version"], "helpdesk": false});
        let (status, answer) = call(&http, "PATCH", &settings, OWNER, Some(off)).await.unwrap();
        assert_eq!((status, &answer["helpdesk"]), (200, &json!(false)), "{answer}");
        rows(folder.path()).await
    });
    assert!(before.keys().filter(|table| table.starts_with("helpdesk_")).count() > 5, "{before:?}");
    play("off", &[("HELPDESK_URL", server.url.as_str())]);
    assert_eq!(runtime.block_on(rows(folder.path())), before);
}

/// How many rows each table of the server's database has.
async fn rows(folder: &Path) -> BTreeMap<String, i64> {
    let options = SqliteConnectOptions::new().filename(folder.join("helpdesk.db")).read_only(true);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let tables = sqlx::query("SELECT name FROM sqlite_master WHERE type = 'table'").fetch_all(&mut connection).await.unwrap();
    let mut rows = BTreeMap::new();
    for table in tables {
        let table: String = table.get(0);
        let sql = format!("SELECT count(*) FROM \"{table}\"");
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut connection).await.unwrap();
        rows.insert(table, count);
    }
    rows
}
