//! What the live protocol tells.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, header};
use futures_util::StreamExt as _;
use helpdesk_core::store::Store;
use helpdesk_core::testing::{Gate, Script};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::desk::{Desk, request};
use super::line::Server;

async fn a_message_reaches_the_other_side_and_is_acknowledged(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let server = Server::of(&desk).await;
    let visitor = desk.visitor().await;
    let id = desk.conversation(&visitor, "hello").await;
    let topic = format!("conversation:{id}");
    let mut contact = server.hello(&visitor).await;
    let mut team = server.hello(&desk.token).await;
    let first = contact.subscribe(&topic, Value::Null).await;
    assert_eq!((first["type"].as_str(), first["entries"].as_array().map(Vec::len)), (Some("changed"), Some(0)));
    assert_eq!(first["prev"], first["version"]);
    assert!(first["summary"].get("labels").is_none() && first["summary"]["human_button"].is_boolean());
    let replay = team.subscribe(&topic, json!(0)).await;
    assert_eq!((replay["prev"].as_u64(), replay["entries"][0]["body"]["text"].as_str()), (Some(0), Some("hello")));
    assert_eq!(replay["summary"]["contact"]["online"], true);

    team.say(json!({"type": "typing", "conversation": id})).await;
    let typing = contact.next_of("typing").await;
    assert_eq!((typing["author"]["name"].as_str(), typing["note"].as_bool()), (Some("Ana"), Some(false)));
    contact.say(json!({"type": "send", "client_id": "c1", "conversation": id, "text": "are you there?"})).await;
    let ack = contact.next_of("ack").await;
    assert_eq!((ack["client_id"].as_str(), ack["seq"].as_u64()), (Some("c1"), Some(2)));
    let told = team.next_of("changed").await;
    assert_eq!((told["prev"].clone(), told["entries"][0]["seq"].as_u64()), (replay["version"].clone(), Some(2)));
    contact.say(json!({"type": "send", "client_id": "c1", "conversation": id, "text": "are you there?"})).await;
    assert_eq!(contact.next_of("ack").await, ack);
    contact.say(json!({"type": "send", "client_id": "c1", "conversation": id, "text": "else"})).await;
    let refused = contact.next_of("error").await;
    assert_eq!((refused["client_id"].as_str(), refused["code"].as_str()), (Some("c1"), Some("client_id_reused")));

    team.say(json!({"type": "send", "client_id": "t1", "conversation": id, "text": "I am"})).await;
    team.next_of("ack").await;
    let mut last = None;
    loop {
        let frame = contact.next_of("changed").await;
        assert!(last.is_none_or(|last| frame["prev"] == last), "{frame}");
        last = Some(frame["version"].clone());
        if frame["entries"].to_string().contains("I am") {
            assert_eq!(frame["summary"]["assignee"]["name"], "Ana");
            break;
        }
    }
    contact.say(json!({"type": "read", "conversation": id, "seq": 3})).await;
    contact.say(json!({"type": "ping"})).await;
    contact.next_of("pong").await;
}

async fn notes_and_their_typing_stay_with_the_team(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let server = Server::of(&desk).await;
    let visitor = desk.visitor().await;
    let id = desk.conversation(&visitor, "hello").await;
    let topic = format!("conversation:{id}");
    let mut contact = server.hello(&visitor).await;
    contact.subscribe(&topic, Value::Null).await;
    let mut team = server.hello(&desk.token).await;
    team.subscribe(&topic, Value::Null).await;
    let mut colleague = server.hello(&desk.token).await;
    colleague.subscribe(&topic, Value::Null).await;
    team.say(json!({"type": "typing", "conversation": id, "note": true})).await;
    assert_eq!(colleague.next_of("typing").await["note"], true);
    desk.team("POST", &format!("/api/v1/conversations/{id}/notes"), json!({"text": "between us"})).await.ok();
    assert!(colleague.next_of("changed").await.to_string().contains("between us"));
    desk.team("POST", &format!("/api/v1/conversations/{id}/messages"), json!({"text": "in the open"})).await.ok();
    loop {
        let frame = contact.next().await;
        assert!(frame["type"] != "typing" && !frame.to_string().contains("between us"), "{frame}");
        if frame.to_string().contains("in the open") {
            break;
        }
    }
}

async fn the_queue_tells_of_changes_presence_and_requests(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let server = Server::of(&desk).await;
    let mut team = server.hello(&desk.token).await;
    let first = team.subscribe("queue", Value::Null).await;
    assert_eq!((first["type"].as_str(), first["counts"]["all"].as_u64()), (Some("queue"), Some(0)));
    let visitor = desk.visitor().await;
    let id = desk.conversation(&visitor, "hello").await;
    let frame = loop {
        let frame = team.next_of("queue").await;
        if frame["counts"]["all"] == 1 {
            break frame;
        }
    };
    assert_eq!(frame["changes"][0]["conversation"]["id"], id.as_str());
    let contact = server.hello(&visitor).await;
    assert_eq!(team.next_of("presence").await["online"], true);
    drop(contact);
    desk.call("POST", &format!("/api/v1/widget/conversations/{id}/human"), &visitor, Some(json!({}))).await.ok();
    let asked = team.next_of("notification").await;
    assert_eq!((asked["kind"].as_str(), asked["conversation"].as_str()), (Some("takeover_requested"), Some(id.as_str())));
    drop(team);

    let mut again = server.hello(&desk.token).await;
    let missed = again.subscribe("queue", frame["cursor"].clone()).await;
    assert_eq!(missed["counts"]["waiting"], 1);
    assert_eq!(missed["changes"][0]["conversation"]["id"], id.as_str());
}

