use super::world::{ANA, BEN, CLEO, GONE, MAYA, World, operator};
use crate::command::{AssignTarget, Command};
use crate::error::Refusal;
use crate::id::{OperatorId, TurnNumber};
use crate::model::{AssignTo, Assignee, Audience, Status, TicketStatus};
use crate::store::{JobOp, Lane};

fn assign(target: AssignTarget) -> Command {
    Command::Assign(target)
}

fn to(operator: OperatorId) -> Command {
    assign(AssignTarget::Operator(operator))
}

#[test]
fn a_claim_silences_the_assistant_and_sets_both_assignees() {
    let mut world = World::new();
    let chat = world.start();
    world.contact(chat, &Command::RequestHuman).unwrap();
    let decision = world.operator(ANA, chat, &Command::Claim).unwrap();
    let after = &decision.conversation;
    assert!(after.assignee.is_operator(ANA));
    assert_eq!((after.takeover_requested_at, after.turn, after.answering), (None, TurnNumber(2), false));
    assert_eq!(decision.discard, Some(TurnNumber(1)));
    assert_eq!(decision.jobs, [JobOp::Cancel(Lane::turn(chat)), JobOp::Cancel(Lane::confirm(chat))]);
    assert_eq!(World::added(&decision), ["(Ana: Claimed)"]);
    let ticket = world.open_ticket(MAYA).unwrap();
    assert_eq!((ticket.status, ticket.assignee.as_ref().unwrap().id), (TicketStatus::Assigned, ANA));
    assert!(after.is_mine(ANA) && !after.is_waiting() && after.participants.is_empty());
}

#[test]
fn claiming_what_one_holds_succeeds_and_changes_nothing() {
    let mut world = World::new();
    let chat = world.answered();
    world.operator(ANA, chat, &Command::Claim).unwrap();
    assert_eq!(world.operator(ANA, chat, &Command::Claim).unwrap().writes, []);
}

#[test]
fn the_second_to_claim_is_told_who_won() {
    let mut world = World::new();
    let chat = world.answered();
    world.operator(ANA, chat, &Command::Claim).unwrap();
    assert_eq!(world.operator(BEN, chat, &Command::Claim), Err(Refusal::AlreadyClaimed { by: operator(ANA).reference() }));
}

#[test]
fn a_resolved_conversation_is_neither_claimed_nor_assigned() {
    let mut world = World::new();
    let chat = world.answered();
    world.contact(chat, &Command::End).unwrap();
    for command in [Command::Claim, to(BEN), assign(AssignTarget::Assistant), assign(AssignTarget::Nobody)] {
        assert_eq!(world.operator(ANA, chat, &command), Err(Refusal::ConversationResolved));
    }
}

#[test]
fn the_first_reply_takes_over_before_it_speaks() {
    let mut world = World::new();
    let chat = world.start();
    let decision = world.reply(ANA, chat, "Hi, I'm Ana").unwrap();
    assert_eq!(World::added(&decision), ["(Ana: Claimed)", "Ana: Hi, I'm Ana"]);
    assert_eq!((decision.discard, decision.conversation.turn), (Some(TurnNumber(1)), TurnNumber(2)));
    assert_eq!((decision.conversation.participants.clone(), decision.entry), (vec![ANA], Some(decision.conversation.seq)));
}

#[test]
fn further_replies_only_speak() {
    let mut world = World::new();
    let chat = world.answered();
    world.reply(ANA, chat, "Hi").unwrap();
    let decision = world.reply(ANA, chat, "Still here").unwrap();
    assert_eq!((World::added(&decision), decision.conversation.participants.clone()), (vec!["Ana: Still here".to_owned()], vec![ANA]));
}

#[test]
fn writing_where_another_operator_answers_changes_no_assignee() {
    let mut world = World::new();
    let chat = world.answered();
    world.contact(chat, &Command::RequestHuman).unwrap();
    world.operator(ANA, chat, &Command::Claim).unwrap();
    let decision = world.reply(BEN, chat, "May I add").unwrap();
    assert!(decision.conversation.assignee.is_operator(ANA));
    assert_eq!((World::added(&decision), decision.conversation.participants.clone()), (vec!["Ben: May I add".to_owned()], vec![BEN]));
    assert_eq!(world.open_ticket(MAYA).unwrap().assignee.as_ref().unwrap().id, ANA);
}

#[test]
fn a_reply_to_a_resolved_conversation_reopens_it_and_takes_it_over() {
    let mut world = World::new();
    let chat = world.answered();
    world.reply(ANA, chat, "Done").unwrap();
    world.operator(ANA, chat, &Command::SetStatus(Status::Resolved)).unwrap();
    let decision = world.reply(BEN, chat, "One more thing").unwrap();
    assert_eq!(World::added(&decision), ["(Ben: StatusChanged Open)", "(Ben: Claimed)", "Ben: One more thing"]);
    assert_eq!((decision.conversation.status, decision.conversation.closed.clone()), (Status::Open, None));
    assert!(decision.conversation.assignee.is_operator(BEN));
    assert_eq!(world.open_conversation(MAYA), Some(chat));
}

