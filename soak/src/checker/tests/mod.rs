//! Every rule rejects the histories that break it, and none rejects one that is as it must be.

mod story;

use story::*;
use uuid::Uuid;

use super::check;
use crate::history::{Action, Changed, Final, Operation, Outcome, Queue, Record, View};
use crate::wire::{ActivityKind, Assignee, AuthorKind, Body, Entry, Status};

/// The rules that a history breaks, after something was done to it.
fn broken(change: impl FnOnce(&mut Vec<Record>)) -> Vec<&'static str> {
    let mut records = healthy();
    change(&mut records);
    let mut rules: Vec<&str> = check(&records).into_iter().map(|violation| violation.rule).collect();
    rules.dedup();
    rules
}

#[track_caller]
fn assert_breaks(part: &str, change: impl FnOnce(&mut Vec<Record>)) {
    let rules = broken(change);
    assert!(rules.iter().any(|rule| rule.contains(part)), "no rule with {part:?} among those broken: {rules:?}");
}

fn end(records: &mut [Record]) -> &mut Final {
    records.iter_mut().find_map(|record| if let Record::Final(end) = record { Some(&mut **end) } else { None }).unwrap()
}

/// Changes both timelines alike.
fn both(records: &mut [Record], change: impl Fn(&mut Vec<Entry>)) {
    let end = end(records);
    change(&mut end.entries);
    change(&mut end.contact_entries);
}

fn operation_of(records: &mut [Record], wanted: impl Fn(&Operation) -> bool) -> &mut Operation {
    let operations = records.iter_mut().filter_map(|record| if let Record::Operation(it) = record { Some(&mut **it) } else { None });
    operations.into_iter().find(|operation| wanted(operation)).unwrap()
}

fn add(records: &mut Vec<Record>, operation: Operation) {
    records.push(Record::Operation(Box::new(operation)));
}

fn frame(records: &mut [Record], process: u32, version: u64) -> &mut Changed {
    let frames = records.iter_mut().filter_map(|record| if let Record::Changed(it) = record { Some(&mut **it) } else { None });
    frames.into_iter().find(|frame| (frame.process, frame.version) == (process, version)).unwrap()
}

fn entry(entries: &mut [Entry], seq: u64) -> Option<&mut Entry> {
    entries.iter_mut().find(|entry| entry.seq == seq)
}

#[test]
fn a_history_that_is_as_it_must_be_breaks_no_rule() {
    assert_eq!(check(&healthy()), []);
}

#[test]
fn a_gap_in_the_timeline_is_found() {
    assert_breaks("timelines are dense", |records| end(records).entries.retain(|entry| entry.seq != 5));
}

#[test]
fn a_revision_of_the_future_is_found() {
    assert_breaks("timelines are dense", |records| both(records, |entries| entries.last_mut().unwrap().rev = 99));
}

#[test]
fn a_note_that_its_contact_sees_is_found() {
    assert_breaks("timelines are dense", |records| {
        let end = end(records);
        end.contact_entries = end.entries.clone();
    });
}

#[test]
fn an_entry_that_its_contact_misses_is_found() {
    assert_breaks("timelines are dense", |records| end(records).contact_entries.retain(|entry| entry.seq != 4));
}

#[test]
fn a_conversation_that_is_gone_is_found() {
    assert_breaks("timelines are dense", |records| records.retain(|record| !matches!(record, Record::Final(_))));
}

#[test]
fn an_acknowledged_message_that_is_lost_is_found() {
    assert_breaks("as often as it must", |records| add(records, said(CONTACT, Action::Send, 120, "lost", 13)));
}

#[test]
fn an_acknowledged_message_at_another_place_is_found() {
    assert_breaks("as often as it must", |records| {
        operation_of(records, |it| it.text.as_deref() == Some("q2")).outcome = Outcome::Done { seq: Some(8), summary: None };
    });
}

