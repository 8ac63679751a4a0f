//! Who belongs to the team, and who no longer does.

use std::sync::Arc;

use helpdesk::command::AssignTarget;
use helpdesk::engine::{OperatorProfile, SessionRequest, SettingsEdit};
use helpdesk::id::WorkspaceId;
use helpdesk::model::{Availability, Role};
use helpdesk::store::Store;
use helpdesk::{Helpdesk, Refusal};

async fn a_dismissed_operator_has_no_rights_left_until_they_are_taken_on_again(store: Arc<dyn Store>) {
    let desk = Helpdesk::builder(store).build().await.unwrap();
    let workspace = desk.workspace(WorkspaceId::DEFAULT);
    let ana = workspace.ensure_operator(&OperatorProfile::new("ana", "Ana", Role::Owner)).await.unwrap();
    let profile = OperatorProfile::new("ben", "Ben", Role::Manager);
    let ben = workspace.ensure_operator(&profile).await.unwrap();
    let (ana, old) = (workspace.operator(ana.id), workspace.operator(ben.id));
    ana.update_settings(None, SettingsEdit { helpdesk: Some(true), ..SettingsEdit::default() }).await.unwrap();
    let token = old.create_token("script").await.unwrap().value.secret;
    let session = desk.begin_session(SessionRequest::default()).await.unwrap();
    let chat = desk.authorise_visitor(&session.token).await.unwrap().start("Hello").await.unwrap().conversation.id;

    assert!(workspace.dismiss_operator("ben").await.unwrap());
    assert!(!workspace.dismiss_operator("ben").await.unwrap(), "they are gone already");
    assert!(!workspace.dismiss_operator("nobody").await.unwrap());
    assert!(desk.verify_api_token(&token).await.unwrap().is_none());
    assert!(matches!(old.reply(chat, "Still here").await.unwrap_err().refusal(), Some(Refusal::Forbidden(_))));
    assert_eq!(ana.operators(None, 1).await.unwrap().len(), 1);
    assert_eq!(ana.operators(None, 200).await.unwrap().into_iter().map(|operator| operator.name).collect::<Vec<_>>(), ["Ana"]);
    let refused = ana.assign(chat, AssignTarget::Operator(ben.id)).await.unwrap_err();
    assert!(matches!(refused.refusal(), Some(Refusal::Invalid(invalid)) if invalid.field == "assignee.id"));

    let again = workspace.ensure_operator(&profile).await.unwrap();
    assert_eq!((again.id, again.disabled, again.availability), (ben.id, false, Availability::Offline));
    assert!(desk.verify_api_token(&token).await.unwrap().is_none(), "a token once removed stays so");
    assert!(ana.tokens().await.unwrap().is_empty());
    old.reply(chat, "Back again").await.unwrap();
}

crate::kinds::on_every_store!(a_dismissed_operator_has_no_rights_left_until_they_are_taken_on_again,);
