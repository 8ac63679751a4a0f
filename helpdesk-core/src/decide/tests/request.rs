use super::world::{ANA, MAYA, World};
use crate::bus::NotificationKind;
use crate::command::{AssignTarget, Command};
use crate::error::Refusal;
use crate::id::{TicketNumber, TurnNumber};
use crate::model::{Assignee, Audience, Priority, Status, TicketStatus};
use crate::store::{Lane, Work};

#[test]
fn a_request_puts_a_divider_opens_a_ticket_and_leaves_the_assistant_in_place() {
    let mut world = World::new();
    let chat = world.answered();
    let decision = world.contact(chat, &Command::RequestHuman).unwrap();
    let after = &decision.conversation;
    assert_eq!((&after.assignee, after.takeover_requested_at), (&Assignee::Assistant, Some(world.now)));
    assert_eq!(World::added(&decision), ["(contact: TakeoverRequested)", "(contact: Escalated)"]);
    let ticket = world.open_ticket(MAYA).unwrap();
    assert_eq!((ticket.number, ticket.status, ticket.conversation), (TicketNumber(1), TicketStatus::Unassigned, chat));
    assert_eq!((ticket.subject.as_str(), ticket.assistant.as_ref().unwrap().name.as_str()), ("Hello", "Robin"));
    assert_eq!(after.ticket.as_ref().unwrap().id, ticket.id);
    assert!(after.is_waiting() && after.is_unassigned());
}

#[test]
fn the_divider_is_in_the_contacts_language() {
    let mut world = World::new();
    let chat = world.answered();
    world.contact(chat, &Command::RequestHuman).unwrap();
    let divider = world.entries[&chat].iter().find_map(|entry| match &entry.body {
        crate::model::Body::Activity(activity) => activity.text.as_deref(),
        _ => None,
    });
    assert_eq!(divider, Some("Jemand aus dem Team ist gleich bei Ihnen."));
}

#[test]
fn the_assistant_confirms_and_the_team_is_told() {
    let mut world = World::new();
    let chat = world.answered();
    let decision = world.contact(chat, &Command::RequestHuman).unwrap();
    let requested_at = world.now;
    assert_eq!(world.jobs(&Lane::confirm(chat))[0].work, Work::Confirm { conversation: chat, requested_at });
    assert_eq!(decision.notices.len(), 1);
    assert_eq!((decision.notices[0].kind, decision.notices[0].text.as_deref()), (NotificationKind::TakeoverRequested, Some("Hello")));
}

#[test]
fn asking_again_changes_nothing() {
    let mut world = World::new();
    let chat = world.answered();
    let first = world.contact(chat, &Command::RequestHuman).unwrap();
    let again = world.contact(chat, &Command::RequestHuman).unwrap();
    assert_eq!((again.conversation, again.writes.len(), again.notices.len(), again.jobs.len()), (first.conversation, 0, 0, 0));
}

#[test]
fn asking_where_an_operator_answers_changes_nothing() {
    let mut world = World::new();
    let chat = world.answered();
    world.operator(ANA, chat, &Command::Claim).unwrap();
    assert_eq!(world.contact(chat, &Command::RequestHuman).unwrap().writes, []);
    assert_eq!(world.open_ticket(MAYA), None);
}

#[test]
fn without_human_support_a_request_is_refused() {
    let mut world = World::new();
    let chat = world.answered();
    world.settings.human_support.enabled = false;
    assert_eq!(world.contact(chat, &Command::RequestHuman), Err(Refusal::HumanSupportOff));
}

#[test]
fn a_hidden_button_does_not_refuse_a_request() {
    let mut world = World::new();
    let chat = world.start();
    world.settings.human_support.button_hidden = true;
    assert!(world.contact(chat, &Command::RequestHuman).is_ok());
}

#[test]
fn a_request_in_a_pending_conversation_makes_it_the_teams_turn() {
    let mut world = World::new();
    let chat = world.answered();
    world.operator(ANA, chat, &Command::SetStatus(Status::Pending)).unwrap();
    assert_eq!(world.contact(chat, &Command::RequestHuman).unwrap().conversation.status, Status::Open);
}

#[test]
fn a_request_in_a_resolved_conversation_is_refused() {
    let mut world = World::new();
    let chat = world.answered();
    world.contact(chat, &Command::End).unwrap();
    assert_eq!(world.contact(chat, &Command::RequestHuman), Err(Refusal::ConversationResolved));
}

#[test]
fn after_the_request_the_assistant_goes_on_and_the_team_hears_of_messages() {
    let mut world = World::new();
    let chat = world.start();
    let requested = world.contact(chat, &Command::RequestHuman).unwrap().conversation;
    assert_eq!((requested.turn, requested.answering), (TurnNumber(1), true), "an answer under way is not disturbed");
    world.answer(chat, "Meanwhile").unwrap();
    let decision = world.write(chat, "Hello?").unwrap();
    assert_eq!((decision.conversation.answering, decision.notices[0].kind), (true, NotificationKind::Message));
    world.answer(chat, "Still me").unwrap();
    assert_eq!(world.chat(chat).assistant_replies, 2);
}

#[test]
fn with_nobody_available_the_contact_is_told_once_a_request() {
    let mut world = World::new();
    world.team_available = false;
    let chat = world.answered();
    world.contact(chat, &Command::RequestHuman).unwrap();
    world.contact(chat, &Command::RequestHuman).unwrap();
    world.write(chat, "Hello?").unwrap();
    let told = world.timeline(chat, Audience::Contact).iter().filter(|line| line.starts_with("system: Gerade ist niemand")).count();
    assert_eq!(told, 1);
}

#[test]
fn where_nobody_answers_a_request_is_recorded_and_nobody_confirms_it() {
    let mut world = World::new();
    let chat = world.answered();
    world.operator(ANA, chat, &Command::Assign(AssignTarget::Nobody)).unwrap();
    let decision = world.contact(chat, &Command::RequestHuman).unwrap();
    assert_eq!((decision.conversation.assignee.clone(), decision.jobs.len()), (Assignee::Nobody, 0));
    assert!(world.open_ticket(MAYA).is_some());
}

#[test]
fn the_ticket_has_the_assistants_priority_and_the_conversation_follows() {
    let mut world = World::new();
    world.assistant.default_priority = Priority::High;
    let chat = world.answered();
    world.contact(chat, &Command::RequestHuman).unwrap();
    assert_eq!((world.open_ticket(MAYA).unwrap().priority, world.chat(chat).priority), (Priority::High, Priority::High));
    assert_eq!(world.chat(chat).status, Status::Open);
}

#[test]
fn two_conversations_that_ask_at_once_share_one_ticket() {
    let mut world = World::new();
    let chats = [world.start(), world.start()];
    let actor = crate::command::Actor::Contact(MAYA);
    let decided = chats.map(|chat| world.decide(&actor, crate::decide::Place::Id(chat), &Command::RequestHuman).unwrap());
    assert!(matches!(world.commit(&decided[0], None), crate::store::Outcome::Committed(_)));
    assert!(matches!(world.commit(&decided[1], None), crate::store::Outcome::Taken(_)));
    world.contact(chats[1], &Command::RequestHuman).unwrap();
    assert_eq!(world.tickets.len(), 1);
    assert_eq!(world.chat(chats[0]).ticket, world.chat(chats[1]).ticket);
}
