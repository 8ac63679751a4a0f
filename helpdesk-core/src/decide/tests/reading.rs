use super::world::{ANA, BEN, World};
use crate::command::Command;
use crate::id::Seq;
use crate::store::Write;

#[test]
fn what_the_contact_has_read_is_no_longer_unread() {
    let mut world = World::new();
    let chat = world.answered();
    world.reply(ANA, chat, "Hi").unwrap();
    world.reply(ANA, chat, "Still there?").unwrap();
    assert_eq!(world.chat(chat).unread_for_contact, 3);
    let after = world.contact(chat, &Command::Read(Seq(4))).unwrap().conversation;
    assert_eq!((after.contact_read, after.unread_for_contact, after.public_version), (Seq(4), 1, after.version));
    let after = world.contact(chat, &Command::Read(Seq(u64::MAX))).unwrap().conversation;
    assert_eq!((after.contact_read, after.unread_for_contact), (after.seq, 0));
}

#[test]
fn reading_never_goes_back() {
    let mut world = World::new();
    let chat = world.answered();
    world.contact(chat, &Command::Read(Seq(2))).unwrap();
    assert_eq!(world.contact(chat, &Command::Read(Seq(1))).unwrap().writes, []);
    assert_eq!(world.contact(chat, &Command::Read(Seq(0))).unwrap().writes, []);
}

#[test]
fn reading_what_is_no_message_is_nothing_new_for_the_contact() {
    let mut world = World::new();
    let chat = world.answered();
    world.contact(chat, &Command::Read(Seq(2))).unwrap();
    world.operator(ANA, chat, &Command::Claim).unwrap();
    let before = world.chat(chat).public_version;
    let after = world.contact(chat, &Command::Read(Seq(3))).unwrap().conversation;
    assert_eq!((after.contact_read, after.public_version), (Seq(3), before));
}

#[test]
fn the_team_has_read_what_the_one_who_read_furthest_has() {
    let mut world = World::new();
    let chat = world.answered();
    world.write(chat, "One").unwrap();
    world.write(chat, "Two").unwrap();
    let after = world.operator(ANA, chat, &Command::Read(Seq(3))).unwrap().conversation;
    assert_eq!((after.team_read, after.unread_for_team), (Seq(3), 1));
    assert_ne!(after.public_version, after.version, "the contact does not see who reads");
    world.operator(BEN, chat, &Command::Read(Seq(4))).unwrap();
    let decision = world.operator(ANA, chat, &Command::Read(Seq(3))).unwrap();
    assert!(matches!(&decision.writes[..], [Write::ReadPointer { operator, seq: Seq(3), .. }] if *operator == ANA));
    assert_eq!((decision.conversation.team_read, decision.conversation.unread_for_team), (Seq(4), 0));
}

#[test]
fn a_pointer_alone_is_no_new_version() {
    let mut world = World::new();
    let chat = world.answered();
    world.operator(ANA, chat, &Command::Read(Seq(2))).unwrap();
    let before = world.chat(chat).clone();
    let decision = world.operator(BEN, chat, &Command::Read(Seq(2))).unwrap();
    assert_eq!((&*decision.conversation, decision.writes.len()), (&before, 1));
    assert_eq!(world.pointers[&(BEN, chat)], Seq(2));
    assert_eq!(world.operator(BEN, chat, &Command::Read(Seq::ZERO)).unwrap().writes, []);
}

#[test]
fn a_pointer_stops_at_the_end() {
    let mut world = World::new();
    let chat = world.answered();
    world.operator(ANA, chat, &Command::Read(Seq(999))).unwrap();
    assert_eq!((world.pointers[&(ANA, chat)], world.chat(chat).team_read), (Seq(2), Seq(2)));
}
