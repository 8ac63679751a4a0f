//! The assistant fails (feature A16): it is asked three times, then the contact is told, and a human asked for.
#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use helpdesk::Helpdesk;
use helpdesk::ai::AiError;
use helpdesk::engine::{OperatorProfile, SessionRequest, SettingsEdit};
use helpdesk::id::Seq;
use helpdesk::model::{Availability, Role};
use helpdesk::store::{Store, TimelineRange};
use helpdesk::testing::{ManualClock, Script, ScriptedResponder};
use support::{WORKSPACE, stores_by, told};

#[tokio::test]
async fn an_assistant_that_fails_three_times_is_answered_for_and_a_human_is_asked_for() {
    let clock = ManualClock::new();
    for (name, store, _folder) in stores_by(&clock).await {
        story(name, &clock, store).await;
    }
}

async fn story(name: &str, clock: &ManualClock, store: Arc<dyn Store>) {
    let assistant = ScriptedResponder::new("scripted");
    let builder = Helpdesk::builder(store).clock(Arc::new(clock.clone())).secret_key(*b"a secret key for stories only...");
    let desk = builder.assistant(assistant.clone()).build().await.unwrap();
    let away = OperatorProfile { availability: Availability::Away, ..OperatorProfile::new("ana", "Ana", Role::Owner) };
    let ana = desk.workspace(WORKSPACE).ensure_operator(&away).await.unwrap();
    let owner = desk.workspace(WORKSPACE).operator(ana.id);
    let mut edit = SettingsEdit { helpdesk: Some(true), ..SettingsEdit::default() };
    edit.human_support.enabled = Some(true);
    owner.update_settings(None, edit).await.unwrap();

    let session = desk.begin_session(SessionRequest::default()).await.unwrap();
    let visitor = desk.authorise_visitor(&session.token).await.unwrap();
    // Half an answer and a cut, a refusal that names its time, and a refusal.
    assistant.play(Script::new().say("Half of "));
    assistant.play(Script::refuse(AiError::Unavailable { detail: "busy".to_owned(), retry_after: Some(Duration::from_secs(20)) }));
    assistant.play(Script::refuse(AiError::unavailable("busy")));
    let conversation = visitor.start("Is anybody there?").await.unwrap().conversation.id;

    desk.step().await.unwrap();
    assert_eq!(desk.step().await.unwrap(), 0, "it waits before it tries again");
    clock.advance(Duration::from_secs(2));
    assert_eq!(desk.step().await.unwrap(), 1);
    clock.advance(Duration::from_secs(10));
    assert_eq!(desk.step().await.unwrap(), 0, "the provider asked for 20 seconds");
    clock.advance(Duration::from_secs(11));
    assert_eq!(desk.step().await.unwrap(), 1);
    clock.advance(Duration::from_secs(600));
    desk.step().await.unwrap();
    assert_eq!(assistant.turns().len(), 3, "{name}");

    let (now, entries) = owner.timeline(conversation, TimelineRange::After(Seq::ZERO), 50).await.unwrap();
    assert!(!now.answering && now.takeover_requested_at.is_some() && now.ticket.is_some());
    let thread = told(&entries);
    assert!(thread.iter().any(|line| line.starts_with("system: Nobody is available")), "{thread:?}");
    assert!(!thread.iter().any(|line| line.starts_with("assistant")), "{thread:?}");
}
