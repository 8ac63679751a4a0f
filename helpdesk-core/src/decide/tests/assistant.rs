use super::world::{ANA, MAYA, World, escalation, text, words};
use crate::ai::Answer;
use crate::command::{Actor, AssignTarget, Command};
use crate::error::Refusal;
use crate::id::TurnNumber;
use crate::model::text::MESSAGE_LIMIT;
use crate::model::{Assignee, Body, Citation, Priority, Status};
use crate::store::Lane;

#[test]
fn an_answer_is_said_with_what_it_rests_on() {
    let mut world = World::new();
    let chat = world.start();
    let citations = vec![Citation { title: "Returns".to_owned(), url: None }];
    let decision = world.finish(chat, TurnNumber(1), Answer { citations: citations.clone(), ..words("Within 30 days.") }).unwrap();
    let after = &decision.conversation;
    assert_eq!((after.answering, after.assistant_replies, after.messages, after.unread_for_contact), (false, 1, 2, 1));
    assert_eq!((after.status, decision.notices.len(), decision.entry), (Status::Open, 0, Some(after.seq)));
    let Body::Message(message) = &world.entries[&chat][1].body else { panic!("a message") };
    assert_eq!((message.text.as_str(), &message.citations), ("Within 30 days.", &citations));
}

#[test]
fn an_answer_counts_only_in_its_turn() {
    let mut world = World::new();
    let chat = world.start();
    assert_eq!(world.finish(chat, TurnNumber(2), words("early")), Err(Refusal::TurnOver));
    world.write(chat, "Wait").unwrap();
    assert_eq!(world.finish(chat, TurnNumber(1), words("late")), Err(Refusal::TurnOver));
}

#[test]
fn a_turn_is_answered_once() {
    let mut world = World::new();
    let chat = world.answered();
    assert_eq!(world.finish(chat, TurnNumber(1), words("again")), Err(Refusal::TurnOver));
}

#[test]
fn nothing_of_an_answer_appears_after_a_takeover_not_even_after_a_hand_back() {
    let mut world = World::new();
    let chat = world.start();
    world.operator(ANA, chat, &Command::Claim).unwrap();
    assert_eq!(world.finish(chat, TurnNumber(1), words("late")), Err(Refusal::TurnOver));
    world.operator(ANA, chat, &Command::Assign(AssignTarget::Assistant)).unwrap();
    assert_eq!(world.finish(chat, TurnNumber(1), words("later")), Err(Refusal::TurnOver));
    world.write(chat, "And now?").unwrap();
    assert_eq!(world.finish(chat, TurnNumber(1), words("latest")), Err(Refusal::TurnOver));
    world.answer(chat, "In time").unwrap();
}

#[test]
fn an_answer_to_an_ended_chat_is_dropped() {
    let mut world = World::new();
    let chat = world.start();
    let ended = world.contact(chat, &Command::End).unwrap();
    assert_eq!(ended.discard, Some(TurnNumber(1)));
    assert_eq!(world.finish(chat, TurnNumber(1), words("late")), Err(Refusal::TurnOver));
}

#[test]
fn an_empty_answer_is_no_answer() {
    let mut world = World::new();
    let chat = world.start();
    for empty in ["", " \n ", "\u{0}\u{7}"] {
        assert!(matches!(world.finish(chat, TurnNumber(1), words(empty)), Err(Refusal::Invalid(_))));
    }
}

#[test]
fn what_a_model_writes_is_made_fit_to_keep() {
    let mut world = World::new();
    let chat = world.start();
    let wild = format!("a\r\nb\u{1b}[31m{}", "ü".repeat(MESSAGE_LIMIT));
    world.answer(chat, &wild).unwrap();
    let Body::Message(message) = &world.entries[&chat][1].body else { panic!("a message") };
    assert!(message.text.starts_with("a\nb[31mü") && message.text.ends_with('…'));
    assert_eq!(message.text.chars().count(), MESSAGE_LIMIT);
}

