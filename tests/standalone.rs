//! The standalone server from outside, as the programs that drive it see it: the whole main story over HTTP and the live
//! socket, the log-in, and what an operator of the server relies on.
#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

/// The server's own unit tests run as part of these.
#[path = "../examples/standalone/main.rs"]
#[allow(dead_code, reason = "only its tests are run here")]
mod parts;
#[path = "support/place.rs"]
mod place;
#[path = "support/provider.rs"]
mod provider;
#[path = "support/server.rs"]
mod server;
#[path = "support/socket.rs"]
mod socket;

use place::Place;
use provider::Provider;
use reqwest::header::{CONTENT_SECURITY_POLICY, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use server::{OWNER, Server, call, client, example, timeline, visitor};
use socket::Socket;

place::on_both_databases!(
    the_main_story_survives_a_kill_in_the_middle,
    an_answer_streams_and_a_takeover_withdraws_it,
    people_log_in_by_the_printed_link_once_and_then_by_password,
    the_owner_adds_operators_who_race_for_a_claim_and_removes_them,
    what_a_machine_asks_is_answered_at_the_root,
);

/// A request to the API that must succeed.
async fn done(client: &Client, server: &Server, method: &str, path: &str, token: &str, body: Value) -> Value {
    let body = Some(body).filter(|body| !body.is_null());
    let (status, answer) = call(client, method, &server.api(path), token, body).await.unwrap();
    assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
    answer
}

fn is_by(entry: &Value, author: &str) -> bool {
    entry["author"]["type"] == author && entry["body"]["type"] == "message"
}

fn text(entry: &Value) -> &str {
    entry["body"]["text"].as_str().unwrap()
}

async fn the_main_story_survives_a_kill_in_the_middle(place: Place) {
    let http = client();
    let mut server = place.server();

    // A visitor asks, and the assistant answers from a help article.
    let token = visitor(&http, &server).await;
    let mut inbox = Socket::open(&server.socket(), OWNER).await;
    inbox.say(json!({"type": "subscribe", "topic": "queue"})).await;
    inbox.until(|frame| frame["type"] == "queue" && !frame["counts"].is_null()).await;
    let question = json!({"client_id": "m1", "text": "How long does shipping take?"});
    let started = done(&http, &server, "POST", "widget/conversations", &token, question.clone()).await;
    let id = started["conversation"]["id"].as_str().unwrap().to_owned();
    let (status, again) = call(&http, "POST", &server.api("widget/conversations"), &token, Some(question)).await.unwrap();
    assert_eq!((status, &again["entry"]), (200, &started["entry"]));
    let mut page = Socket::open(&server.socket(), &token).await;
    page.subscribe(&format!("conversation:{id}"), 0).await;
    let answer = page.entry(|entry| is_by(entry, "assistant")).await;
    assert!(text(&answer).contains("two to three working days"), "{answer}");
    assert_eq!(answer["body"]["citations"][0]["title"], "Shipping times and costs");

    // The visitor asks for a human, and the inbox lights up.
    let asked = done(&http, &server, "POST", &format!("widget/conversations/{id}/human"), &token, json!({})).await;
    assert!(asked["conversation"]["takeover_requested_at"].is_string() && asked["conversation"]["assignee"]["type"] == "assistant");
    let notified = inbox.until(|frame| frame["type"] == "notification" && frame["kind"] == "takeover_requested").await;
    assert_eq!(notified["conversation"], id.as_str());
    page.entry(|entry| entry["body"]["kind"] == "takeover_requested").await;
    page.entry(|entry| is_by(entry, "assistant") && entry["seq"].as_u64() > answer["seq"].as_u64()).await;

    // The power goes. Everything is there.
    let before = timeline(&http, &server, "widget/", &id, &token).await;
    server.restart();
    assert_eq!(timeline(&http, &server, "widget/", &id, &token).await, before);
    let waiting = done(&http, &server, "GET", "conversations?view=waiting", OWNER, Value::Null).await;
    assert_eq!(waiting["items"][0]["id"], id.as_str());
    let ticket = waiting["items"][0]["ticket"]["number"].as_u64().unwrap();
    assert_eq!(done(&http, &server, "GET", &format!("tickets/{ticket}"), OWNER, Value::Null).await["status"], "unassigned");

    // The owner takes over, and the two talk.
    let mut page = Socket::open(&server.socket(), &token).await;
    page.subscribe(&format!("conversation:{id}"), asked["conversation"]["version"].as_u64().unwrap()).await;
    let mut desk = Socket::open(&server.socket(), OWNER).await;
    desk.say(json!({"type": "subscribe", "topic": format!("conversation:{id}")})).await;
    let claimed = done(&http, &server, "POST", &format!("conversations/{id}/claim"), OWNER, json!({})).await;
    assert_eq!(claimed["conversation"]["assignee"]["type"], "operator");
    let told = page.entry(|entry| entry["body"]["kind"] == "claimed").await;
    assert_eq!(told["body"]["actor"]["name"], "Owner", "{told}");
    desk.say(json!({"type": "typing", "conversation": id})).await;
    page.until(|frame| frame["type"] == "typing" && frame["author"]["type"] == "operator").await;
    done(&http, &server, "POST", &format!("conversations/{id}/notes"), OWNER, json!({"text": "A regular customer."})).await;
    done(&http, &server, "POST", &format!("conversations/{id}/messages"), OWNER, json!({"text": "Hi, how can I help?"})).await;
    let reply = page.entry(|entry| is_by(entry, "operator")).await;
    assert_eq!((text(&reply), reply["author"]["name"].as_str()), ("Hi, how can I help?", Some("Owner")));
    page.say(json!({"type": "send", "client_id": "m2", "conversation": id, "text": "Where is my parcel?"})).await;
    let sent = page.until(|frame| frame["type"] == "ack").await;
    assert_eq!(sent["client_id"], "m2");
    desk.entry(|entry| is_by(entry, "contact") && text(entry) == "Where is my parcel?").await;

    // The owner hands back, and the assistant answers again.
    let back = json!({"assignee": {"type": "assistant"}});
    done(&http, &server, "POST", &format!("conversations/{id}/assign"), OWNER, back).await;
    page.entry(|entry| entry["body"]["kind"] == "handed_back").await;
    done(&http, &server, "POST", &format!("widget/conversations/{id}/messages"), &token, json!({"text": "Can I return a lamp?"})).await;
    let answer = page.entry(|entry| is_by(entry, "assistant") && text(entry).contains("30 days")).await;

    let team = timeline(&http, &server, "", &id, OWNER).await;
    let seqs: Vec<_> = team.iter().map(|entry| entry["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, (1..=team.len() as u64).collect::<Vec<_>>());
    assert_eq!(team.iter().filter(|entry| entry["body"]["type"] == "note").count(), 1);
    let contact = timeline(&http, &server, "widget/", &id, &token).await;
    assert!(contact.iter().all(|entry| entry["body"]["type"] != "note"));
    assert_eq!(contact.last(), Some(&answer));
    let between = contact.iter().filter(|entry| entry["seq"].as_u64() > reply["seq"].as_u64() && is_by(entry, "assistant"));
    assert_eq!(between.count(), 1, "the assistant was silent while the owner answered");
}

async fn an_answer_streams_and_a_takeover_withdraws_it(place: Place) {
    let http = client();
    // Begun without a provider: the flags of a later start choose the assistant anew.
    place.server().kill();
    let mut provider = Provider::start().await;
    let server = place.server_with(&["--openai-base-url", &provider.url, "--openai-api-key", "key", "--openai-model", "test"]);

    let token = visitor(&http, &server).await;
    let started = done(&http, &server, "POST", "widget/conversations", &token, json!({"text": "How long does shipping take?"})).await;
    let id = started["conversation"]["id"].as_str().unwrap().to_owned();
    let mut page = Socket::open(&server.socket(), &token).await;
    page.subscribe(&format!("conversation:{id}"), 0).await;
    let called = provider.called().await;
    assert_eq!((&called.body["model"], &called.body["stream"]), (&json!("test"), &json!(true)));
    assert!(called.body["messages"].to_string().contains("two to three working days"), "the articles are told to the model");

    let (mut said, mut draft) = (String::new(), String::new());
    for words in ["Two to three ", "working days ", "within Germany."] {
        called.say(words).await;
        said.push_str(words);
        // A space at the end may wait for the word behind it.
        while draft.trim_end() != said.trim_end() {
            let delta = page.until(|frame| frame["type"] == "assistant_delta").await;
            assert_eq!(delta["offset"].as_u64().unwrap(), draft.chars().count() as u64);
            draft.push_str(delta["text"].as_str().unwrap());
        }
    }
    called.end().await;
    let answer = page.entry(|entry| is_by(entry, "assistant")).await;
    assert_eq!(text(&answer), "Two to three working days within Germany.");

    let question = json!({"text": "And to Norway?"});
    done(&http, &server, "POST", &format!("widget/conversations/{id}/messages"), &token, question).await;
    let called = provider.called().await;
    called.say("To Norway it takes ").await;
    page.until(|frame| frame["type"] == "assistant_delta").await;
    done(&http, &server, "POST", &format!("conversations/{id}/messages"), OWNER, json!({"text": "I'll look that up."})).await;
    page.until(|frame| frame["type"] == "assistant_discard").await;
    called.abandoned().await;
    let thread = timeline(&http, &server, "widget/", &id, &token).await;
    assert_eq!(thread.iter().filter(|entry| is_by(entry, "assistant")).count(), 1);
    assert!(is_by(thread.last().unwrap(), "operator"));
}

async fn people_log_in_by_the_printed_link_once_and_then_by_password(place: Place) {
    let browser = browser();
    let server = place.server();
    let printed = server.printed("/login?token=");
    let link = printed.split_whitespace().find(|word| word.starts_with("http://")).unwrap();

    let entered = browser.get(link).send().await.unwrap();
    assert_eq!((entered.status().as_u16(), &entered.headers()[LOCATION]), (303, &"/helpdesk/inbox".parse().unwrap()));
    let attributes = entered.headers()[SET_COOKIE].to_str().unwrap().to_owned();
    assert!(attributes.contains("HttpOnly") && attributes.contains("SameSite=Lax") && !attributes.contains("Secure"), "{attributes}");
    let owner = cookie(&entered);
    assert_eq!(browser.get(link).send().await.unwrap().status(), 403, "the link works once");
    assert_eq!(role(&browser, &server, &owner).await, Some("owner".to_owned()));
    assert_eq!(role(&browser, &server, "helpdesk_session=0").await, None);

    // Pages of other sites cannot act with the cookie.
    let me = server.api("me");
    let away = json!({"availability": "away"});
    let foreign = browser.patch(&me).header(COOKIE, &owner).header(ORIGIN, "https://evil.example").json(&away);
    assert_eq!(foreign.send().await.unwrap().status(), 403);
    let disguised = browser.patch(&me).header(COOKIE, &owner).header(ORIGIN, "https://evil.example").bearer_auth("x").json(&away);
    assert_eq!(disguised.send().await.unwrap().status(), 401);
    let own = browser.patch(&me).header(COOKIE, &owner).header(ORIGIN, &server.url).json(&away);
    assert_eq!(own.send().await.unwrap().status(), 200);

    // A password, for the next time.
    let set = |password: &'static str| {
        let form = [("email", "owner@shop.example"), ("password", password)];
        browser.post(format!("{}/password", server.url)).header(COOKIE, &owner).body(form_body(&form)).header("content-type", FORM).send()
    };
    assert_eq!(set("short").await.unwrap().status(), 422);
    let kept = cookie(&set("lamps for long evenings").await.unwrap());
    assert_eq!(role(&browser, &server, &owner).await, None, "other devices are logged out");
    let out = browser.get(format!("{}/logout", server.url)).header(COOKIE, &kept).send().await.unwrap();
    assert_eq!(out.status(), 303);
    assert_eq!(role(&browser, &server, &kept).await, None);
    assert_eq!(log_in(&browser, &server, "owner@shop.example", "a wrong password").await.status(), 403);
    assert_eq!(log_in(&browser, &server, "nobody@shop.example", "a wrong password").await.status(), 403);
    let again = cookie(&log_in(&browser, &server, "Owner@Shop.example", "lamps for long evenings").await);
    assert_eq!(role(&browser, &server, &again).await, Some("owner".to_owned()));
    let guesses = async {
        for _ in 0..20 {
            if log_in(&browser, &server, "owner@shop.example", "a wrong password").await.status() == 429 {
                return true;
            }
        }
        false
    };
    assert!(guesses.await, "guessing is slowed down");
}

async fn the_owner_adds_operators_who_race_for_a_claim_and_removes_them(place: Place) {
    let (http, browser) = (client(), browser());
    let server = place.server();
    let users = format!("{}/users", server.url);
    let ben = json!({"name": "Ben", "email": "ben@shop.example", "password": "oak and brass lamps", "role": "operator"});
    assert_eq!(call(&http, "POST", &users, "not the owner token", Some(ben.clone())).await.unwrap().0, 401);
    let (status, added) = call(&http, "POST", &users, OWNER, Some(ben.clone())).await.unwrap();
    assert_eq!((status, &added["role"]), (201, &json!("operator")));
    assert_eq!(call(&http, "POST", &users, OWNER, Some(ben)).await.unwrap().0, 409);
    let operators = done(&http, &server, "GET", "operators", OWNER, Value::Null).await;
    assert!(operators["items"].as_array().unwrap().iter().any(|operator| operator["name"] == "Ben"));

    let ben = cookie(&log_in(&browser, &server, "ben@shop.example", "oak and brass lamps").await);
    let token = visitor(&http, &server).await;
    let started = done(&http, &server, "POST", "widget/conversations", &token, json!({"text": "Is anybody there?"})).await;
    let path = format!("conversations/{}/claim", started["conversation"]["id"].as_str().unwrap());
    let claim = browser.post(server.api(&path)).header(COOKIE, &ben).header(ORIGIN, &server.url).json(&json!({})).send();
    let url = server.api(&path);
    let (owners, bens) = tokio::join!(call(&http, "POST", &url, OWNER, Some(json!({}))), claim);
    let ((owners, answer), bens) = (owners.unwrap(), bens.unwrap());
    let bens_status = bens.status().as_u16();
    let bens: Value = bens.json().await.unwrap();
    match (owners, bens_status) {
        (200, 409) => assert_eq!((&bens["code"], &bens["claimed_by"]["name"]), (&json!("already_claimed"), &json!("Owner"))),
        (409, 200) => assert_eq!((&answer["code"], &answer["claimed_by"]["name"]), (&json!("already_claimed"), &json!("Ben"))),
        other => panic!("one wins, not {other:?}"),
    }

    let forbidden = browser.delete(format!("{users}/1")).header(COOKIE, &ben).header(ORIGIN, &server.url).send().await.unwrap();
    assert_eq!(forbidden.status(), 403);
    let id = added["id"].as_i64().unwrap();
    assert_eq!(call(&http, "DELETE", &format!("{users}/1"), OWNER, None).await.unwrap().0, 404, "the first owner stays");
    assert_eq!(call(&http, "DELETE", &format!("{users}/{id}"), OWNER, None).await.unwrap().0, 204);
    assert_eq!(role(&browser, &server, &ben).await, None);
}

async fn what_a_machine_asks_is_answered_at_the_root(place: Place) {
    let http = client();
    let mut server = place.server();
    let get = async |path: &str| http.get(format!("{}{path}", server.url)).send().await.unwrap();
    assert_eq!(get("/healthz").await.status(), 200);
    assert_eq!(get("/readyz").await.status(), 200);
    let demo = get("/").await;
    let policy = demo.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"), "{policy}");
    assert!(demo.text().await.unwrap().contains(r#"src="/helpdesk/widget/v1/widget.js" data-key="hdp_"#));

    let token = visitor(&http, &server).await;
    done(&http, &server, "POST", "widget/conversations", &token, json!({"text": "Hello?"})).await;
    let figures = get("/metrics").await.text().await.unwrap();
    for figure in [
        r#"helpdesk_conversations{view="all"} 1"#,
        r#"helpdesk_http_requests_total{method="POST",route="/helpdesk/api/v1/widget/conversations",status="201"} 1"#,
        "helpdesk_http_request_seconds_bucket",
        "process_start_time_seconds",
    ] {
        assert!(figures.contains(figure), "{figure} is not in {figures}");
    }
    #[cfg(unix)]
    {
        let key = std::fs::metadata(place.folder().join("helpdesk.key")).ok();
        let mode = key.map(|key| std::os::unix::fs::PermissionsExt::mode(&key.permissions()) & 0o777);
        assert_eq!(mode, place.is_file().then_some(0o600));
        let mut socket = Socket::open(&server.socket(), &token).await;
        let ended = tokio::task::spawn_blocking(move || server.terminate());
        let closed = loop {
            match socket.next().await {
                Ok(_) => {}
                Err(code) => break code,
            }
        };
        assert_eq!(closed, 1012, "an open socket is told to come again");
        assert!(ended.await.unwrap().success());
    }
}

#[test]
fn flags_that_cannot_work_are_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |arguments: &[&str]| {
        let output = example("standalone", folder.path())
            .env("RUST_LOG", "error")
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(!output.status.success() && output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    };
    let told = refused(&["--owner-token", "too-short-to-be-a-token"]);
    assert!(told.contains("--owner-token") && told.contains("32") && !told.contains("too-short-to-be-a-token"), "{told}");
    assert!(refused(&["--secret-key", "short"]).contains("--secret-key"));
    assert!(refused(&["--database-url", "sqlite::memory:"]).contains("memory"));
    assert!(refused(&["--database-url", "mysql://127.0.0.1/helpdesk"]).contains("--database-url"));
    let postgres = ["--database-url", "postgres://helpdesk:hush@127.0.0.1:1/helpdesk"];
    let told = refused(&postgres);
    assert!(told.contains("--secret-key") && told.contains("the same") && !told.contains("hush"), "{told}");
    let told = refused(&[&postgres[..], &["--event-bus", "redis://127.0.0.1"]].concat());
    assert!(told.contains("--event-bus") && told.contains("nats://"), "{told}");
    let told = refused(&["--event-bus", "postgres"]);
    assert!(told.contains("--event-bus") && told.contains("SQLite"), "{told}");
    assert!(refused(&["--public-url", "https://shop.example/path"]).contains("--public-url"));
    assert!(refused(&["--log-format", "xml"]).contains("json"));
}

const FORM: &str = "application/x-www-form-urlencoded";

fn form_body(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A client that does not follow redirects.
fn browser() -> Client {
    let _ = client();
    Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

fn cookie(answer: &Response) -> String {
    assert_eq!(answer.status(), 303);
    let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn log_in(browser: &Client, server: &Server, email: &str, password: &str) -> Response {
    let form = form_body(&[("email", email), ("password", password)]);
    browser.post(format!("{}/login", server.url)).header("content-type", FORM).body(form).send().await.unwrap()
}

/// The role of who sends this cookie.
async fn role(browser: &Client, server: &Server, cookie: &str) -> Option<String> {
    let answer = browser.get(server.api("me")).header(COOKIE, cookie).send().await.unwrap();
    if answer.status() == 401 {
        return None;
    }
    let me: Value = answer.json().await.unwrap();
    me["operator"]["role"].as_str().map(str::to_owned)
}
