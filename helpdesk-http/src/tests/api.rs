//! What the routes do.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header;
use helpdesk_core::store::Store;
use serde_json::{Value, json};

use super::desk::{Desk, builder};

async fn a_visitor_chats_asks_for_a_human_and_an_operator_takes_over(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let visitor = desk.visitor().await;
    let id = desk.conversation(&visitor, "Where is my parcel?").await;
    let of = |rest: &str| format!("/api/v1/widget/conversations/{id}{rest}");
    let ours = |rest: &str| format!("/api/v1/conversations/{id}{rest}");

    let asked = desk.call("POST", &of("/human"), &visitor, Some(json!({}))).await.ok();
    assert!(asked["conversation"]["takeover_requested_at"].is_string());
    let waiting = desk.team("GET", "/api/v1/conversations?view=waiting", Value::Null).await.ok();
    assert_eq!(waiting["items"][0]["id"], id.as_str());
    assert_eq!(waiting["next_cursor"], Value::Null);
    assert_eq!(waiting["items"][0]["ticket"]["status"], "unassigned");
    let number = waiting["items"][0]["ticket"]["number"].as_u64().unwrap();
    assert_eq!(desk.team("GET", &format!("/api/v1/tickets/{number}"), Value::Null).await.ok()["conversation"], id.as_str());
    assert_eq!(desk.team("GET", "/api/v1/counts", Value::Null).await.ok()["waiting"], 1);

    let claimed = desk.team("POST", &ours("/claim"), json!({"client_id": "k1"})).await.ok();
    assert_eq!(claimed["conversation"]["assignee"]["name"], "Ana");
    assert_eq!(desk.team("POST", &ours("/notes"), json!({"text": "an old customer"})).await.status, 201);
    let sent = desk.team("POST", &ours("/messages"), json!({"text": "It is on its way", "client_id": "m1", "channel": "widget"})).await;
    assert_eq!(sent.status, 201);
    let again = desk.team("POST", &ours("/messages"), json!({"text": "It is on its way", "client_id": "m1", "channel": "widget"})).await;
    assert_eq!((again.status.as_u16(), again.json()), (200, sent.json()));
    let other = desk.team("POST", &ours("/messages"), json!({"text": "else", "client_id": "m1"})).await;
    assert_eq!(other.problem(), (422, "client_id_reused".to_owned()));
    assert_eq!(other.json()["field"], "client_id");
    let fax = desk.team("POST", &ours("/messages"), json!({"text": "else", "channel": "fax"})).await;
    assert_eq!((fax.problem().1.as_str(), fax.json()["field"].as_str()), ("invalid", Some("channel")));

    let seen = desk.call("GET", &of("/timeline"), &visitor, None).await.ok();
    assert!(!seen.to_string().contains("an old customer"), "notes stay with the team");
    let all = desk.team("GET", &ours("/timeline"), Value::Null).await.ok();
    assert!(all.to_string().contains("an old customer"));
    assert!(seen["entries"].as_array().unwrap().len() < all["entries"].as_array().unwrap().len());
    assert_eq!(seen["seq"], seen["entries"].as_array().unwrap().last().unwrap()["seq"]);

    let mine = desk.call("GET", &of(""), &visitor, None).await.ok();
    for hidden in ["labels", "priority", "ticket", "contact", "flagged", "messages"] {
        assert!(mine.get(hidden).is_none(), "{hidden} is not for contacts: {mine}");
    }
    assert_eq!(mine["unread"], 1);
    let read = desk.call("POST", &of("/read"), &visitor, Some(json!({"seq": seen["seq"]}))).await.ok();
    assert_eq!(read["conversation"]["unread"], 0);

    for unfit in [json!({"type": "nobody", "id": id}), json!({"type": "assistant", "id": id}), json!({"type": "operator"})] {
        let refused = desk.team("POST", &ours("/assign"), json!({"assignee": unfit})).await;
        assert_eq!((refused.problem().0, refused.json()["field"].as_str()), (422, Some("assignee.id")));
    }
    let own = json!({"type": "assistant", "id": claimed["conversation"]["assistant"]["id"]});
    let back = desk.team("POST", &ours("/assign"), json!({"assignee": own})).await.ok();
    assert_eq!(back["conversation"]["assignee"]["type"], "assistant");
    assert_eq!(desk.team("POST", &ours("/flag"), json!({"flagged": true, "client_id": "k2"})).await.ok()["conversation"]["flagged"], true);
    assert_eq!(desk.team("POST", &ours("/typing"), json!({"note": true})).await.status, 202);
    let resolved = desk.team("POST", &ours("/status"), json!({"status": "resolved"})).await.ok();
    assert_eq!(resolved["conversation"]["closed_by"]["name"], "Ana");
    let late = desk.call("POST", &of("/messages"), &visitor, Some(json!({"text": "one more thing"}))).await;
    assert_eq!(late.problem(), (409, "conversation_resolved".to_owned()));
}

