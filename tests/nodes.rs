//! Several standalone servers on one Postgres, as processes of their own: one helpdesk, whichever of them one talks to.
#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[path = "support/place.rs"]
mod place;
#[path = "support/server.rs"]
mod server;

use std::sync::Arc;

use futures_util::future::join_all;
use place::Place;
use serde_json::Value;
use server::{OWNER, Server, call, client};

/// Nodes on a database, started all at once.
async fn start(count: usize, place: &Arc<Place>) -> Vec<Server> {
    let starting = (0..count).map(|_| {
        let place = Arc::clone(place);
        tokio::task::spawn_blocking(move || place.server())
    });
    join_all(starting).await.into_iter().map(Result::unwrap).collect()
}

#[tokio::test]
async fn nodes_that_start_at_once_on_an_empty_database_make_one_owner_and_one_set_of_articles() {
    let place = Arc::new(Place::postgres().await);
    let http = client();
    let nodes = start(6, &place).await;
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
