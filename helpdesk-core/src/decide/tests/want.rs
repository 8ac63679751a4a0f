use super::world::{ANA, ASSISTANT, BEN, MAYA, World, record_of, text};
use crate::command::{AssignTarget, Command};
use crate::decide::{Place, missing, wanted};
use crate::id::Seq;
use crate::model::{AfterResolve, Channel, RecordKey, RecordKind, Status};
use crate::store::{UniqueKey, Want};

#[test]
fn a_start_wants_contact_assistant_and_place() {
    let command = Command::Start { text: text("Hi"), channel: Channel::widget() };
    let want = wanted(&command, Place::New { contact: MAYA, assistant: ASSISTANT });
    assert_eq!((want.conversation, want.contact), (None, Some(MAYA)));
    assert_eq!(want.records, [RecordKey::new(RecordKind::Assistant, ASSISTANT.as_uuid())]);
    assert_eq!(want.keys, [UniqueKey::open_conversation(MAYA, ASSISTANT)]);
}

#[test]
fn ordinary_commands_want_their_conversation_and_no_more() {
    let mut world = World::new();
    let chat = world.start();
    for command in [Command::ContactMessage { text: text("Hi") }, Command::Claim, Command::RequestHuman, Command::SetFlag(true)] {
        let want = wanted(&command, Place::Id(chat));
        assert_eq!(want, Want { conversation: Some(chat), ..Want::default() });
        assert_eq!(missing(&command, &want, &world.snapshot(&want)), None);
    }
}

#[test]
fn assigning_wants_the_operator_and_reading_the_count() {
    let chat = World::new().start();
    assert_eq!(wanted(&Command::Assign(AssignTarget::Operator(BEN)), Place::Id(chat)).records, [record_of(BEN)]);
    assert_eq!(wanted(&Command::Read(Seq(7)), Place::Id(chat)).count_after, Some(Seq(7)));
}

#[test]
fn closing_wants_the_place_at_once_where_the_conversation_is_known() {
    let mut world = World::new();
    let chat = world.start();
    for command in [Command::End, Command::SetStatus(Status::Resolved)] {
        let want = wanted(&command, Place::Known(world.chat(chat)));
        assert_eq!(want.keys, [UniqueKey::open_conversation(MAYA, ASSISTANT)]);
        assert_eq!(missing(&command, &want, &world.snapshot(&want)), None);
    }
}

#[test]
fn closing_asks_once_more_where_only_the_id_is_known() {
    let mut world = World::new();
    let chat = world.start();
    let want = wanted(&Command::End, Place::Id(chat));
    let more = missing(&Command::End, &want, &world.snapshot(&want)).unwrap();
    assert_eq!(more, wanted(&Command::End, Place::Known(world.chat(chat))));
    world.contact(chat, &Command::End).unwrap();
    assert_eq!(missing(&Command::End, &want, &world.snapshot(&want)), None, "what is over gives nothing up");
}

#[test]
fn a_message_asks_for_the_place_only_where_it_reopens() {
    let mut world = World::new();
    let chat = world.start();
    let message = Command::ContactMessage { text: text("Hi") };
    let want = wanted(&message, Place::Id(chat));
    world.operator(ANA, chat, &Command::SetStatus(Status::Resolved)).unwrap();
    assert_eq!(missing(&message, &want, &world.snapshot(&want)), None);
    world.settings.contact_message_after_resolve = AfterResolve::Reopen;
    assert!(missing(&message, &want, &world.snapshot(&want)).is_some());
}
