use super::world::{ANA, ASSISTANT, MAYA, NOOR, World, text, words};
use crate::bus::NotificationKind;
use crate::command::{Actor, Command};
use crate::decide::{Notice, Place};
use crate::error::Refusal;
use crate::id::{ContactId, Seq, TurnNumber, Version};
use crate::model::{AfterResolve, Assignee, Audience, Author, Channel, Delivery, Status};
use crate::store::{JobOp, Lane, Outcome, Work, Write};

#[test]
fn a_first_message_begins_a_conversation_that_the_assistant_answers() {
    let mut world = World::new();
    let decision = world.start_as(MAYA, "Where is\nmy parcel?").unwrap();
    let chat = &decision.conversation;
    assert_eq!((chat.contact, chat.assistant.id, &chat.assignee, chat.status), (MAYA, ASSISTANT, &Assignee::Assistant, Status::Open));
    assert_eq!((chat.version, chat.public_version, chat.seq, decision.entry), (Version(1), Version(1), Seq(1), Some(Seq(1))));
    assert_eq!((chat.turn, chat.answering, chat.unread_for_team, chat.messages), (TurnNumber(1), true, 1, 1));
    assert_eq!((chat.language.as_deref(), chat.last_contact_message_at), (Some("de-AT"), Some(world.now)));
    let last = chat.last_message.as_ref().unwrap();
    assert_eq!((&last.author, last.text.as_str()), (&Author::Contact { id: MAYA }, "Where is my parcel?"));
    assert_eq!(world.jobs(&Lane::turn(chat.id))[0].work, Work::Answer { conversation: chat.id, turn: TurnNumber(1) });
    assert_eq!(decision.notices, [Notice { kind: NotificationKind::ConversationCreated, text: Some("Where is my parcel?".to_owned()) }]);
}

#[test]
fn a_new_conversation_counts_with_the_contact_and_takes_the_place_that_messages_join() {
    let mut world = World::new();
    let chat = world.start();
    assert_eq!((world.contacts[&MAYA].conversations, world.contacts[&MAYA].version), (1, Version(2)));
    assert_eq!(world.open_conversation(MAYA), Some(chat));
    assert_eq!(world.open_conversation(NOOR), None);
}

#[test]
fn a_wanted_new_conversation_takes_the_place_of_the_open_one_which_stays_open() {
    let mut world = World::new();
    let first = world.start();
    let second = world.start();
    assert_eq!(world.open_conversation(MAYA), Some(second));
    world.write(first, "still here").unwrap();
    world.contact(first, &Command::End).unwrap();
    assert_eq!(world.open_conversation(MAYA), Some(second), "the older one has no place to give up");
}

#[test]
fn of_two_first_messages_at_once_one_begins_the_conversation() {
    let mut world = World::new();
    let command = Command::Start { text: text("Hello"), channel: Channel::widget() };
    let place = Place::New { contact: MAYA, assistant: ASSISTANT };
    let [one, two] = [(); 2].map(|()| world.decide(&Actor::Contact(MAYA), place, &command).unwrap());
    assert!(matches!(world.commit(&one, None), Outcome::Committed(_)));
    assert!(matches!(world.commit(&two, None), Outcome::Taken(_)));
}

#[test]
fn who_is_not_there_cannot_begin() {
    let world = World::new();
    let stranger = ContactId::from_uuid(uuid::Uuid::from_u128(99));
    let command = Command::Start { text: text("Hello"), channel: Channel::widget() };
    let refused = world.decide(&Actor::Contact(stranger), Place::New { contact: stranger, assistant: ASSISTANT }, &command);
    assert_eq!(refused, Err(Refusal::NotFound));
}

#[test]
fn a_conversation_needs_an_assistant() {
    let world = World::new();
    let absent = crate::id::AssistantId::from_uuid(uuid::Uuid::from_u128(98));
    let command = Command::Start { text: text("Hello"), channel: Channel::widget() };
    let refused = world.decide(&Actor::Contact(MAYA), Place::New { contact: MAYA, assistant: absent }, &command);
    assert_eq!(refused, Err(Refusal::NotFound));
}

#[test]
fn a_message_after_an_answer_is_answered_in_the_same_turn() {
    let mut world = World::new();
    let chat = world.answered();
    let decision = world.write(chat, "And my refund?").unwrap();
    assert_eq!((decision.conversation.turn, decision.conversation.answering, decision.discard), (TurnNumber(1), true, None));
    assert_eq!(world.jobs(&Lane::turn(chat)).len(), 1);
    let Write::Entry { entry, .. } = &decision.writes[1] else { panic!("the message") };
    let crate::model::Body::Message(message) = &entry.body else { panic!("a message") };
    assert_eq!((message.delivery, decision.entry), (Delivery::Sent, Some(entry.seq)));
}

