//! `kill -9` loses nothing: the server is killed a hundred times under load, and everything it acknowledged is there.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a story that cannot go on fails, and says what it measured")]

#[path = "support/place.rs"]
mod place;
#[path = "support/server.rs"]
mod server;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use place::Place;
use rand::RngExt as _;
use serde_json::{Value, json};
use server::{OWNER, Server, call, client, timeline, visitor};

const KILLS: usize = 100;
const VISITORS: usize = 8;

/// What a visitor's client remembers: like the widget, it sends a message again with the same id until it is told.
struct Visitor {
    token: String,
    conversation: Option<String>,
    unacknowledged: Option<String>,
    acknowledged: Vec<(String, u64)>,
}

place::on_both_databases!(a_server_killed_a_hundred_times_under_load_loses_nothing_and_repeats_nothing);

async fn a_server_killed_a_hundred_times_under_load_loses_nothing_and_repeats_nothing(place: Place) {
    let http = client();
    let mut server = place.server();
    let mut visitors = Vec::new();
    for _ in 0..VISITORS {
        let token = visitor(&http, &server).await;
        visitors.push(Arc::new(Mutex::new(Visitor { token, conversation: None, unacknowledged: None, acknowledged: Vec::new() })));
    }
    let number = Arc::new(AtomicUsize::new(0));
    // In milliseconds. On Postgres the first message of a life takes a tenth of a second, because connections are made for it.
    let longest = if place.is_file() { 150 } else { 400 };
    for _ in 0..KILLS {
        let api = server.api("widget/conversations");
        let sending: Vec<_> = visitors
            .iter()
            .map(|visitor| tokio::spawn(write_until_it_breaks(http.clone(), api.clone(), visitor.clone(), number.clone())))
            .collect();
        let life = rand::rng().random_range(5..longest);
        tokio::time::sleep(Duration::from_millis(life)).await;
        server.kill();
        for task in sending {
            task.await.unwrap();
        }
        server.restart();
    }

    let mut acknowledged = 0;
    for visitor in &visitors {
        let (token, conversation, known) = {
            let visitor = visitor.lock().unwrap();
            (visitor.token.clone(), visitor.conversation.clone(), visitor.acknowledged.clone())
        };
        let conversation = conversation.expect("a hundred lives are enough to begin a conversation");
        answered(&http, &server, &conversation).await;
        let thread = timeline(&http, &server, "widget/", &conversation, &token).await;
        let mut places: HashMap<String, Vec<u64>> = HashMap::new();
        for entry in thread.iter().filter(|entry| entry["author"]["type"] == "contact" && entry["body"]["type"] == "message") {
            places.entry(entry["body"]["text"].as_str().unwrap().to_owned()).or_default().push(entry["seq"].as_u64().unwrap());
        }
        for (text, seq) in &known {
            assert_eq!(places.get(text), Some(&vec![*seq]), "{text} was acknowledged as entry {seq}");
        }
        assert!(places.values().all(|seqs| seqs.len() == 1), "a message is there twice: {places:?}");
        let whole = timeline(&http, &server, "", &conversation, OWNER).await;
        let seqs: Vec<u64> = whole.iter().map(|entry| entry["seq"].as_u64().unwrap()).collect();
        assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>(), "seq is dense");
        acknowledged += known.len();
    }
    println!("{acknowledged} messages acknowledged over {KILLS} kills");
    assert!(acknowledged > KILLS, "the load was no load: {acknowledged} messages");
}

async fn write_until_it_breaks(http: reqwest::Client, api: String, visitor: Arc<Mutex<Visitor>>, number: Arc<AtomicUsize>) {
    loop {
        let (token, text, url) = {
            let mut visitor = visitor.lock().unwrap();
            let text = visitor.unacknowledged.get_or_insert_with(|| format!("message {}", number.fetch_add(1, Ordering::Relaxed))).clone();
            let url = visitor.conversation.as_ref().map_or_else(|| api.clone(), |id| format!("{api}/{id}/messages"));
            (visitor.token.clone(), text, url)
        };
        let body = json!({"client_id": text.replace(' ', "-"), "text": text});
        match call(&http, "POST", &url, &token, Some(body)).await {
            Ok((200 | 201, answer)) => {
                let mut visitor = visitor.lock().unwrap();
                visitor.acknowledged.push((text, answer["entry"]["seq"].as_u64().unwrap()));
                visitor.unacknowledged = None;
                if let Some(id) = answer["conversation"]["id"].as_str() {
                    visitor.conversation = Some(id.to_owned());
                }
            }
            // The strict limit of a visitor: this life's burst is used up.
            Ok((429 | 503, _)) => return,
            Ok((status, problem)) => panic!("{status}: {problem}"),
            // Killed.
            Err(_) => return,
        }
    }
}

/// Waits until the assistant owes the conversation nothing: every job was done.
async fn answered(http: &reqwest::Client, server: &Server, conversation: &str) {
    for _ in 0..600 {
        let (_, now): (u16, Value) = call(http, "GET", &server.api(&format!("conversations/{conversation}")), OWNER, None).await.unwrap();
        if now["answering"] == false {
            // An answer whose every attempt was killed is given up, and the contact is told: done, visibly.
            let author = &now["last_message"]["author"]["type"];
            assert!(author == "assistant" || author == "system", "{now}");
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("a job was not finished within 30 seconds");
}
