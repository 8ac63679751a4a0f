use super::checks::SECRET;
use super::world::{ANA, BEN, World, text};
use crate::command::Command;
use crate::id::{Seq, Version};
use crate::model::{Audience, Status};

#[test]
fn a_note_changes_nothing_that_the_contact_could_notice() {
    let mut world = World::new();
    let chat = world.answered();
    let before = world.chat(chat).clone();
    let after = world.operator(ANA, chat, &Command::Note { text: text(SECRET) }).unwrap().conversation;
    assert_eq!((after.seq, after.version), (Seq(3), before.version.next()));
    assert_eq!((after.public_seq, after.public_version), (before.public_seq, before.public_version));
    assert_eq!((&after.last_message, after.last_activity_at), (&before.last_message, before.last_activity_at));
    assert_eq!((&after.assignee, after.messages, after.unread_for_contact), (&before.assignee, 2, 1));
    assert_eq!(world.timeline(chat, Audience::Contact).len(), 2);
    assert_eq!(world.timeline(chat, Audience::Team).last().unwrap(), &format!("Ana notes: {SECRET}"));
}

#[test]
fn a_note_takes_nothing_over_and_disturbs_no_answer() {
    let mut world = World::new();
    let chat = world.start();
    world.operator(ANA, chat, &Command::Note { text: text("Careful") }).unwrap();
    world.answer(chat, "Hello").unwrap();
    assert_eq!(world.chat(chat).public_seq, Seq(3));
}

#[test]
fn a_resolved_conversation_can_still_be_noted_on() {
    let mut world = World::new();
    let chat = world.answered();
    world.contact(chat, &Command::End).unwrap();
    let after = world.operator(ANA, chat, &Command::Note { text: text("Refunded") }).unwrap().conversation;
    assert_eq!(after.status, Status::Resolved);
}

#[test]
fn who_replies_has_read_what_stands_above() {
    let mut world = World::new();
    let chat = world.answered();
    let after = world.reply(ANA, chat, "Hi").unwrap().conversation;
    assert_eq!((after.unread_for_team, after.team_read, after.unread_for_contact), (0, after.seq, 2));
    assert_eq!(world.pointers[&(ANA, chat)], after.seq);
    assert!(!world.pointers.contains_key(&(BEN, chat)));
}

#[test]
fn a_flag_is_the_teams_own_matter() {
    let mut world = World::new();
    let chat = world.answered();
    let after = world.operator(ANA, chat, &Command::SetFlag(true)).unwrap().conversation;
    assert_eq!((after.flagged, after.version, after.public_version), (true, Version(3), Version(2)));
    assert_eq!(world.operator(ANA, chat, &Command::SetFlag(true)).unwrap().writes, []);
    assert!(!world.operator(ANA, chat, &Command::SetFlag(false)).unwrap().conversation.flagged);
}