#[test]
fn a_message_that_is_there_twice_is_found_even_if_nobody_acknowledged_it() {
    let twice = |records: &mut Vec<Record>| {
        both(records, |entries| entries.push(message(13, 12, contact(), "r2")));
        both(records, |entries| entries.push(message(14, 12, contact(), "r2")));
        add(records, Operation { outcome: Outcome::Unknown, ..said(CONTACT, Action::Send, 120, "r2", 0) });
    };
    assert_breaks("as often as it must", twice);
}

#[test]
fn a_message_of_unknown_outcome_may_be_there_once_or_not_at_all() {
    let unknown = || Operation { outcome: Outcome::Unknown, ..said(ANA, Action::Note, 120, "n2", 0) };
    assert_eq!(broken(|records| add(records, unknown())), [""; 0]);
    let there = |records: &mut Vec<Record>| {
        end(records).entries.push(Entry { seq: 13, rev: 12, author: operator(ANA), body: Body::Note { text: "n2".to_owned() } });
        end(records).summary.seq = 13;
        records.retain(|record| !matches!(record, Record::Changed(_) | Record::Listening { .. }));
        operation_of(records, |it| it.action == Action::Look).outcome = Outcome::Unknown;
        operation_of(records, |it| it.action == Action::Resolve).outcome = Outcome::Unknown;
        add(records, unknown());
    };
    assert_eq!(broken(there), [""; 0]);
}

#[test]
fn a_refused_message_that_is_there_is_found() {
    assert_breaks("as often as it must", |records| both(records, |entries| entries.push(message(13, 12, contact(), "q3"))));
}

#[test]
fn a_message_that_nobody_sent_is_found() {
    assert_breaks("as often as it must", |records| both(records, |entries| entries.push(message(13, 12, contact(), "who?"))));
}

#[test]
fn a_message_under_another_name_is_found() {
    assert_breaks("as often as it must", |records| {
        both(records, |entries| entry(entries, 4).into_iter().for_each(|entry| entry.author = operator(BEN)));
    });
}

#[test]
fn a_note_that_became_a_message_is_found() {
    assert_breaks("as often as it must", |records| {
        end(records).entries[4].body = Body::Message { text: "n1".to_owned() };
    });
}

#[test]
fn a_takeover_that_nobody_wanted_is_found() {
    assert_breaks("without a cause", |records| both(records, |entries| entries.push(claimed(13, 12, BEN))));
}

#[test]
fn a_hand_back_that_happened_twice_is_found() {
    assert_breaks("without a cause", |records| {
        both(records, |entries| entries.push(activity(13, 12, operator(ANA), ActivityKind::HandedBack)));
    });
}

#[test]
fn a_message_above_one_that_was_acknowledged_before_it_was_sent_is_found() {
    assert_breaks("comes before it", |records| {
        let reply = operation_of(records, |it| it.text.as_deref() == Some("r1"));
        (reply.start, reply.end) = (130, 140);
    });
}

#[test]
fn messages_at_the_same_time_may_have_any_order() {
    let overlap = |records: &mut Vec<Record>| operation_of(records, |it| it.text.as_deref() == Some("r1")).end = 115;
    assert_eq!(broken(overlap), [""; 0]);
}

#[test]
fn an_answer_that_is_older_than_what_was_known_is_found() {
    assert_breaks("known before", |records| add(records, done(BEN, Action::Look, 2_000, 8)));
    let timeline = operation(CONTACT, Action::Timeline, 2_000, Outcome::Done { seq: Some(4), summary: None });
    assert_breaks("known before", |records| add(records, timeline));
}

#[test]
fn a_contact_need_not_be_told_of_what_only_the_team_sees() {
    let timeline = operation(CONTACT, Action::Timeline, 81, Outcome::Done { seq: Some(4), summary: None });
    assert_eq!(broken(|records| add(records, timeline)), [""; 0]);
}

#[test]
fn a_second_winner_of_a_claim_is_found() {
    assert_breaks("every outcome fits", |records| {
        let lost = operation_of(records, |it| it.actor == BEN && it.action == Action::Claim);
        lost.outcome = Outcome::Done { seq: None, summary: None };
    });
}

