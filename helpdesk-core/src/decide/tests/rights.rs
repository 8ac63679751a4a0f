use super::world::{ANA, ASSISTANT, GONE, MAYA, NOOR, World, escalation, operator, text};
use crate::command::{Actor, AssignTarget, Command};
use crate::decide::Place;
use crate::error::Refusal;
use crate::id::{ConversationId, Seq, TurnNumber};
use crate::model::{Channel, Status};

fn by_contacts() -> Vec<Command> {
    vec![Command::ContactMessage { text: text("Hi") }, Command::RequestHuman, Command::End]
}

fn by_operators() -> Vec<Command> {
    vec![
        Command::Reply { text: text("Hi") },
        Command::Note { text: text("Hm") },
        Command::Claim,
        Command::Assign(AssignTarget::Nobody),
        Command::SetStatus(Status::Resolved),
        Command::SetFlag(true),
    ]
}

fn by_assistants(world: &World) -> Vec<Command> {
    vec![
        Command::Answer { turn: TurnNumber(1), answer: escalation("Upset").into() },
        Command::Confirm { requested_at: world.now, text: text("Soon") },
        Command::AnswerFailed { turn: TurnNumber(1), reason: String::new() },
    ]
}

fn all(world: &World) -> Vec<Command> {
    [by_contacts(), by_operators(), by_assistants(world), vec![Command::Read(Seq(1))]].concat()
}

#[test]
fn a_foreign_contact_is_told_what_is_told_of_an_absent_conversation() {
    let mut world = World::new();
    let chat = world.start();
    let absent = ConversationId::from_uuid(uuid::Uuid::from_u128(96));
    for command in all(&world) {
        assert_eq!(world.give(&Actor::Contact(NOOR), chat, &command), Err(Refusal::NotFound), "{command:?}");
        for actor in [Actor::Contact(NOOR), Actor::Operator(operator(ANA)), Actor::Assistant, Actor::System] {
            assert_eq!(world.give(&actor, absent, &command), Err(Refusal::NotFound), "{command:?} by {actor:?}");
        }
    }
}

#[test]
fn nobody_begins_in_the_name_of_somebody_else() {
    let world = World::new();
    let command = Command::Start { text: text("Hi"), channel: Channel::widget() };
    let place = Place::New { contact: MAYA, assistant: ASSISTANT };
    assert_eq!(world.decide(&Actor::Contact(NOOR), place, &command), Err(Refusal::NotFound));
    assert!(matches!(world.decide(&Actor::Operator(operator(ANA)), place, &command), Err(Refusal::Forbidden(_))));
    assert!(matches!(world.decide(&Actor::System, place, &command), Err(Refusal::Forbidden(_))));
    assert_eq!(world.decide(&Actor::Assistant, place, &command), Err(Refusal::NotFound));
}

#[test]
fn each_does_only_what_is_theirs() {
    let mut world = World::new();
    let chat = world.start();
    let (contact, ana) = (Actor::Contact(MAYA), Actor::Operator(operator(ANA)));
    let theirs = [(&contact, by_contacts()), (&ana, by_operators()), (&Actor::Assistant, by_assistants(&world))];
    for (who, commands) in &theirs {
        for other in [&contact, &ana, &Actor::Assistant].into_iter().filter(|other| other != who) {
            for command in commands {
                assert!(matches!(world.give(other, chat, command), Err(Refusal::Forbidden(_))), "{command:?} by {other:?}");
            }
        }
    }
    for actor in [Actor::Assistant, Actor::System] {
        assert!(matches!(world.give(&actor, chat, &Command::Read(Seq(1))), Err(Refusal::Forbidden(_))));
    }
    assert_eq!(world.chat(chat).version.0, 1);
}

#[test]
fn a_disabled_operator_does_nothing() {
    let mut world = World::new();
    let chat = world.start();
    for command in by_operators() {
        assert!(matches!(world.operator(GONE, chat, &command), Err(Refusal::Forbidden(_))), "{command:?}");
    }
}

#[test]
fn an_operator_who_was_disabled_meanwhile_does_nothing() {
    let mut world = World::new();
    let chat = world.start();
    let stale = crate::model::Operator { disabled: false, ..operator(GONE) };
    let to_self = Command::Assign(AssignTarget::Operator(GONE));
    assert!(matches!(world.give(&Actor::Operator(stale), chat, &to_self), Err(Refusal::Forbidden(_))));
}

#[test]
fn with_the_helpdesk_off_nobody_writes_anything() {
    let mut world = World::new();
    let chat = world.start();
    world.settings.helpdesk = false;
    let commands = all(&world);
    for actor in [Actor::Contact(MAYA), Actor::Contact(NOOR), Actor::Assistant, Actor::System, Actor::Operator(operator(ANA))] {
        for command in commands.iter().filter(|command| !matches!((&actor, command), (Actor::Operator(_), Command::Read(_)))) {
            assert_eq!(world.give(&actor, chat, command), Err(Refusal::HelpdeskOff), "{command:?} by {actor:?}");
        }
    }
    assert_eq!(world.start_as(MAYA, "Hello"), Err(Refusal::HelpdeskOff));
    let seq = world.chat(chat).seq;
    let read = world.operator(ANA, chat, &Command::Read(seq)).unwrap();
    assert_eq!((read.writes.len(), read.conversation.unread_for_team), (0, 1), "what was said may be read, and nobody notes that it was");
}

#[test]
fn a_merged_conversation_takes_nothing_more() {
    let mut world = World::new();
    let chat = world.start();
    let elsewhere = world.start();
    world.conversations.get_mut(&chat).unwrap().merged_into = Some(elsewhere);
    for command in by_contacts() {
        assert_eq!(world.contact(chat, &command), Err(Refusal::ConversationResolved), "{command:?}");
    }
    for command in by_operators() {
        assert_eq!(world.operator(ANA, chat, &command), Err(Refusal::ConversationResolved), "{command:?}");
    }
    for command in by_assistants(&world) {
        assert_eq!(world.give(&Actor::Assistant, chat, &command), Err(Refusal::TurnOver), "{command:?}");
    }
}
