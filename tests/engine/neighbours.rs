//! What a change of one thing does to those that show it: a ticket to its other conversations, a contact to all theirs.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use helpdesk::Helpdesk;
use helpdesk::bus::LiveActor;
use helpdesk::engine::{
    ContactEdit, ContactHandle, Details, LiveEvent, LiveStream, LiveTopic, OperatorHandle, OperatorProfile, QueueChange, SessionRequest,
    SettingsEdit,
};
use helpdesk::id::{ConversationId, WorkspaceId};
use helpdesk::model::{Role, TicketStatus};
use helpdesk::store::{QueueQuery, QueueView, Store};

const WS: WorkspaceId = WorkspaceId::DEFAULT;

async fn scene(store: Arc<dyn Store>) -> (Helpdesk, OperatorHandle, ContactHandle) {
    let desk = Helpdesk::builder(store).build().await.unwrap();
    let ana = desk.workspace(WS).ensure_operator(&OperatorProfile::new("ana", "Ana", Role::Owner)).await.unwrap();
    let ana = desk.workspace(WS).operator(ana.id);
    let mut edit = SettingsEdit { helpdesk: Some(true), ..SettingsEdit::default() };
    edit.human_support.enabled = Some(true);
    ana.update_settings(None, edit).await.unwrap();
    let session = desk.begin_session(SessionRequest::default()).await.unwrap();
    let visitor = desk.authorise_visitor(&session.token).await.unwrap();
    (desk, ana, visitor)
}

async fn in_view(ana: &OperatorHandle, view: QueueView) -> Vec<ConversationId> {
    let page = ana.queue(QueueQuery::of(ana.id(), view)).await.unwrap();
    page.items.into_iter().map(|details| details.conversation.id).collect()
}

/// Waits for the queue to tell of a conversation that fits.
async fn told(queue: &mut LiveStream, fits: impl Fn(&Details) -> bool) {
    let wait = async {
        while let Some(event) = queue.next().await {
            if let LiveEvent::Queue { changes, .. } = event.unwrap()
                && changes.iter().any(|change| matches!(change, QueueChange::Conversation(details) if fits(details)))
            {
                return;
            }
        }
        panic!("the stream ended");
    };
    tokio::time::timeout(Duration::from_secs(10), wait).await.expect("the queue tells within ten seconds");
}

async fn a_conversation_leaves_the_views_when_its_ticket_is_taken_elsewhere(store: Arc<dyn Store>) {
    let (desk, ana, visitor) = scene(store).await;
    let first = visitor.start("My parcel is lost").await.unwrap().conversation.id;
    desk.step().await.unwrap();
    visitor.request_human(first).await.unwrap();
    let second = visitor.start_anew("Still lost").await.unwrap().conversation.id;
    visitor.request_human(second).await.unwrap();
    desk.step().await.unwrap();
    assert_eq!(ana.conversation(first).await.unwrap().ticket.unwrap().subject, "My parcel is lost", "the contact's words");
    assert!(in_view(&ana, QueueView::Unassigned).await.contains(&first));
    ana.claim(second).await.unwrap();
    desk.step().await.unwrap();
    assert!(in_view(&ana, QueueView::Unassigned).await.is_empty(), "somebody is responsible now");
    assert!(in_view(&ana, QueueView::Mine).await.contains(&first));
    assert_eq!(ana.counts().await.unwrap().unassigned, 0);
    let link = ana.conversation(first).await.unwrap().conversation.ticket.clone().unwrap();
    assert_eq!(link.status, TicketStatus::Assigned);
}

async fn a_new_name_reaches_the_queue_at_once(store: Arc<dyn Store>) {
    let (desk, ana, visitor) = scene(store).await;
    let first = visitor.start("Hello").await.unwrap().conversation.id;
    let second = visitor.start_anew("Hello again").await.unwrap().conversation.id;
    let actor = LiveActor::Operator(ana.id());
    let mut queue = desk.workspace(WS).subscribe(actor, LiveTopic::Queue { after: None }).await.unwrap();
    queue.next().await.unwrap().unwrap();
    visitor.update(ContactEdit { name: Some("Maya Lindqvist".to_owned()), ..ContactEdit::default() }).await.unwrap();
    told(&mut queue, |details| details.conversation.id == first && details.contact.display_name() == "Maya Lindqvist").await;
    visitor.update(ContactEdit { name: Some("Maya L.".to_owned()), ..ContactEdit::default() }).await.unwrap();
    told(&mut queue, |details| details.conversation.id == second && details.contact.display_name() == "Maya L.").await;
}

crate::kinds::on_every_store!(a_conversation_leaves_the_views_when_its_ticket_is_taken_elsewhere, a_new_name_reaches_the_queue_at_once,);
