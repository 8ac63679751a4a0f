//! Pages of the queue: what they repeat is what is true now.

use std::sync::Arc;

use helpdesk_core::bus::LiveActor;
use helpdesk_core::id::{ContactId, WorkspaceId};
use helpdesk_core::store::Store;
use serde_json::{Value, json};

use super::desk::Desk;

/// The queue, after it was held against each of its conversations by itself, byte by byte.
async fn page(desk: &Desk) -> Value {
    let page = desk.team("GET", "/api/v1/conversations?view=all", Value::Null).await;
    let mut rows = Vec::new();
    for row in page.ok()["items"].as_array().unwrap() {
        let id = row["id"].as_str().unwrap();
        rows.push(desk.team("GET", &format!("/api/v1/conversations/{id}"), Value::Null).await.text());
    }
    assert_eq!(page.text(), format!("{{\"items\":[{}],\"next_cursor\":null}}", rows.join(",")));
    page.ok()
}

async fn a_row_shows_whatever_changed_of_it(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let visitor = desk.visitor().await;
    let id = desk.conversation(&visitor, "Where is my parcel?").await;
    for text in ["help", "hello"] {
        desk.conversation(&desk.visitor().await, text).await;
    }
    let row = async || page(&desk).await["items"].as_array().unwrap().iter().find(|row| row["id"] == id.as_str()).unwrap().clone();
    let first = row().await;
    assert_eq!(row().await, first, "nothing changed");

    desk.call("POST", &format!("/api/v1/widget/conversations/{id}/messages"), &visitor, Some(json!({"text": "Hello?"}))).await.ok();
    assert_eq!(row().await["last_message"]["text"], "Hello?");
    desk.call("PATCH", "/api/v1/widget/contact", &visitor, Some(json!({"name": "Ada"}))).await.ok();
    assert_eq!(row().await["contact"]["name"], "Ada");
    desk.call("POST", &format!("/api/v1/widget/conversations/{id}/human"), &visitor, Some(json!({}))).await.ok();
    assert_eq!(row().await["ticket"]["status"], "unassigned");
    desk.team("POST", &format!("/api/v1/conversations/{id}/claim"), json!({})).await.ok();
    assert_eq!((&row().await["ticket"]["status"], &row().await["assignee"]["name"]), (&json!("assigned"), &json!("Ana")));

    let contact: ContactId = first["contact"]["id"].as_str().unwrap().parse().unwrap();
    let here = desk.desk.workspace(WorkspaceId::DEFAULT).enter(LiveActor::Contact(contact), None).await;
    assert_eq!(row().await["contact"]["online"], true);
    drop(here);
}

async fn a_contacts_rows_are_those_of_the_queue(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    let visitor = desk.visitor().await;
    for text in ["first", "second"] {
        desk.conversation(&visitor, text).await;
    }
    let queue = page(&desk).await;
    let contact = queue["items"][0]["contact"]["id"].as_str().unwrap().to_owned();
    let own = desk.team("GET", &format!("/api/v1/contacts/{contact}/conversations"), Value::Null).await.ok();
    assert_eq!(own, queue);
}

async fn nobody_is_shown_the_rows_of_another_workspace(store: Arc<dyn Store>) {
    let desk = Desk::open(store).await;
    desk.conversation(&desk.visitor().await, "ours").await;
    let (_, owner, visitor) = desk.neighbour().await;
    let theirs = desk.conversation(&visitor, "theirs").await;
    page(&desk).await;
    let other = desk.call("GET", "/api/v1/conversations", &owner, None).await.ok();
    assert_eq!((other["items"].as_array().unwrap().len(), &other["items"][0]["id"]), (1, &json!(theirs)));
    assert_eq!(page(&desk).await["items"].as_array().unwrap().len(), 1);
}

crate::kinds::on_every_store!(
    a_row_shows_whatever_changed_of_it,
    a_contacts_rows_are_those_of_the_queue,
    nobody_is_shown_the_rows_of_another_workspace,
);