#[test]
fn a_takeover_of_what_another_holds_is_found() {
    assert_breaks("every outcome fits", |records| {
        add(records, done(BEN, Action::Claim, 45, 4));
        end(records).entries.insert(4, claimed(5, 4, BEN));
    });
}

#[test]
fn a_loser_who_is_told_a_wrong_winner_is_found() {
    let told = |holder: Option<Uuid>| {
        move |records: &mut Vec<Record>| {
            let lost = operation_of(records, |it| it.actor == BEN && it.action == Action::Claim);
            lost.outcome = Outcome::Refused { code: "already_claimed".to_owned(), holder };
        }
    };
    for holder in [None, Some(BEN), Some(Uuid::from_u128(77))] {
        assert_breaks("every outcome fits", told(holder));
    }
}

#[test]
fn a_claim_that_was_lost_after_it_was_handed_back_is_found() {
    assert_breaks("every outcome fits", |records| add(records, refused(BEN, Action::Claim, 125, "already_claimed", Some(ANA))));
}

#[test]
fn a_refusal_of_what_was_not_over_is_found() {
    assert_breaks("every outcome fits", |records| add(records, refused(BEN, Action::Claim, 60, "conversation_resolved", None)));
}

#[test]
fn a_refusal_that_no_rule_knows_is_found() {
    for code in ["not_found", "unauthorized", "invalid", "client_id_reused"] {
        assert_breaks("every outcome fits", |records| add(records, refused(ANA, Action::Reply, 60, code, None)));
    }
}

#[test]
fn two_who_saw_one_version_otherwise_are_found() {
    assert_breaks("saw the same", |records| frame(records, ANAS, 12).summary.unread = 7);
}

#[test]
fn a_state_that_the_timeline_does_not_lead_to_is_found() {
    assert_breaks("saw the same", |records| {
        frame(records, ANAS, 5).summary.assignee = Assignee::Operator { id: BEN };
    });
    assert_breaks("saw the same", |records| frame(records, VISITOR, 12).summary.status = Status::Open);
}

#[test]
fn an_answer_over_a_human_is_found() {
    assert_breaks("the assistant answers", |records| {
        both(records, |entries| entry(entries, 4).into_iter().for_each(|entry| entry.author = assistant()));
    });
}

#[test]
fn an_answer_of_an_older_turn_after_the_hand_back_is_found() {
    assert_breaks("the assistant answers", |records| {
        both(records, |entries| {
            if let Some(entry) = entry(entries, 7) {
                *entry = message(7, 7, assistant(), "an answer to what was asked before the takeover");
            }
        });
    });
}

#[test]
fn a_second_answer_is_found() {
    assert_breaks("the assistant answers", |records| {
        both(records, |entries| {
            if let Some(entry) = entry(entries, 9) {
                *entry = message(9, 9, assistant(), "another answer once more");
            }
        });
    });
}

#[test]
fn a_question_without_an_answer_is_found() {
    assert_breaks("the assistant answers", |records| {
        both(records, |entries| entries.retain(|entry| entry.seq < 8));
    });
}

#[test]
fn a_failure_that_is_told_is_an_answer_too() {
    let failed = |entries: &mut Vec<Entry>| {
        entries.retain(|entry| entry.seq < 8);
        entries.push(message(8, 8, author(AuthorKind::System, None), "nobody is there"));
        entries.push(activity(9, 8, author(AuthorKind::System, None), ActivityKind::TakeoverRequested));
    };
    assert!(!broken(|records| both(records, failed)).iter().any(|rule| rule.contains("the assistant answers")));
}

#[test]
fn a_request_that_is_never_confirmed_is_found() {
    assert_breaks("the assistant answers", |records| both(records, |entries| entries.retain(|entry| entry.seq < 11)));
}

#[test]
fn a_gap_on_a_socket_is_found() {
    assert_breaks("sockets tell", |records| {
        records.retain(|record| !matches!(record, Record::Changed(it) if (it.process, it.version) == (VISITOR, 8)));
    });
}

#[test]
fn an_entry_that_a_socket_is_told_twice_is_found() {
    assert_breaks("sockets tell", |records| {
        let entry = frame(records, ANAS, 4).entries[0].clone();
        frame(records, ANAS, 5).entries.insert(0, entry);
    });
}

