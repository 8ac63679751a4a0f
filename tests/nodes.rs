//! Several standalone servers on one Postgres, as processes of their own: one helpdesk, whichever of them one talks to.
#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[path = "../helpdesk-store/tests/common/postgres.rs"]
mod postgres;
#[path = "support/server.rs"]
mod server;

use postgres::TestPostgres;
use serde_json::Value;
use server::{OWNER, Server, call, client, node};

/// Nodes on a database, started all at once.
async fn start(count: usize, database_url: &str, event_bus: Option<&str>) -> (Vec<Server>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let starting = (0..count).map(|_| {
        let (url, bus, folder) = (database_url.to_owned(), event_bus.map(str::to_owned), folder.path().to_owned());
        tokio::task::spawn_blocking(move || Server::run(move |folder| node(folder, &url, bus.as_deref()), &folder))
    });
    let nodes = futures_util::future::join_all(starting).await.into_iter().map(Result::unwrap).collect();
    (nodes, folder)
}

#[tokio::test]
async fn nodes_that_start_at_once_on_an_empty_database_make_one_owner_and_one_set_of_articles() {
    let database = TestPostgres::get().database().await;
    let http = client();
    let (nodes, _folder) = start(6, &database, None).await;
    for node in &nodes {
        let read = async |path: &str| {
            let (status, answer) = call(&http, "GET", &node.api(path), OWNER, None).await.unwrap();
            assert_eq!(status, 200, "{answer}");
            answer["items"].as_array().cloned().unwrap_or_default()
        };
        let operators = read("operators").await;
        assert_eq!(operators.iter().map(|operator| &operator["name"]).collect::<Vec<_>>(), ["Owner"]);
        let mut titles: Vec<Value> = read("articles").await.iter().map(|article| article["title"].clone()).collect();
        titles.sort_by_key(Value::to_string);
        titles.dedup();
        assert_eq!((titles.len(), read("articles").await.len()), (8, 8));
        assert_eq!(read("assistants").await.len(), 1);
        for path in ["readyz", "metrics"] {
            assert_eq!(http.get(format!("{}/{path}", node.url)).send().await.unwrap().status(), 200);
        }
    }
}
