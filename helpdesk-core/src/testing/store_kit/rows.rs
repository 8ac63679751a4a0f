//! The rows of a queue: conversations with their contacts and tickets, of one moment.

use super::StoreFixture;
use super::scene::{self, Scene, done};
use super::snapshot::case;
use crate::id::{ContactId, Seq, TicketId, Version};
use crate::model::{TicketLink, TicketStatus};
use crate::store::{QueueQuery, QueueRow, QueueView, Write};

/// The only row of the workspace, which the queue and the contact's list must show alike.
async fn row(scene: &Scene<'_>, contact: ContactId) -> QueueRow {
    let (store, workspace) = (scene.store(), scene.workspace.id);
    let mut queue = store.queue(workspace, &QueueQuery::of(scene.workspace.owner.id, QueueView::All)).await.unwrap().items;
    let of_contact = store.conversations_of(workspace, contact, None, 10).await.unwrap().items;
    assert_eq!(queue, of_contact);
    assert_eq!(queue.len(), 1);
    queue.remove(0)
}

/// A row has the conversation's contact and the ticket that it is linked to, not another of the contact's.
pub async fn a_row_has_its_contact_and_its_ticket(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (contact, conversation, linked, _) = case(&scene).await;
    let expected = QueueRow { conversation: conversation.into(), contact: Some(contact.clone().into()), ticket: Some(linked.into()) };
    assert_eq!(row(&scene, contact.id).await, expected);
    assert_eq!(row(&scene, contact.id).await, expected, "asked again, it is the same");
}

/// What is not stored is left out, and the row is there all the same.
pub async fn a_row_goes_without_what_is_not_stored(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let mut conversation = scene.conversation();
    conversation.ticket = Some(TicketLink { id: TicketId::generate(&fixture.ids), status: TicketStatus::Unassigned, assignee: None });
    scene.put([scene::conversation(&conversation)]).await;
    let contact = conversation.contact;
    let expected = QueueRow { conversation: conversation.into(), contact: None, ticket: None };
    assert_eq!(row(&scene, contact).await, expected);
}

/// Contacts and tickets change without their conversations, and conversations without them.
pub async fn a_row_shows_what_was_written_last(fixture: &StoreFixture) {
    let scene = Scene::new(fixture);
    let (mut contact, mut conversation, mut linked, mut other) = case(&scene).await;
    row(&scene, contact.id).await;

    contact.version = Version(2);
    contact.name = Some("A name".to_owned());
    scene.put([scene::contact(&contact)]).await;
    assert_eq!(row(&scene, contact.id).await.contact.as_deref(), Some(&contact));

    linked.version = Version(2);
    linked.subject = "Another subject".to_owned();
    scene.put([Write::Ticket(Box::new(linked.clone()))]).await;
    assert_eq!(row(&scene, contact.id).await.ticket.as_deref(), Some(&linked));

    conversation.version = Version(2);
    conversation.ticket = Some(TicketLink { id: other.id, status: other.status, assignee: None });
    scene.put([scene::conversation(&conversation)]).await;
    assert_eq!(row(&scene, contact.id).await.ticket.as_deref(), Some(&other));

    (other.version, conversation.version) = (Version(2), Version(3));
    other.reason = Some("A reason".to_owned());
    conversation.ticket = None;
    scene.put([Write::Ticket(Box::new(other)), scene::conversation(&conversation)]).await;
    let expected = QueueRow { conversation: conversation.into(), contact: Some(contact.clone().into()), ticket: None };
    assert_eq!(row(&scene, contact.id).await, expected);
}

/// Who reads while all three are written in single commits sees the three of one of them.
pub async fn a_row_is_of_one_moment(fixture: &StoreFixture) {
    const WRITES: u64 = 150;
    let scene = Scene::new(fixture);
    let (mut contact, mut conversation, mut linked, _) = case(&scene).await;
    let mut commits = Vec::new();
    for version in (2..WRITES + 2).map(Version) {
        (contact.version, linked.version, conversation.version) = (version, version, version);
        conversation.seq = Seq(version.0);
        commits.push(scene.writing([
            scene::contact(&contact),
            Write::Ticket(Box::new(linked.clone())),
            scene::conversation(&conversation),
        ]));
    }
    let (workspace, whom) = (scene.workspace.id, scene.workspace.owner.id);
    let check = async || {
        let of_contact = fixture.store.conversations_of(workspace, contact.id, None, 10).await.unwrap().items;
        let queue = fixture.store.queue(workspace, &QueueQuery::of(whom, QueueView::All)).await.unwrap().items;
        for row in of_contact.iter().chain(&queue) {
            let version = row.conversation.version;
            assert_eq!(row.contact.as_ref().unwrap().version, version, "contact and conversation are of two moments");
            assert_eq!(row.ticket.as_ref().unwrap().version, version, "ticket and conversation are of two moments");
        }
        queue[0].conversation.version.0
    };
    // Before, during and after the writes, so that a reader who remembers too much is caught even if it comes late.
    assert_eq!(check().await, 1);
    let store = fixture.store.clone();
    let writing = tokio::spawn(async move {
        for commit in commits {
            done(store.commit(commit).await.unwrap());
            tokio::task::yield_now().await;
        }
    });
    while !writing.is_finished() {
        check().await;
    }
    writing.await.unwrap();
    assert_eq!(check().await, WRITES + 1);
}