#[test]
fn entries_in_the_wrong_order_are_found() {
    assert_breaks("sockets tell", |records| frame(records, ANAS, 9).entries.reverse());
}

#[test]
fn an_entry_that_a_socket_is_not_told_is_found() {
    assert_breaks("sockets tell", |records| frame(records, VISITOR, 8).entries.clear());
}

#[test]
fn an_entry_that_a_socket_is_told_otherwise_is_found() {
    assert_breaks("sockets tell", |records| frame(records, VISITOR, 8).entries[0] = message(8, 8, assistant(), "something else"));
}

#[test]
fn a_note_on_the_socket_of_a_contact_is_found() {
    assert_breaks("sockets tell", |records| {
        let note = frame(records, ANAS, 5).entries[0].clone();
        frame(records, VISITOR, 6).entries.insert(0, note);
    });
}

#[test]
fn a_socket_that_is_never_told_the_end_is_found() {
    assert_breaks("sockets tell", |records| {
        records.retain(|record| !matches!(record, Record::Changed(it) if it.process == ANAS && it.version > 10));
    });
    assert_breaks("sockets tell", |records| {
        records.retain(|record| !matches!(record, Record::Changed(it) if it.process == ANAS));
    });
}

#[test]
fn a_socket_that_resumes_elsewhere_breaks_nothing() {
    let resumed = |records: &mut Vec<Record>| {
        let place =
            records.iter().position(|record| matches!(record, Record::Changed(it) if (it.process, it.version) == (ANAS, 7))).unwrap();
        for record in &mut records[place..] {
            if let Record::Changed(changed) = record {
                changed.socket = 99;
            }
        }
        let again = crate::history::Subscribed { process: ANAS, socket: 99, conversation: CONVERSATION, after: 6 };
        records.insert(place, Record::Subscribed(again));
    };
    assert_eq!(broken(resumed), [""; 0]);
}

#[test]
fn a_read_pointer_that_goes_back_is_found() {
    assert_breaks("stays read", |records| {
        end(records).contact_summary.unread = 1;
        frame(records, VISITOR, 12).summary.unread = 1;
    });
    assert_breaks("stays read", |records| {
        add(records, {
            let mut look = done(ANA, Action::Look, 65, 4);
            if let Outcome::Done { summary: Some(summary), .. } = &mut look.outcome {
                summary.unread = 1;
            }
            look
        })
    });
}

#[test]
fn what_is_left_undone_is_found() {
    assert_breaks("left undone", |records| end(records).summary.answering = true);
    assert_breaks("left undone", |records| records.push(Record::Unsettled { detail: "a job".to_owned() }));
    assert_breaks("left undone", |records| end(records).link = None);
}

#[test]
fn a_second_open_ticket_of_a_contact_is_found() {
    assert_breaks("left undone", |records| {
        for (number, id) in [(1, CONVERSATION), (2, Uuid::from_u128(101))] {
            let mut other = end(records).clone();
            other.summary.conversation = id;
            other.ticket.iter_mut().for_each(|ticket| (ticket.number, ticket.status) = (number, "assigned".to_owned()));
            other.link.clone_from(&other.ticket);
            records.push(Record::Final(Box::new(other)));
        }
    });
}

fn view(records: &mut [Record], wanted: View) -> &mut Queue {
    let mut views = records.iter_mut().filter_map(|record| if let Record::Queue(it) = record { Some(it) } else { None });
    views.find(|page| page.view == wanted).unwrap()
}

#[test]
fn a_conversation_in_the_wrong_view_is_found() {
    assert_breaks("the queue holds", |records| view(records, View::Claimed).conversations.push(CONVERSATION));
    assert_breaks("the queue holds", |records| view(records, View::Resolved).conversations.clear());
}

#[test]
fn a_count_that_is_wrong_is_found() {
    assert_breaks("the queue holds", |records| view(records, View::All).count = 2);
    assert_breaks("the queue holds", |records| view(records, View::All).conversations.push(CONVERSATION));
}
