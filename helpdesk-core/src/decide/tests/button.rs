use super::world::{ANA, World};
use crate::command::{AssignTarget, Command};
use crate::decide::human_button;
use crate::id::ConversationId;
use crate::model::{Threshold, ThresholdCount};

fn shown(world: &World, chat: ConversationId) -> bool {
    human_button(world.chat(chat), &world.settings)
}

/// A conversation in which the button is shown.
fn offered() -> (World, ConversationId) {
    let mut world = World::new();
    world.settings.human_support.threshold.at_least = 1;
    let chat = world.answered();
    assert!(shown(&world, chat));
    (world, chat)
}

#[test]
fn the_button_waits_for_the_assistants_replies() {
    let mut world = World::new();
    let chat = world.answered();
    for _ in 0..2 {
        assert!(!shown(&world, chat));
        world.write(chat, "Hm").unwrap();
        world.answer(chat, "Yes?").unwrap();
    }
    assert!(shown(&world, chat));
}

#[test]
fn the_button_may_wait_for_messages_of_all() {
    let mut world = World::new();
    world.settings.human_support.threshold = Threshold { count: ThresholdCount::Messages, at_least: 2 };
    let chat = world.start();
    assert!(!shown(&world, chat));
    world.write(chat, "Hello?").unwrap();
    assert!(shown(&world, chat));
}

#[test]
fn a_hidden_or_useless_button_is_not_shown() {
    let (mut world, chat) = offered();
    world.settings.human_support.button_hidden = true;
    assert!(!shown(&world, chat));
    world.settings.human_support.button_hidden = false;
    world.settings.human_support.enabled = false;
    assert!(!shown(&world, chat));
    world.settings.human_support.enabled = true;
    world.settings.helpdesk = false;
    assert!(!shown(&world, chat));
}

#[test]
fn the_button_is_gone_once_a_human_was_asked_for_or_answers() {
    let (mut world, chat) = offered();
    world.contact(chat, &Command::RequestHuman).unwrap();
    assert!(!shown(&world, chat));
    world.operator(ANA, chat, &Command::Claim).unwrap();
    assert!(!shown(&world, chat));
    world.operator(ANA, chat, &Command::Assign(AssignTarget::Assistant)).unwrap();
    assert!(shown(&world, chat));
}

#[test]
fn where_nobody_answers_the_button_is_shown_and_where_it_is_over_not() {
    let (mut world, chat) = offered();
    world.operator(ANA, chat, &Command::Assign(AssignTarget::Nobody)).unwrap();
    assert!(shown(&world, chat));
    world.contact(chat, &Command::End).unwrap();
    assert!(!shown(&world, chat));
}