#[test]
fn an_assistant_escalates_with_reason_subject_and_priority() {
    let mut world = World::new();
    let chat = world.start();
    let escalation = crate::ai::Escalation { priority: Some(Priority::Urgent), ..escalation("Wants money back") };
    let answer = Answer { escalation: Some(escalation), ..words("I'll ask the team.") };
    let decision = world.finish(chat, TurnNumber(1), answer).unwrap();
    assert_eq!(World::added(&decision), ["Robin: I'll ask the team.", "(Robin: TakeoverRequested)", "(Robin: Escalated)"]);
    let ticket = world.open_ticket(MAYA).unwrap();
    assert_eq!(
        (ticket.subject.as_str(), ticket.reason.as_deref(), ticket.priority),
        ("A refund", Some("Wants money back"), Priority::Urgent)
    );
    assert_eq!((decision.conversation.priority, decision.conversation.assignee.clone()), (Priority::Urgent, Assignee::Assistant));
    assert!(world.jobs(&Lane::confirm(chat)).is_empty(), "its own words were the confirmation");
    let Body::Activity(escalated) = &world.entries[&chat][3].body else { panic!("an activity") };
    assert_eq!((escalated.reason.as_deref(), escalated.ticket), (Some("Wants money back"), Some(ticket.id)));
}

#[test]
fn an_escalation_without_words_is_confirmed() {
    let mut world = World::new();
    let chat = world.start();
    let decision = world.finish(chat, TurnNumber(1), escalation("Upset").into()).unwrap();
    assert_eq!((decision.conversation.answering, decision.conversation.assistant_replies, decision.entry), (false, 0, None));
    assert_eq!(world.jobs(&Lane::confirm(chat)).len(), 1);
}

#[test]
fn an_assistant_escalates_only_where_it_may() {
    for (support, handover) in [(false, true), (true, false)] {
        let mut world = World::new();
        world.settings.human_support.enabled = support;
        world.assistant.handover = handover;
        let chat = world.start();
        let answer = Answer { escalation: Some(escalation("Upset")), ..words("Sorry") };
        let after = world.finish(chat, TurnNumber(1), answer).unwrap().conversation;
        assert_eq!((after.takeover_requested_at, after.ticket.clone(), after.assistant_replies), (None, None, 1));
    }
}

#[test]
fn who_only_wants_to_escalate_and_may_not_has_failed() {
    for (support, handover) in [(false, true), (true, false)] {
        let mut world = World::new();
        world.settings.human_support.enabled = support;
        world.assistant.handover = handover;
        let chat = world.start();
        let decision = world.finish(chat, TurnNumber(1), escalation("Upset").into()).unwrap();
        assert!(World::added(&decision)[0].starts_with("system: "), "the contact is not left in silence");
        assert_eq!((decision.conversation.answering, decision.conversation.takeover_requested_at.is_some()), (false, support));
    }
}

#[test]
fn an_escalation_where_a_request_is_pending_adds_nothing() {
    let mut world = World::new();
    let chat = world.start();
    world.contact(chat, &Command::RequestHuman).unwrap();
    let requested_at = world.chat(chat).takeover_requested_at;
    let decision = world.finish(chat, TurnNumber(1), Answer { escalation: Some(escalation("Upset")), ..words("Sure") }).unwrap();
    assert_eq!(World::added(&decision), ["Robin: Sure"]);
    assert_eq!((decision.conversation.takeover_requested_at, world.tickets.len()), (requested_at, 1));
}

#[test]
fn an_escalation_with_nobody_available_invites_to_leave_a_message() {
    let mut world = World::new();
    world.team_available = false;
    let chat = world.start();
    let decision = world.finish(chat, TurnNumber(1), escalation("Upset").into()).unwrap();
    assert!(World::added(&decision).last().unwrap().starts_with("system: "));
}

#[test]
fn a_confirmation_is_a_reply_that_leaves_the_turn_alone() {
    let mut world = World::new();
    let chat = world.start();
    world.contact(chat, &Command::RequestHuman).unwrap();
    let requested_at = world.chat(chat).takeover_requested_at.unwrap();
    let confirm = Command::Confirm { requested_at, text: text("The team knows.") };
    let after = world.give(&Actor::Assistant, chat, &confirm).unwrap().conversation;
    assert_eq!((after.turn, after.answering, after.assistant_replies), (TurnNumber(1), true, 1));
}