#[test]
fn several_quick_messages_get_one_answer() {
    let mut world = World::new();
    let chat = world.start();
    let second = world.write(chat, "One more thing").unwrap();
    assert_eq!((second.conversation.turn, second.discard), (TurnNumber(2), Some(TurnNumber(1))));
    assert!(matches!(&second.jobs[..], [JobOp::Cancel(lane), JobOp::Push(_)] if *lane == Lane::turn(chat)));
    let third = world.write(chat, "And another").unwrap();
    assert_eq!((third.conversation.turn, third.discard), (TurnNumber(3), Some(TurnNumber(2))));
    assert_eq!(world.jobs(&Lane::turn(chat)).len(), 1);
    assert_eq!(world.finish(chat, TurnNumber(1), words("late")), Err(Refusal::TurnOver));
    world.answer(chat, "To all of it").unwrap();
    assert_eq!(world.chat(chat).assistant_replies, 1);
}

#[test]
fn where_an_operator_answers_the_assistant_is_not_asked() {
    let mut world = World::new();
    let chat = world.answered();
    world.operator(ANA, chat, &Command::Claim).unwrap();
    let decision = world.write(chat, "Thanks, Ana").unwrap();
    assert_eq!((decision.jobs.len(), decision.conversation.answering), (0, false));
    assert_eq!(decision.notices, [Notice { kind: NotificationKind::Message, text: Some("Thanks, Ana".to_owned()) }]);
}

#[test]
fn where_nobody_answers_the_team_is_told() {
    let mut world = World::new();
    let chat = world.answered();
    world.operator(ANA, chat, &Command::Assign(crate::command::AssignTarget::Nobody)).unwrap();
    let decision = world.write(chat, "Anybody?").unwrap();
    assert_eq!((decision.jobs.len(), decision.notices[0].kind), (0, NotificationKind::Message));
}

#[test]
fn who_writes_has_read_what_stands_above() {
    let mut world = World::new();
    let chat = world.answered();
    assert_eq!(world.chat(chat).unread_for_contact, 1);
    let after = world.write(chat, "I see").unwrap().conversation;
    assert_eq!((after.unread_for_contact, after.contact_read, after.unread_for_team), (0, after.seq, 2));
}

#[test]
fn a_message_brings_a_pending_conversation_back() {
    let mut world = World::new();
    let chat = world.answered();
    world.operator(ANA, chat, &Command::SetStatus(Status::Pending)).unwrap();
    let decision = world.write(chat, "Here is the number").unwrap();
    assert_eq!(decision.conversation.status, Status::Open);
    assert_eq!(World::added(&decision), ["contact: Here is the number"]);
}

#[test]
fn a_message_to_a_resolved_conversation_is_refused() {
    let mut world = World::new();
    let chat = world.answered();
    world.contact(chat, &Command::End).unwrap();
    assert_eq!(world.write(chat, "Oh, and"), Err(Refusal::ConversationResolved));
}

#[test]
fn by_the_setting_a_message_reopens_a_resolved_conversation_with_whom_it_was() {
    let mut world = World::new();
    world.settings.contact_message_after_resolve = AfterResolve::Reopen;
    let chat = world.answered();
    world.reply(ANA, chat, "Done").unwrap();
    world.operator(ANA, chat, &Command::SetStatus(Status::Resolved)).unwrap();
    assert_eq!(world.open_conversation(MAYA), None);
    let decision = world.write(chat, "It is back").unwrap();
    assert_eq!(World::added(&decision), ["(contact: StatusChanged Open)", "contact: It is back"]);
    assert!(decision.conversation.assignee.is_operator(ANA) && decision.jobs.is_empty());
    assert_eq!(world.open_conversation(MAYA), Some(chat));
}

#[test]
fn a_reopened_conversation_of_the_assistant_is_answered_by_it() {
    let mut world = World::new();
    world.settings.contact_message_after_resolve = AfterResolve::Reopen;
    let chat = world.answered();
    world.contact(chat, &Command::End).unwrap();
    world.write(chat, "One more").unwrap();
    world.answer(chat, "Gladly").unwrap();
    assert_eq!(world.timeline(chat, Audience::Contact).last().unwrap(), "Robin: Gladly");
}

#[test]
fn a_reopened_conversation_leaves_a_newer_one_its_place() {
    let mut world = World::new();
    world.settings.contact_message_after_resolve = AfterResolve::Reopen;
    let first = world.answered();
    world.contact(first, &Command::End).unwrap();
    let second = world.start();
    world.write(first, "Back here").unwrap();
    assert_eq!(world.open_conversation(MAYA), Some(second));
}