async fn an_answer_streams_and_is_withdrawn_at_a_takeover(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let workers = desk.desk.spawn_workers();
    let server = Server::of(&desk).await;
    let visitor = desk.visitor().await;
    let gate = Gate::new();
    desk.assistant.play(Script::new().say("Let me ").wait(&gate).say("see.").done());
    let id = desk.conversation(&visitor, "hello").await;
    let mut contact = server.hello(&visitor).await;
    gate.arrived(1).await;
    contact.subscribe(&format!("conversation:{id}"), json!(0)).await;
    let draft = contact.next_of("assistant_delta").await;
    assert_eq!((draft["offset"].as_u64(), draft["text"].as_str()), (Some(0), Some("Let me ")));
    desk.team("POST", &format!("/api/v1/conversations/{id}/claim"), json!({})).await.ok();
    assert_eq!(contact.next_of("assistant_discard").await["turn"], draft["turn"]);
    gate.open();
    let seen = desk.call("GET", &format!("/api/v1/widget/conversations/{id}/timeline"), &visitor, None).await.ok();
    assert!(!seen.to_string().contains("Let me"));
    workers.shutdown(std::time::Duration::from_secs(1)).await;
}

async fn a_cursor_of_another_life_is_answered_with_resync(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let server = Server::of(&desk).await;
    let visitor = desk.visitor().await;
    let id = desk.conversation(&visitor, "hello").await;
    let topic = format!("conversation:{id}");
    let mut contact = server.hello(&visitor).await;
    assert_eq!(contact.subscribe(&topic, json!(999)).await, json!({"type": "resync", "topic": topic}));
    assert_eq!(contact.subscribe(&topic, json!(0)).await["type"], "changed");
    let mut team = server.hello(&desk.token).await;
    let made_up = "Y".to_owned() + &"A".repeat(32);
    let answer = team.subscribe("queue", json!(made_up)).await;
    assert!(answer["type"] == "resync" || answer["code"] == "invalid", "{answer}");
}

async fn where_sockets_are_blocked_events_and_posts_do_the_same(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let visitor = desk.visitor().await;
    let id = desk.conversation(&visitor, "hello").await;
    let path = format!("/api/v1/events?topic=conversation:{id}&after=0");
    let response = desk.router.clone().oneshot(request("GET", &path, &visitor, None)).await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    let mut chunks = response.into_body().into_data_stream();
    let mut next = async || {
        let chunk = String::from_utf8(chunks.next().await.unwrap().unwrap().to_vec()).unwrap();
        serde_json::from_str::<Value>(chunk.trim().strip_prefix("data:").unwrap().trim()).unwrap()
    };
    let replay = next().await;
    assert_eq!((replay["prev"].as_u64(), replay["entries"][0]["body"]["text"].as_str()), (Some(0), Some("hello")));
    let send = json!({"type": "send", "client_id": "p1", "conversation": id, "text": "by post"});
    let answer = desk.call("POST", "/api/v1/frames", &visitor, Some(send)).await.ok();
    assert_eq!((answer["frames"][0]["type"].as_str(), answer["frames"][0]["seq"].as_u64()), (Some("ack"), Some(2)));
    while !next().await.to_string().contains("by post") {}
    let read = desk.call("POST", "/api/v1/frames", &visitor, Some(json!({"type": "read", "conversation": id, "seq": 2}))).await.ok();
    assert_eq!(read, json!({"frames": []}));
    let hello = desk.call("POST", "/api/v1/frames", &visitor, Some(json!({"type": "hello", "protocol": 1}))).await;
    assert_eq!(hello.problem(), (422, "invalid".to_owned()));
    let foreign = desk.call("GET", &path, &desk.visitor().await, None).await;
    assert_eq!(foreign.problem(), (404, "not_found".to_owned()));
    let queue = desk.call("GET", "/api/v1/events?topic=queue", &visitor, None).await;
    assert_eq!(queue.problem().0, 404);
    let bare = desk.send(Request::get("/api/v1/events?topic=queue").body(Body::empty()).unwrap()).await;
    assert_eq!(bare.problem().0, 401);
}

crate::kinds::on_every_store!(
    a_message_reaches_the_other_side_and_is_acknowledged,
    notes_and_their_typing_stay_with_the_team,
    the_queue_tells_of_changes_presence_and_requests,
    an_answer_streams_and_is_withdrawn_at_a_takeover,
    a_cursor_of_another_life_is_answered_with_resync,
    where_sockets_are_blocked_events_and_posts_do_the_same,
);