#[test]
fn handing_back_lets_the_assistant_answer_the_next_message() {
    let mut world = World::new();
    let chat = world.answered();
    world.contact(chat, &Command::RequestHuman).unwrap();
    world.reply(ANA, chat, "Hi").unwrap();
    let turn = world.chat(chat).turn;
    let decision = world.operator(ANA, chat, &assign(AssignTarget::Assistant)).unwrap();
    assert_eq!(World::added(&decision), ["(Ana: HandedBack)"]);
    assert_eq!((decision.conversation.assignee.clone(), decision.conversation.turn), (Assignee::Assistant, turn.next()));
    assert!(!decision.conversation.answering);
    assert_eq!(world.open_ticket(MAYA).unwrap().assignee.as_ref().unwrap().id, ANA, "who is responsible stays responsible");
    world.write(chat, "And you?").unwrap();
    world.answer(chat, "Back again").unwrap();
    assert_eq!(world.timeline(chat, Audience::Contact).last().unwrap(), "Robin: Back again");
}

#[test]
fn handing_back_what_the_assistant_has_changes_nothing() {
    let mut world = World::new();
    let chat = world.start();
    assert_eq!(world.operator(ANA, chat, &assign(AssignTarget::Assistant)).unwrap().writes, []);
}

#[test]
fn handing_back_puts_a_request_aside_and_still_answers_what_was_asked() {
    let mut world = World::new();
    let chat = world.start();
    world.contact(chat, &Command::RequestHuman).unwrap();
    let decision = world.operator(ANA, chat, &assign(AssignTarget::Assistant)).unwrap();
    let after = &decision.conversation;
    assert_eq!((after.takeover_requested_at, after.turn, after.answering), (None, TurnNumber(2), true));
    assert_eq!(decision.discard, Some(TurnNumber(1)));
    world.answer(chat, "About your question").unwrap();
}

#[test]
fn assigning_overrides_another_operator_and_tells_the_contact_who_answers() {
    let mut world = World::new();
    let chat = world.answered();
    world.contact(chat, &Command::RequestHuman).unwrap();
    world.operator(ANA, chat, &Command::Claim).unwrap();
    let decision = world.operator(BEN, chat, &to(CLEO)).unwrap();
    assert_eq!(World::added(&decision), ["(Ben: Assigned)", "(Ben: Claimed)"]);
    assert!(decision.conversation.assignee.is_operator(CLEO));
    assert_eq!(world.open_ticket(MAYA).unwrap().assignee.as_ref().unwrap().id, CLEO);
    assert_eq!(world.timeline(chat, Audience::Contact).last().unwrap(), "(Ben: Claimed)");
    assert_eq!(world.operator(BEN, chat, &to(CLEO)).unwrap().writes, [], "assigning again changes nothing");
}

#[test]
fn nobody_is_assigned_who_is_absent_or_disabled() {
    let mut world = World::new();
    let chat = world.answered();
    for id in [GONE, OperatorId::from_uuid(uuid::Uuid::from_u128(97))] {
        let Err(Refusal::Invalid(invalid)) = world.operator(ANA, chat, &to(id)) else { panic!("refused") };
        assert_eq!(invalid.field, "assignee.id");
    }
}

#[test]
fn by_the_setting_only_participants_and_oneself_are_assigned() {
    let mut world = World::new();
    world.settings.assign_to = AssignTo::Participants;
    let chat = world.answered();
    world.reply(CLEO, chat, "Hi").unwrap();
    assert!(matches!(world.operator(ANA, chat, &to(BEN)), Err(Refusal::Forbidden(_))));
    assert!(world.operator(ANA, chat, &to(ANA)).unwrap().conversation.assignee.is_operator(ANA));
    assert!(world.operator(ANA, chat, &to(CLEO)).unwrap().conversation.assignee.is_operator(CLEO));
}

#[test]
fn assigned_to_nobody_it_waits_for_the_team() {
    let mut world = World::new();
    let chat = world.start();
    let decision = world.operator(ANA, chat, &assign(AssignTarget::Nobody)).unwrap();
    assert_eq!((World::added(&decision), decision.discard), (vec!["(Ana: Assigned)".to_owned()], Some(TurnNumber(1))));
    assert!(decision.conversation.is_waiting() && decision.conversation.is_unassigned() && !decision.conversation.answering);
    assert_eq!(decision.conversation.public_version, decision.conversation.version, "the contact sees that the assistant is gone");
    assert_eq!(world.operator(BEN, chat, &assign(AssignTarget::Nobody)).unwrap().writes, []);
}
