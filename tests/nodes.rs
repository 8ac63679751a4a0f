//! Several standalone servers on one Postgres, as processes of their own: one helpdesk, whichever of them one talks to, and
//! whichever of them dies. Played over both buses.
#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[path = "../helpdesk-store/tests/common/nats.rs"]
mod nats;
#[path = "support/place.rs"]
mod place;
#[path = "support/provider.rs"]
mod provider;
#[path = "support/server.rs"]
mod server;
#[path = "support/socket.rs"]
mod socket;

use std::sync::Arc;

use futures_util::future::join_all;
use nats::TestNats;
use place::Place;
use provider::{Call, Provider};
use reqwest::Client;
use reqwest::header::{COOKIE, ORIGIN, SET_COOKIE};
use serde_json::{Value, json};
use server::{OWNER, Server, call, client, timeline, visitor};
use socket::Socket;

/// Makes of each story, an async function of a [`Stage`], a test over each bus.
macro_rules! over_both_buses {
    ($($story:ident),+ $(,)?) => {
        mod over_postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    super::$story(super::Stage::set(None).await).await;
                }
            )+
        }
        mod over_nats {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    super::$story(super::Stage::set(Some(crate::nats::TestNats::start())).await).await;
                }
            )+
        }
    };
}

over_both_buses!(
    the_main_story_is_one_whichever_nodes_it_is_told_to,
    an_answer_that_dies_with_its_node_comes_from_another,
    a_node_that_is_stopped_sends_its_clients_elsewhere_and_loses_nothing,
);

/// Three nodes, and the words of their assistant.
struct Stage {
    http: Client,
    nodes: Vec<Server>,
    provider: Provider,
    _place: Arc<Place>,
    _nats: Option<TestNats>,
}

impl Stage {
    async fn set(nats: Option<TestNats>) -> Self {
        let (place, provider) = (Arc::new(Place::postgres().await), Provider::start().await);
        let bus = nats.as_ref().map_or_else(|| "postgres".to_owned(), TestNats::url);
        let nodes = start(3, &place, |number| {
            // The model's name tells the provider which node asks.
            let flags = ["--event-bus", &bus, "--openai-base-url", &provider.url, "--openai-api-key", "key", "--openai-model"];
            flags.into_iter().map(str::to_owned).chain([number.to_string()]).collect()
        });
        Self { http: client(), nodes: nodes.await, provider, _place: place, _nats: nats }
    }

