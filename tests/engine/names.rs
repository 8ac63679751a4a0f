//! Commands under a name of their caller happen once, however often they are sent.

use std::sync::Arc;

use helpdesk::command::AssignTarget;
use helpdesk::engine::{ArticleEdit, ContactHandle, OperatorHandle, OperatorProfile, SessionRequest, SettingsEdit};
use helpdesk::id::{ConversationId, Seq, WorkspaceId};
use helpdesk::model::{Assignee, Role, Status};
use helpdesk::store::{Store, TimelineRange};
use helpdesk::{Error, Helpdesk, Refusal};

const WS: WorkspaceId = WorkspaceId::DEFAULT;

struct Scene {
    desk: Helpdesk,
    ana: OperatorHandle,
    ben: OperatorHandle,
    visitor: ContactHandle,
    chat: ConversationId,
}

impl Scene {
    async fn on(store: Arc<dyn Store>) -> Self {
        let desk = Helpdesk::builder(store).build().await.unwrap();
        let workspace = desk.workspace(WS);
        let ana = workspace.ensure_operator(&OperatorProfile::new("ana", "Ana", Role::Owner)).await.unwrap();
        let ben = workspace.ensure_operator(&OperatorProfile::new("ben", "Ben", Role::Operator)).await.unwrap();
        let (ana, ben) = (workspace.operator(ana.id), workspace.operator(ben.id));
        let mut edit = SettingsEdit { helpdesk: Some(true), ..SettingsEdit::default() };
        edit.human_support.enabled = Some(true);
        ana.update_settings(None, edit).await.unwrap();
        let session = desk.begin_session(SessionRequest::default()).await.unwrap();
        let visitor = desk.authorise_visitor(&session.token).await.unwrap();
        let chat = visitor.start("Hello").await.unwrap().conversation.id;
        Self { desk, ana, ben, visitor, chat }
    }

    async fn entries(&self) -> usize {
        self.ana.timeline(self.chat, TimelineRange::After(Seq::ZERO), 200).await.unwrap().1.len()
    }
}

fn reused<T: std::fmt::Debug>(result: Result<T, Error>) -> bool {
    result.unwrap_err().refusal() == Some(&Refusal::ClientIdReused)
}

async fn an_assignment_sent_again_does_not_undo_what_came_after(store: Arc<dyn Store>) {
    let scene = Scene::on(store).await;
    let named = scene.ana.with_client_id("a1").unwrap();
    let to_ben = AssignTarget::Operator(scene.ben.id());
    assert!(!named.assign(scene.chat, to_ben).await.unwrap().replayed);
    scene.ana.assign(scene.chat, AssignTarget::Assistant).await.unwrap();
    let again = named.assign(scene.chat, to_ben).await.unwrap();
    assert!(again.replayed);
    assert_eq!(again.conversation.assignee, Assignee::Assistant);
    assert!(reused(named.assign(scene.chat, AssignTarget::Nobody).await), "other content");
    assert!(reused(named.claim(scene.chat).await), "another command");
    assert!(!scene.ben.with_client_id("a1").unwrap().claim(scene.chat).await.unwrap().replayed, "another caller");
}

async fn what_changed_nothing_is_remembered_too(store: Arc<dyn Store>) {
    let scene = Scene::on(store).await;
    scene.ana.claim(scene.chat).await.unwrap();
    let named = scene.ana.with_client_id("c1").unwrap();
    assert!(!named.claim(scene.chat).await.unwrap().replayed);
    scene.ana.assign(scene.chat, AssignTarget::Assistant).await.unwrap();
    assert_eq!(named.claim(scene.chat).await.unwrap().conversation.assignee, Assignee::Assistant, "it is not taken over anew");
}

async fn status_flag_reading_asking_and_ending_happen_once(store: Arc<dyn Store>) {
    let scene = Scene::on(store).await;
    let ana = |name: &str| scene.ana.with_client_id(name).unwrap();
    let visitor = |name: &str| scene.visitor.with_client_id(name).unwrap();
    for round in 0..2 {
        let again = round == 1;
        assert_eq!(visitor("h").request_human(scene.chat).await.unwrap().replayed, again);
        assert_eq!(ana("f").set_flag(scene.chat, true).await.unwrap().replayed, again);
        assert_eq!(ana("r").read(scene.chat, Seq(1)).await.unwrap().replayed, again);
        assert_eq!(visitor("r").read(scene.chat, Seq(1)).await.unwrap().replayed, again);
        assert_eq!(ana("s").set_status(scene.chat, Status::Resolved).await.unwrap().replayed, again);
        if !again {
            scene.ana.set_status(scene.chat, Status::Open).await.unwrap();
        }
    }
    let entries = scene.entries().await;
    assert_eq!(scene.ana.conversation(scene.chat).await.unwrap().conversation.status, Status::Open);
    assert!(!visitor("e").end(scene.chat).await.unwrap().replayed);
    assert!(visitor("e").end(scene.chat).await.unwrap().replayed);
    assert_eq!(scene.entries().await, entries + 1);
    assert!(reused(ana("f").set_flag(scene.chat, false).await));
}

async fn articles_tokens_and_secrets_are_made_once(store: Arc<dyn Store>) {
    let scene = Scene::on(store).await;
    let named = |name: &str| scene.ana.with_client_id(name).unwrap();
    let edit = |title: &str| ArticleEdit { title: Some(title.to_owned()), body: Some("Text".to_owned()), ..ArticleEdit::default() };
    let made = named("n1").create_article(edit("Refunds")).await.unwrap();
    let again = named("n1").create_article(edit("Refunds")).await.unwrap();
    assert_eq!((made.replayed, again.replayed, again.value), (false, true, made.value));
    assert!(reused(named("n1").create_article(edit("Returns")).await));
    assert_eq!(scene.ana.articles(None, 10).await.unwrap().len(), 1);

    let made = named("t1").create_token("script").await.unwrap();
    let again = named("t1").create_token("script").await.unwrap();
    assert_eq!((again.replayed, &again.value.secret), (true, &made.value.secret));
    assert!(scene.desk.verify_api_token(&again.value.secret).await.unwrap().is_some());
    assert_eq!(scene.ana.tokens().await.unwrap().len(), 1);
    assert!(reused(named("t1").create_token("other").await));
    scene.ana.delete_token(made.value.token.id).await.unwrap();
    let gone = named("t1").create_token("script").await.unwrap_err();
    assert_eq!(gone.refusal(), Some(&Refusal::NotFound), "what was removed stays removed");

    let made = named("i1").rotate_identity_secret().await.unwrap();
    let again = named("i1").rotate_identity_secret().await.unwrap();
    assert_eq!((again.replayed, again.value), (true, made.value));
}

crate::kinds::on_every_store!(
    an_assignment_sent_again_does_not_undo_what_came_after,
    what_changed_nothing_is_remembered_too,
    status_flag_reading_asking_and_ending_happen_once,
    articles_tokens_and_secrets_are_made_once,
);