async fn the_loser_of_a_claim_is_told_who_won(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let id = desk.conversation(&desk.visitor().await, "help").await;
    let claim = format!("/api/v1/conversations/{id}/claim");
    desk.team("POST", &claim, json!({})).await.ok();
    let bea = builder("POST", &claim, "").header(header::COOKIE, "who=bea").header("sec-fetch-site", "same-origin");
    let lost = desk.send(bea.body(Body::empty()).unwrap()).await;
    assert_eq!(lost.problem(), (409, "already_claimed".to_owned()));
    assert_eq!(lost.json()["claimed_by"]["name"], "Ana");
}

async fn pages_go_on_where_they_stopped(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(desk.conversation(&desk.visitor().await, &format!("question {number}")).await);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = desk.team("GET", &format!("/api/v1/conversations?limit=2&sort=oldest{cursor}"), Value::Null).await.ok();
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ids);
    let timeline = format!("/api/v1/conversations/{}/timeline", ids[0]);
    for text in ["b", "c", "d"] {
        desk.team("POST", &format!("/api/v1/conversations/{}/messages", ids[0]), json!({"text": text})).await.ok();
    }
    let whole = desk.team("GET", &timeline, Value::Null).await.ok();
    let (mut entries, mut after) = (Vec::new(), 0);
    loop {
        let part = desk.team("GET", &format!("{timeline}?limit=2&after={after}"), Value::Null).await.ok();
        entries.extend(part["entries"].as_array().unwrap().clone());
        match part["next_after"].as_u64() {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(Value::from(entries), whole["entries"]);
    let (mut changed, mut version) = (Vec::new(), 0);
    loop {
        let part = desk.team("GET", &format!("{timeline}?limit=1&changed_after={version}"), Value::Null).await.ok();
        changed.extend(part["entries"].as_array().unwrap().clone());
        version = part["version"].as_u64().unwrap();
        if part["next_after"].is_null() {
            break;
        }
    }
    assert_eq!((Value::from(changed), json!(version)), (whole["entries"].clone(), whole["version"].clone()));
    let last = desk.team("GET", &format!("{timeline}?limit=2&before=4"), Value::Null).await.ok();
    let seqs: Vec<_> = last["entries"].as_array().unwrap().iter().map(|entry| entry["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, [2, 3]);
    let both = desk.team("GET", &format!("{timeline}?after=1&before=3"), Value::Null).await;
    assert_eq!(both.problem().1, "invalid");
}

async fn a_returning_visitor_is_the_same_contact(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let visitor = desk.visitor().await;
    let id = desk.conversation(&visitor, "hello").await;
    let body = json!({"token": visitor, "page": {"url": "https://shop.example/cart", "title": "Cart"}});
    let session = desk.call("POST", "/api/v1/widget/session", "", Some(body)).await.ok();
    assert_eq!(session["conversations"][0]["id"], id.as_str());
    assert_eq!(session["settings"]["protocol"], 1);
    assert_eq!(session["settings"]["text_limit"], 10_000);
    let named = desk.call("PATCH", "/api/v1/widget/contact", &visitor, Some(json!({"name": "Ada", "email": "ada@example.org"}))).await.ok();
    assert_eq!((named["name"].as_str(), named["email_verified"].as_bool()), (Some("Ada"), Some(false)));
    let joined = desk.call("POST", "/api/v1/widget/conversations", &visitor, Some(json!({"text": "still me"}))).await.ok();
    assert_eq!(joined["conversation"]["id"], id.as_str());
    let contact = named["id"].as_str().unwrap();
    let list = desk.team("GET", &format!("/api/v1/contacts/{contact}/conversations"), Value::Null).await.ok();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(desk.team("GET", &format!("/api/v1/contacts/{contact}"), Value::Null).await.ok()["name"], "Ada");
    let forged = desk.call("POST", "/api/v1/widget/session", "", Some(json!({"identity": "a.b.c"}))).await;
    assert_eq!(forged.problem(), (401, "invalid_identity".to_owned()));
}

async fn settings_merge_and_a_stale_version_is_refused(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let before = desk.team("GET", "/api/v1/settings", Value::Null).await.ok();
    let patch =
        json!({"version": before["version"], "human_support": {"threshold": {"at_least": 7}, "button_text": {"en": "Human, please"}}});
    let after = desk.team("PATCH", "/api/v1/settings", patch.clone()).await.ok();
    assert_eq!(after["human_support"]["threshold"], json!({"count": "assistant_replies", "at_least": 7}));
    assert_eq!(after["human_support"]["button_text"], json!({"en": "Human, please"}));
    assert_eq!(after["human_support"]["waiting_label"], before["human_support"]["waiting_label"]);
    let stale = desk.team("PATCH", "/api/v1/settings", patch).await;
    assert_eq!(stale.problem(), (409, "version_conflict".to_owned()));
    assert_eq!(stale.json()["current"], after["version"]);
    let unknown = desk.team("PATCH", "/api/v1/settings", json!({"version": after["version"], "human_support": {"enbled": true}})).await;
    assert_eq!((unknown.problem(), unknown.json()["field"].as_str()), ((422, "unknown_field".to_owned()), Some("human_support.enbled")));
    let empty = desk
        .team("PATCH", "/api/v1/settings", json!({"version": after["version"], "human_support": {"button_text": {"de": "Hilfe"}}}))
        .await;
    assert_eq!((empty.problem().1.as_str(), empty.json()["field"].as_str()), ("invalid", Some("human_support.button_text")));
    let secret = desk.team("POST", "/api/v1/settings/identity-secret", json!({})).await.ok();
    assert!(secret["secret"].as_str().unwrap().len() >= 32);
    assert_eq!(desk.team("GET", "/api/v1/settings", Value::Null).await.ok()["identity"]["secret_set"], true);
    let log = desk.team("GET", "/api/v1/audit?limit=2", Value::Null).await.ok();
    assert_eq!(log["items"][0]["action"], "settings.identity_secret_rotated");
    assert!(log["next_cursor"].is_string());
}

async fn articles_assistants_and_tokens_are_administered(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let made = desk.team("POST", "/api/v1/articles", json!({"title": "Returns", "body": "Within 30 days."})).await;
    assert_eq!(made.status, 201);
    let article = format!("/api/v1/articles/{}", made.json()["id"].as_str().unwrap());
    let changed = desk.team("PATCH", &article, json!({"version": 1, "url": "https://shop.example/returns"})).await.ok();
    assert_eq!((changed["version"].as_u64(), changed["title"].as_str()), (Some(2), Some("Returns")));
    assert_eq!(desk.team("PATCH", &article, json!({"version": 1, "title": "x"})).await.problem().0, 409);
    assert_eq!(desk.team("GET", "/api/v1/articles", Value::Null).await.ok()["items"].as_array().unwrap().len(), 1);
    assert_eq!(desk.team("DELETE", &article, Value::Null).await.status, 204);
    assert_eq!(desk.team("GET", &article, Value::Null).await.problem(), (404, "not_found".to_owned()));

    let assistants = desk.team("GET", "/api/v1/assistants", Value::Null).await.ok();
    let assistant = format!("/api/v1/assistants/{}", assistants["items"][0]["id"].as_str().unwrap());
    let renamed = desk.team("PATCH", &assistant, json!({"name": "Robin", "greeting": {"en": "Hi"}})).await.ok();
    assert_eq!((renamed["name"].as_str(), renamed["greeting"]["en"].as_str()), (Some("Robin"), Some("Hi")));

    let token = desk.team("POST", "/api/v1/tokens", json!({"name": "script"})).await;
    assert_eq!(token.status, 201);
    let (secret, id) = (token.json()["secret"].as_str().unwrap().to_owned(), token.json()["token"]["id"].as_str().unwrap().to_owned());
    assert_eq!(desk.call("GET", "/api/v1/me", &secret, None).await.ok()["operator"]["name"], "Ana");
    let listed = desk.team("GET", "/api/v1/tokens", Value::Null).await.ok();
    assert!(!listed.to_string().contains(&secret));
    assert_eq!(desk.team("DELETE", &format!("/api/v1/tokens/{id}"), Value::Null).await.status, 204);
    assert_eq!(desk.call("GET", "/api/v1/me", &secret, None).await.problem(), (401, "unauthorized".to_owned()));

    let me = desk.team("PATCH", "/api/v1/me", json!({"name": "Ana B", "availability": "away"})).await.ok();
    assert_eq!((me["operator"]["name"].as_str(), me["operator"]["availability"].as_str()), (Some("Ana B"), Some("away")));
    assert_eq!(desk.team("GET", "/api/v1/operators", Value::Null).await.ok()["items"][0]["role"], "owner");
}

async fn what_is_sent_again_under_its_name_is_answered_as_before(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let id = desk.conversation(&desk.visitor().await, "help").await;
    let assign = format!("/api/v1/conversations/{id}/assign");
    let to_me = json!({"assignee": {"type": "nobody"}, "client_id": "a1"});
    desk.team("POST", &assign, to_me.clone()).await.ok();
    desk.team("POST", &assign, json!({"assignee": {"type": "assistant"}})).await.ok();
    let again = desk.team("POST", &assign, to_me).await.ok();
    assert_eq!(again["conversation"]["assignee"]["type"], "assistant", "what came after stays");
    let other = desk.team("POST", &format!("/api/v1/conversations/{id}/claim"), json!({"client_id": "a1"})).await;
    assert_eq!(other.problem(), (422, "client_id_reused".to_owned()));

    let article = json!({"title": "Refunds", "body": "Within five days.", "client_id": "n1"});
    let made = desk.team("POST", "/api/v1/articles", article.clone()).await;
    let again = desk.team("POST", "/api/v1/articles", article).await;
    assert_eq!((made.status.as_u16(), again.status.as_u16(), made.json()), (201, 200, again.json()));
    let token = json!({"name": "script", "client_id": "t1"});
    let made = desk.team("POST", "/api/v1/tokens", token.clone()).await;
    let again = desk.team("POST", "/api/v1/tokens", token).await;
    assert_eq!((made.status.as_u16(), again.status.as_u16(), made.json()), (201, 200, again.json()));
    let rotate = async || desk.team("POST", "/api/v1/settings/identity-secret", json!({"client_id": "i1"})).await.ok()["secret"].clone();
    assert_eq!(rotate().await, rotate().await);
}

crate::kinds::on_every_store!(
    a_visitor_chats_asks_for_a_human_and_an_operator_takes_over,
    the_loser_of_a_claim_is_told_who_won,
    pages_go_on_where_they_stopped,
    a_returning_visitor_is_the_same_contact,
    settings_merge_and_a_stale_version_is_refused,
    articles_assistants_and_tokens_are_administered,
    what_is_sent_again_under_its_name_is_answered_as_before,
);
