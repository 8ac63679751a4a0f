use super::world::{ANA, BEN, MAYA, World, operator};
use crate::command::{Actor, Command};
use crate::error::Refusal;
use crate::id::TurnNumber;
use crate::model::{Closed, ClosedBy, Status, TicketStatus};

const RESOLVE: Command = Command::SetStatus(Status::Resolved);
const REOPEN: Command = Command::SetStatus(Status::Open);

#[test]
fn resolving_ends_the_turn_and_keeps_who_and_when() {
    let mut world = World::new();
    let chat = world.start();
    world.contact(chat, &Command::RequestHuman).unwrap();
    let decision = world.operator(ANA, chat, &RESOLVE).unwrap();
    let after = &decision.conversation;
    assert_eq!((after.status, after.turn, after.answering, after.takeover_requested_at), (Status::Resolved, TurnNumber(2), false, None));
    assert_eq!(after.closed, Some(Closed { by: ClosedBy::Operator(operator(ANA).reference()), at: world.now }));
    assert_eq!((World::added(&decision), decision.discard), (vec!["(Ana: StatusChanged Resolved)".to_owned()], Some(TurnNumber(1))));
    assert_eq!(world.open_conversation(MAYA), None);
    assert_eq!(world.operator(BEN, chat, &RESOLVE).unwrap().writes, [], "it is so already");
}

#[test]
fn an_operator_who_resolves_closes_the_ticket_too() {
    let mut world = World::new();
    let chat = world.answered();
    world.contact(chat, &Command::RequestHuman).unwrap();
    world.operator(ANA, chat, &RESOLVE).unwrap();
    assert_eq!(world.open_ticket(MAYA), None);
    assert_eq!(world.chat(chat).ticket.as_ref().unwrap().status, TicketStatus::Resolved);
}

#[test]
fn a_contact_who_ends_the_chat_leaves_the_ticket_open() {
    let mut world = World::new();
    let chat = world.answered();
    world.contact(chat, &Command::RequestHuman).unwrap();
    let decision = world.contact(chat, &Command::End).unwrap();
    assert_eq!(decision.conversation.closed.as_ref().unwrap().by, ClosedBy::Contact);
    assert_eq!(World::added(&world.contact(chat, &Command::End).unwrap()).len(), 0, "ended is ended");
    assert!(world.open_ticket(MAYA).is_some());
    assert_eq!(world.open_conversation(MAYA), None);
}

#[test]
fn a_rule_may_resolve_but_leaves_the_ticket_open() {
    let mut world = World::new();
    let chat = world.answered();
    world.contact(chat, &Command::RequestHuman).unwrap();
    let decision = world.give(&Actor::System, chat, &RESOLVE).unwrap();
    assert_eq!(decision.conversation.closed.as_ref().unwrap().by, ClosedBy::System);
    assert!(world.open_ticket(MAYA).is_some());
}

#[test]
fn reopening_takes_place_and_ticket_back() {
    let mut world = World::new();
    let chat = world.answered();
    world.contact(chat, &Command::RequestHuman).unwrap();
    world.operator(ANA, chat, &Command::Claim).unwrap();
    world.operator(ANA, chat, &RESOLVE).unwrap();
    let decision = world.operator(BEN, chat, &REOPEN).unwrap();
    let after = &decision.conversation;
    assert_eq!((after.status, &after.closed, World::added(&decision)), (Status::Open, &None, vec!["(Ben: StatusChanged Open)".to_owned()]));
    assert!(after.assignee.is_operator(ANA), "it stays with whom it was");
    assert_eq!(world.open_conversation(MAYA), Some(chat));
    assert_eq!(world.open_ticket(MAYA).unwrap().status, TicketStatus::Assigned);
}

#[test]
fn a_ticket_nobody_was_responsible_for_reopens_unassigned() {
    let mut world = World::new();
    let chat = world.answered();
    world.contact(chat, &Command::RequestHuman).unwrap();
    world.operator(ANA, chat, &RESOLVE).unwrap();
    world.operator(ANA, chat, &REOPEN).unwrap();
    assert_eq!(world.open_ticket(MAYA).unwrap().status, TicketStatus::Unassigned);
}

#[test]
fn reopening_takes_nothing_from_a_newer_conversation() {
    let mut world = World::new();
    let first = world.answered();
    world.contact(first, &Command::RequestHuman).unwrap();
    world.operator(ANA, first, &RESOLVE).unwrap();
    let second = world.start();
    world.contact(second, &Command::RequestHuman).unwrap();
    let theirs = world.open_ticket(MAYA).unwrap().id;
    world.operator(ANA, first, &REOPEN).unwrap();
    assert_eq!((world.open_conversation(MAYA), world.open_ticket(MAYA).unwrap().id), (Some(second), theirs));
    assert_eq!(world.chat(first).ticket.as_ref().unwrap().status, TicketStatus::Resolved);
}

#[test]
fn pending_is_a_status_and_nothing_more() {
    let mut world = World::new();
    let chat = world.start();
    let decision = world.operator(ANA, chat, &Command::SetStatus(Status::Pending)).unwrap();
    assert_eq!((decision.conversation.status, World::added(&decision).len()), (Status::Pending, 0));
    assert!(decision.conversation.answering);
    assert_eq!(decision.conversation.public_version, decision.conversation.version);
    world.answer(chat, "Still answering").unwrap();
    assert_eq!(world.operator(ANA, chat, &REOPEN).unwrap().conversation.status, Status::Open);
}

#[test]
fn what_is_resolved_is_reopened_before_it_waits_for_the_contact() {
    let mut world = World::new();
    let chat = world.answered();
    world.contact(chat, &Command::End).unwrap();
    assert_eq!(world.operator(ANA, chat, &Command::SetStatus(Status::Pending)), Err(Refusal::ConversationResolved));
}
