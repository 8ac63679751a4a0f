use super::world::{ANA, MAYA, World, escalation};
use crate::command::{Actor, AssignTarget, Command};
use crate::id::{ConversationId, TicketId};
use crate::model::{Priority, Status, TicketStatus};
use crate::store::{Key, Lane, Work, Write};

/// MAYA asked for a human in one conversation, ended it, and began another.
fn asked_before(world: &mut World) -> (ConversationId, ConversationId, TicketId) {
    let first = world.answered();
    world.contact(first, &Command::RequestHuman).unwrap();
    world.contact(first, &Command::End).unwrap();
    let ticket = world.open_ticket(MAYA).unwrap().id;
    (first, world.answered(), ticket)
}

#[test]
fn who_asks_again_elsewhere_joins_the_open_ticket() {
    let mut world = World::new();
    let (_, second, ticket) = asked_before(&mut world);
    let decision = world.contact(second, &Command::RequestHuman).unwrap();
    assert_eq!((world.tickets.len(), decision.conversation.ticket.as_ref().unwrap().id), (1, ticket));
    assert!(decision.guards.iter().any(|guard| guard.key == Key::Ticket(ticket)), "what the decision rests on is guarded");
    assert!(!decision.writes.iter().any(|write| matches!(write, Write::OpenTicket(_))));
    assert!(world.tickets[&ticket].shared);
}

#[test]
fn who_reaches_an_operator_in_a_new_chat_has_the_old_ticket_closed_and_linked() {
    let mut world = World::new();
    let (_, second, ticket) = asked_before(&mut world);
    let decision = world.operator(ANA, second, &Command::Claim).unwrap();
    assert_eq!(World::added(&decision), ["(Ana: Claimed)", "(Ana: Escalated)"]);
    let link = decision.conversation.ticket.clone().unwrap();
    assert_eq!((link.id, link.status), (ticket, TicketStatus::Resolved));
    assert_eq!((world.tickets[&ticket].status, world.open_ticket(MAYA)), (TicketStatus::Resolved, None));
}

#[test]
fn an_older_conversation_does_not_close_the_ticket_of_a_newer_one() {
    let mut world = World::new();
    let first = world.answered();
    let second = world.answered();
    world.contact(second, &Command::RequestHuman).unwrap();
    world.reply(ANA, first, "Hi").unwrap();
    assert!(world.open_ticket(MAYA).is_some());
    assert_eq!(world.chat(first).ticket, None);
}

#[test]
fn the_other_conversations_of_a_shared_ticket_learn_how_it_stands() {
    let mut world = World::new();
    let (first, second, ticket) = asked_before(&mut world);
    world.contact(second, &Command::RequestHuman).unwrap();
    assert!(world.jobs(&Lane::relink(ticket)).is_empty(), "nothing that they show changed");
    world.operator(ANA, second, &Command::Claim).unwrap();
    let contact = world.chat(first).contact;
    assert_eq!(world.jobs(&Lane::relink(ticket))[0].work, Work::Relink { ticket, contact });
    let link = |world: &World| world.chat(first).ticket.clone().unwrap();
    assert_eq!(link(&world).status, TicketStatus::Unassigned, "not yet");
    let decision = world.give(&Actor::System, first, &Command::Relink).unwrap();
    assert_eq!((World::added(&decision).len(), decision.writes.len()), (0, 1), "it is no event of the conversation");
    assert_eq!((link(&world).id, link(&world).status, link(&world).assignee.unwrap().id), (ticket, TicketStatus::Assigned, ANA));
    assert!(world.give(&Actor::System, first, &Command::Relink).unwrap().writes.is_empty());
}

#[test]
fn a_ticket_of_one_conversation_tells_nobody_else() {
    let mut world = World::new();
    let chat = world.answered();
    world.contact(chat, &Command::RequestHuman).unwrap();
    let ticket = world.open_ticket(MAYA).unwrap().id;
    world.operator(ANA, chat, &Command::Claim).unwrap();
    assert!(world.jobs(&Lane::relink(ticket)).is_empty());
}

#[test]
fn a_second_request_after_a_hand_back_stays_with_the_same_ticket() {
    let mut world = World::new();
    let chat = world.answered();
    world.contact(chat, &Command::RequestHuman).unwrap();
    world.operator(ANA, chat, &Command::Claim).unwrap();
    world.operator(ANA, chat, &Command::Assign(AssignTarget::Assistant)).unwrap();
    let decision = world.contact(chat, &Command::RequestHuman).unwrap();
    assert_eq!((world.tickets.len(), decision.conversation.ticket.as_ref().unwrap().status), (1, TicketStatus::Assigned));
}

#[test]
fn a_request_after_the_ticket_was_closed_opens_a_new_one() {
    let mut world = World::new();
    let (_, second, old) = asked_before(&mut world);
    world.operator(ANA, second, &Command::Claim).unwrap();
    world.operator(ANA, second, &Command::Assign(AssignTarget::Assistant)).unwrap();
    world.contact(second, &Command::RequestHuman).unwrap();
    assert_eq!(world.tickets.len(), 2);
    let new = world.open_ticket(MAYA).unwrap();
    assert!(new.id != old && new.number.0 == 2);
    assert_eq!(world.chat(second).ticket.as_ref().unwrap().id, new.id);
}

#[test]
fn a_joined_ticket_lends_the_conversation_its_priority() {
    let mut world = World::new();
    let first = world.start();
    let urgent = crate::ai::Escalation { priority: Some(Priority::Urgent), ..escalation("Fire") };
    let turn = world.chat(first).turn;
    world.finish(first, turn, urgent.into()).unwrap();
    world.contact(first, &Command::End).unwrap();
    let second = world.answered();
    assert_eq!(world.chat(second).priority, Priority::Normal);
    world.contact(second, &Command::RequestHuman).unwrap();
    assert_eq!(world.chat(second).priority, Priority::Urgent);
}

#[test]
fn resolving_an_earlier_conversation_closes_the_ticket_that_both_share() {
    let mut world = World::new();
    let (first, second, ticket) = asked_before(&mut world);
    world.contact(second, &Command::RequestHuman).unwrap();
    world.operator(ANA, second, &Command::SetStatus(Status::Resolved)).unwrap();
    assert_eq!((world.tickets[&ticket].status, world.open_ticket(MAYA)), (TicketStatus::Resolved, None));
    world.operator(ANA, first, &Command::SetStatus(Status::Open)).unwrap();
    assert_eq!(world.open_ticket(MAYA).unwrap().id, ticket, "reopened with the conversation it is of");
}