#[test]
fn a_confirmation_comes_too_late_after_takeover_hand_back_or_end() {
    let takeovers = [
        vec![Command::Claim],
        vec![Command::Assign(AssignTarget::Nobody)],
        vec![Command::Claim, Command::Assign(AssignTarget::Assistant)],
        vec![Command::Assign(AssignTarget::Assistant)],
        vec![Command::SetStatus(Status::Resolved)],
    ];
    for commands in takeovers {
        let mut world = World::new();
        let chat = world.answered();
        world.contact(chat, &Command::RequestHuman).unwrap();
        let requested_at = world.chat(chat).takeover_requested_at.unwrap();
        for command in &commands {
            world.operator(ANA, chat, command).unwrap();
        }
        let confirm = Command::Confirm { requested_at, text: text("late") };
        assert_eq!(world.give(&Actor::Assistant, chat, &confirm), Err(Refusal::TurnOver), "{commands:?}");
        assert!(world.jobs(&Lane::confirm(chat)).is_empty());
    }
}

#[test]
fn a_confirmation_of_an_earlier_request_is_refused() {
    let mut world = World::new();
    let chat = world.answered();
    world.contact(chat, &Command::RequestHuman).unwrap();
    let earlier = world.chat(chat).takeover_requested_at.unwrap();
    world.operator(ANA, chat, &Command::Assign(AssignTarget::Assistant)).unwrap();
    world.contact(chat, &Command::RequestHuman).unwrap();
    let confirm = Command::Confirm { requested_at: earlier, text: text("late") };
    assert_eq!(world.give(&Actor::Assistant, chat, &confirm), Err(Refusal::TurnOver));
}

#[test]
fn a_failed_assistant_leaves_nobody_in_silence() {
    let mut world = World::new();
    let chat = world.start();
    let failed = Command::AnswerFailed { turn: TurnNumber(1), reason: "no quota".to_owned() };
    let decision = world.give(&Actor::Assistant, chat, &failed).unwrap();
    let added = World::added(&decision);
    assert!(added[0].starts_with("system: "));
    assert_eq!(added[1..], ["(system: TakeoverRequested)", "(system: Escalated)"]);
    let after = &decision.conversation;
    assert_eq!((after.answering, &after.assignee, decision.discard), (false, &Assignee::Assistant, Some(TurnNumber(1))));
    assert_eq!(after.takeover_requested_at, Some(world.now));
    assert_eq!(world.open_ticket(MAYA).unwrap().reason.as_deref(), Some("no quota"));
    assert!(world.jobs(&Lane::confirm(chat)).is_empty(), "who failed to answer is not asked to confirm");
    world.write(chat, "Hello?").unwrap();
    assert!(world.chat(chat).answering, "the next message is a new try");
}

#[test]
fn without_human_support_a_failure_is_only_told_to_the_contact() {
    let mut world = World::new();
    world.settings.human_support.enabled = false;
    let chat = world.start();
    let failed = Command::AnswerFailed { turn: TurnNumber(1), reason: String::new() };
    let decision = world.give(&Actor::System, chat, &failed).unwrap();
    assert_eq!((World::added(&decision).len(), decision.conversation.takeover_requested_at), (1, None));
}

#[test]
fn a_failure_where_a_request_is_pending_asks_for_no_second_human() {
    let mut world = World::new();
    let chat = world.start();
    world.contact(chat, &Command::RequestHuman).unwrap();
    let failed = Command::AnswerFailed { turn: TurnNumber(1), reason: "timeout".to_owned() };
    assert_eq!(World::added(&world.give(&Actor::Assistant, chat, &failed).unwrap()).len(), 1);
    assert_eq!(world.give(&Actor::Assistant, chat, &failed), Err(Refusal::TurnOver), "a turn fails once");
}

#[test]
fn the_contact_is_told_once_for_each_request_that_nobody_is_there() {
    let mut world = World::new();
    let chat = world.answered();
    let fail = |world: &mut World| {
        world.write(chat, "Anybody?").unwrap();
        let turn = world.chat(chat).turn;
        let failed = world.give(&Actor::System, chat, &Command::AnswerFailed { turn, reason: "quota".to_owned() }).unwrap();
        World::added(&failed).iter().filter(|entry| entry.starts_with("system: ")).count()
    };
    assert_eq!((fail(&mut world), fail(&mut world), fail(&mut world)), (1, 0, 0));
    world.operator(ANA, chat, &Command::Claim).unwrap();
    world.operator(ANA, chat, &Command::Assign(AssignTarget::Assistant)).unwrap();
    assert_eq!((fail(&mut world), fail(&mut world)), (1, 0), "another request, another word");
}
