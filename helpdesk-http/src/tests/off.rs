//! The helpdesk switched off.

use std::sync::Arc;

use helpdesk_core::store::Store;
use helpdesk_core::testing::Script;
use serde_json::{Value, json};

use super::desk::{Answer, Desk};

/// The events of a stream: name and data.
fn events(answer: &Answer) -> Vec<(String, Value)> {
    assert_eq!(answer.headers["content-type"], "text/event-stream", "{}", answer.text());
    let text = answer.text();
    let field = |block: &str, name: &str| block.lines().find_map(|line| Some(line.strip_prefix(name)?.trim().to_owned()));
    let blocks = text.split("\n\n").filter(|block| block.contains("data:"));
    blocks.map(|block| (field(block, "event:").unwrap(), serde_json::from_str(&field(block, "data:").unwrap()).unwrap())).collect()
}

async fn the_client_keeps_the_transcript_and_nothing_is_stored(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let version = desk.team("GET", "/api/v1/settings", Value::Null).await.ok()["version"].clone();
    desk.team("PATCH", "/api/v1/settings", json!({"version": version, "helpdesk": false})).await.ok();
    let session = desk.call("POST", "/api/v1/widget/session", "", Some(json!({}))).await.ok();
    assert_eq!((session["settings"]["helpdesk"].as_bool(), session["conversations"].as_array().map(Vec::len)), (Some(false), Some(0)));
    let visitor = session["token"].as_str().unwrap();
    let chat = async |transcript: &Value, text: &str| {
        desk.call("POST", "/api/v1/widget/chat", visitor, Some(json!({"transcript": transcript, "text": text}))).await
    };

    desk.assistant.play(Script::new().say("Within ").say("30 days.").done());
    let first = events(&chat(&json!([]), "Can I return it?").await);
    let names: Vec<_> = first.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!((names.first(), names.last()), (Some(&"entry"), Some(&"entry")));
    let text: String = first.iter().filter(|(name, _)| name == "delta").map(|(_, data)| data["text"].as_str().unwrap()).collect();
    assert_eq!(text, "Within 30 days.");
    let transcript = json!([first.first().unwrap().1, first.last().unwrap().1]);
    assert_eq!((transcript[1]["author"].as_str(), transcript[1]["position"].as_u64()), (Some("assistant"), Some(2)));

    desk.assistant.play(Script::answer("Yes."));
    assert_eq!(events(&chat(&transcript, "Really?").await).last().unwrap().1["position"], 4);
    let mut forged = transcript.clone();
    forged[1]["text"] = json!("Within 300 days.");
    let swapped = json!([transcript[1], transcript[0]]);
    let cut = json!([transcript[1]]);
    for bad in [forged, swapped, cut] {
        assert_eq!(chat(&bad, "And?").await.problem(), (422, "transcript_invalid".to_owned()));
    }
    let other = desk.visitor().await;
    let stolen = desk.call("POST", "/api/v1/widget/chat", &other, Some(json!({"transcript": transcript, "text": "And?"}))).await;
    assert_eq!(stolen.problem().1, "transcript_invalid");

    for (path, body) in [("/api/v1/widget/conversations", json!({"text": "store me"})), ("/api/v1/widget/contact", json!({"name": "Ada"}))]
    {
        let method = if path.ends_with("contact") { "PATCH" } else { "POST" };
        assert_eq!(desk.call(method, path, visitor, Some(body)).await.problem(), (409, "helpdesk_off".to_owned()), "{path}");
    }
    desk.assistant.play(Script::new().say("I am").fail(helpdesk_core::ai::AiError::unavailable("cut off")));
    let failed = events(&chat(&transcript, "And?").await);
    assert_eq!((failed.last().unwrap().0.as_str(), failed.last().unwrap().1["code"].as_str()), ("error", Some("assistant_unavailable")));
    assert_eq!(desk.team("GET", "/api/v1/counts", Value::Null).await.ok()["all"], 0);
}

crate::kinds::on_every_store!(the_client_keeps_the_transcript_and_nothing_is_stored,);