    /// A request with a bearer token, to this node, that must succeed.
    async fn done(&self, node: usize, method: &str, path: &str, token: &str, body: Value) -> Value {
        let body = Some(body).filter(|body| !body.is_null());
        let (status, answer) = call(&self.http, method, &self.nodes[node].api(path), token, body).await.unwrap();
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    /// A visitor who began a conversation: the token, and the conversation's id.
    async fn asked(&self, node: usize, text: &str) -> (String, String) {
        let token = visitor(&self.http, &self.nodes[node]).await;
        let started = self.done(node, "POST", "widget/conversations", &token, json!({"text": text})).await;
        (token, started["conversation"]["id"].as_str().unwrap().to_owned())
    }

    /// A socket at this node that follows a conversation.
    async fn follow(&self, node: usize, token: &str, conversation: &str, after: u64) -> Socket {
        let mut socket = Socket::open(&self.nodes[node].socket(), token).await;
        socket.subscribe(&format!("conversation:{conversation}"), after).await;
        let first = socket.until(|frame| frame["type"] == "changed").await;
        assert_eq!(first["prev"], after, "{first}");
        socket
    }
}

/// Nodes on a database, started all at once.
async fn start(count: usize, place: &Arc<Place>, flags: impl Fn(usize) -> Vec<String>) -> Vec<Server> {
    let starting = (0..count).map(|number| {
        let (place, flags) = (Arc::clone(place), flags(number));
        tokio::task::spawn_blocking(move || place.server_with(&flags.iter().map(String::as_str).collect::<Vec<_>>()))
    });
    join_all(starting).await.into_iter().map(Result::unwrap).collect()
}

/// Which node asks.
fn asking(call: &Call) -> usize {
    call.body["model"].as_str().unwrap().parse().unwrap()
}

fn is_by(entry: &Value, author: &str) -> bool {
    entry["author"]["type"] == author && entry["body"]["type"] == "message"
}

fn says(entry: &Value, author: &str, text: &str) -> bool {
    is_by(entry, author) && entry["body"]["text"] == text
}

/// Waits until the draft that this client has of an answer is this text.
async fn drafted(socket: &mut Socket, wanted: &str) {
    let mut draft = String::new();
    // A space at the end may wait for the word behind it.
    while draft.trim_end() != wanted.trim_end() {
        let frame = socket.until(|frame| ["assistant_delta", "assistant_discard"].iter().any(|kind| frame["type"] == *kind)).await;
        match (frame["type"].as_str(), frame["offset"].as_u64()) {
            (Some("assistant_delta"), Some(0)) => draft = frame["text"].as_str().unwrap().to_owned(),
            (Some("assistant_delta"), Some(offset)) if offset == draft.chars().count() as u64 => {
                draft.push_str(frame["text"].as_str().unwrap())
            }
            (Some("assistant_discard"), _) => draft.clear(),
            _ => {}
        }
    }
}

/// An operator who logged in with a password: what their browser sends.
async fn logged_in(stage: &Stage, added_at: usize, logs_in_at: usize) -> String {
    let ben = json!({"name": "Ben", "email": "ben@shop.example", "password": "oak and brass lamps", "role": "operator"});
    let (status, added) = call(&stage.http, "POST", &format!("{}/users", stage.nodes[added_at].url), OWNER, Some(ben)).await.unwrap();
    assert_eq!(status, 201, "{added}");
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("email", "Ben@shop.example"), ("password", "oak and brass lamps")])
        .finish();
    let browser = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let request =
        browser.post(format!("{}/login", stage.nodes[logs_in_at].url)).header("content-type", "application/x-www-form-urlencoded");
    let answer = request.body(form).send().await.unwrap();
    assert_eq!(answer.status(), 303);
    answer.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn nodes_that_start_at_once_on_an_empty_database_make_one_owner_and_one_set_of_articles() {
    let place = Arc::new(Place::postgres().await);
    let http = client();
    let nodes = start(6, &place, |_| Vec::new()).await;
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

async fn the_main_story_is_one_whichever_nodes_it_is_told_to(mut stage: Stage) {
    let ben = logged_in(&stage, 0, 2).await;
    let mut inbox = Socket::open(&stage.nodes[1].socket(), OWNER).await;
    inbox.say(json!({"type": "subscribe", "topic": "queue"})).await;
    inbox.until(|frame| frame["type"] == "queue" && !frame["counts"].is_null()).await;

    // A visitor asks at one node. Whichever node the assistant is asked by, its words are seen at all of them.
    let (token, id) = stage.asked(0, "How long does shipping take?").await;
    let page = json!({"url": "https://shop.example/lamps", "title": "Lamps"});
    let mut page = Socket::open_on(&stage.nodes[0].socket(), &token, page).await;
    page.subscribe(&format!("conversation:{id}"), 0).await;
    inbox.until(|frame| frame["type"] == "presence" && frame["actor"]["type"] == "contact" && frame["online"] == true).await;
    let (mut second_page, mut desk) = (stage.follow(2, &token, &id, 0).await, stage.follow(1, OWNER, &id, 0).await);
    let answer = stage.provider.called().await;
    answer.say("Two to three ").await;
    answer.say("working days ").await;
    for socket in [&mut page, &mut second_page, &mut desk] {
        drafted(socket, "Two to three working days ").await;
    }
    answer.say("within Germany.").await;
    answer.end().await;
    for socket in [&mut page, &mut second_page, &mut desk] {
        socket.entry(|entry| says(entry, "assistant", "Two to three working days within Germany.")).await;
    }

    // The visitor asks for a human at another node, and the inbox lights up.
    stage.done(2, "POST", &format!("widget/conversations/{id}/human"), &token, json!({})).await;
    inbox.until(|frame| frame["type"] == "notification" && frame["kind"] == "takeover_requested").await;
    let confirmation = stage.provider.called().await;
    confirmation.say("A colleague will be with you.").await;
    confirmation.end().await;
    page.entry(|entry| says(entry, "assistant", "A colleague will be with you.")).await;

    // Two operators claim at once, each at a node of their own: one wins, the other is told who.
    let url = |node: usize, path: &str| stage.nodes[node].api(&format!("conversations/{id}/{path}"));
    let as_ben = async |path: &str, body: Value| {
        let request = stage.http.post(url(2, path)).header(COOKIE, &ben).header(ORIGIN, &stage.nodes[2].url).json(&body);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap_or_default())
    };
    let as_owner = async |path: &str, body: Value| call(&stage.http, "POST", &url(1, path), OWNER, Some(body)).await.unwrap();
    let (owners, bens) = tokio::join!(as_owner("claim", json!({})), as_ben("claim", json!({})));
    let (winner, lost) = match (owners.0, bens.0) {
        (200, 409) => ("Owner", bens.1),
        (409, 200) => ("Ben", owners.1),
        other => panic!("one wins, not {other:?}"),
    };
    assert_eq!((&lost["code"], &lost["claimed_by"]["name"]), (&json!("already_claimed"), &json!(winner)));
    let act = async |path: &str, body: Value| {
        let (status, answer) = if winner == "Ben" { as_ben(path, body).await } else { as_owner(path, body).await };
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
    };
    let told = page.entry(|entry| entry["body"]["kind"] == "claimed").await;
    assert_eq!(told["body"]["actor"]["name"], winner, "{told}");

    // The two talk, each seeing that the other types.
    act("typing", json!({})).await;
    page.until(|frame| frame["type"] == "typing" && frame["author"]["type"] == "operator").await;
    act("messages", json!({"text": "Hi, how can I help?"})).await;
    let reply = page.entry(|entry| says(entry, "operator", "Hi, how can I help?")).await;
    assert_eq!(reply["author"]["name"], winner);
    second_page.say(json!({"type": "typing", "conversation": id})).await;
    desk.until(|frame| frame["type"] == "typing" && frame["author"]["type"] == "contact").await;
    second_page.say(json!({"type": "send", "client_id": "m2", "conversation": id, "text": "Where is my parcel?"})).await;
    second_page.until(|frame| frame["type"] == "ack" && frame["client_id"] == "m2").await;
    for socket in [&mut page, &mut desk] {
        socket.entry(|entry| says(entry, "contact", "Where is my parcel?")).await;
    }

    // The assistant has it back, and answers the next message; then it is resolved.
    act("assign", json!({"assignee": {"type": "assistant"}})).await;
    page.entry(|entry| entry["body"]["kind"] == "handed_back").await;
    stage.done(0, "POST", &format!("widget/conversations/{id}/messages"), &token, json!({"text": "Can I return a lamp?"})).await;
    let answer = stage.provider.called().await;
    answer.say("Within 30 days.").await;
    answer.end().await;
    for socket in [&mut page, &mut second_page, &mut desk] {
        socket.entry(|entry| says(entry, "assistant", "Within 30 days.")).await;
    }
    stage.done(1, "POST", &format!("conversations/{id}/status"), OWNER, json!({"status": "resolved"})).await;
    for socket in [&mut page, &mut second_page] {
        socket.entry(|entry| entry["body"]["kind"] == "status_changed").await;
    }

    // The visitor leaves one node, then the other; only then is the visitor away.
    drop(page);
    drop(second_page);
    inbox.until(|frame| frame["type"] == "presence" && frame["actor"]["type"] == "contact" && frame["online"] == false).await;
    let mut told = Vec::new();
    for node in &stage.nodes {
        told.push(timeline(&stage.http, node, "", &id, OWNER).await);
    }
    assert!(told.iter().all(|thread| *thread == told[0]));
    let seqs: Vec<u64> = told[0].iter().map(|entry| entry["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
    assert_eq!(told[0].iter().filter(|entry| is_by(entry, "assistant")).count(), 3);
}

async fn an_answer_that_dies_with_its_node_comes_from_another(mut stage: Stage) {
    let (token, id) = stage.asked(0, "How long does shipping take?").await;
    let first = stage.provider.called().await;
    let dies = asking(&first);
    let (near, far) = ((dies + 1) % 3, (dies + 2) % 3);
    let mut page = stage.follow(near, &token, &id, 0).await;
    let mut desk = stage.follow(far, OWNER, &id, 0).await;
    let mut cut_off = stage.follow(dies, &token, &id, 0).await;
    first.say("What I began ").await;
    for socket in [&mut page, &mut desk, &mut cut_off] {
        drafted(socket, "What I began ").await;
    }
    stage.nodes[dies].kill();
    // Whoever was connected to it goes on at another one, where it was.
    let mut cut_off = stage.follow(far, &token, &id, cut_off.cursor).await;

    let again = stage.provider.called().await;
    assert_ne!(asking(&again), dies);
    again.say("Said anew, ").await;
    for socket in [&mut page, &mut desk, &mut cut_off] {
        drafted(socket, "Said anew, ").await;
    }
    again.say("to the end.").await;
    again.end().await;
    for socket in [&mut page, &mut desk, &mut cut_off] {
        let answer = socket.entry(|entry| is_by(entry, "assistant")).await;
        assert_eq!(answer["body"]["text"], "Said anew, to the end.");
    }
    let thread = timeline(&stage.http, &stage.nodes[near], "widget/", &id, &token).await;
    assert_eq!(thread.iter().filter(|entry| is_by(entry, "assistant")).count(), 1, "{thread:#?}");
}

async fn a_node_that_is_stopped_sends_its_clients_elsewhere_and_loses_nothing(mut stage: Stage) {
    const MESSAGES: usize = 200;
    const BEFORE: usize = 50;
    let (token, id) = stage.asked(0, "How long does shipping take?").await;
    let answer = stage.provider.called().await;
    let leaves = asking(&answer);
    let mut page = stage.follow(leaves, &token, &id, 0).await;
    answer.say("Two to three ").await;
    drafted(&mut page, "Two to three ").await;

    // The owner writes to another conversation by that node, all the time, and then by the next one.
    let (_, busy) = stage.asked(0, "Is anybody there?").await;
    let path = format!("conversations/{busy}/messages");
    let addresses = [leaves, (leaves + 1) % 3].map(|node| stage.nodes[node].api(&path));
    let (sent, mut seen) = tokio::sync::watch::channel(0);
    let writing = tokio::spawn(write(stage.http.clone(), addresses, MESSAGES, sent));
    seen.wait_for(|sent| *sent >= BEFORE).await.unwrap();

    let mut leaving = stage.nodes.remove(leaves);
    let ended = tokio::task::spawn_blocking(move || leaving.terminate());
    let code = loop {
        match page.next().await {
            Ok(_) => {}
            Err(code) => break code,
        }
    };
    assert_eq!(code, 1012, "connect again");
    // What was promised for a restart: the client is back at another node, and the answer is not lost.
    let mut page = stage.follow(0, &token, &id, page.cursor).await;
    answer.say("working days.").await;
    answer.end().await;
    let said = page.entry(|entry| is_by(entry, "assistant")).await;
    assert_eq!(said["body"]["text"], "Two to three working days.");
    assert!(ended.await.unwrap().success());

    writing.await.unwrap();
    let thread = timeline(&stage.http, &stage.nodes[0], "", &busy, OWNER).await;
    let texts: Vec<_> = thread.iter().filter(|entry| is_by(entry, "operator")).map(|entry| entry["body"]["text"].clone()).collect();
    assert_eq!(texts, (0..MESSAGES).map(|number| json!(format!("message {number}"))).collect::<Vec<_>>());
}

/// Writes messages one after the other, each again with the same id until it is acknowledged; by the second address from
/// the first failure on.
async fn write(http: Client, addresses: [String; 2], messages: usize, sent: tokio::sync::watch::Sender<usize>) {
    let mut address = 0;
    for number in 0..messages {
        let body = json!({"client_id": format!("drain-{number}"), "text": format!("message {number}")});
        loop {
            match call(&http, "POST", &addresses[address], OWNER, Some(body.clone())).await {
                Ok((200 | 201, _)) => break,
                Ok((429 | 503, _)) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
                Ok((status, problem)) => panic!("{status}: {problem}"),
                Err(error) => {
                    assert_eq!(address, 0, "the other node stays: {error}");
                    address = 1;
                }
            }
        }
        sent.send_replace(number + 1);
    }
}
