//! Commands that meet: whatever order the store takes them in, one claim wins and the assistant falls silent.

use proptest::prelude::*;

use super::invariants::CASES;
use super::world::{ANA, BEN, MAYA, World, operator, text, words};
use crate::command::{Actor, AssignTarget, Command};
use crate::decide::{Decision, Place};
use crate::error::Refusal;
use crate::id::{ConversationId, OperatorId};
use crate::model::{Assignee, Audience, Author, Body, OperatorRef};
use crate::store::Outcome;

fn contender(number: u16) -> OperatorId {
    OperatorId::from_uuid(uuid::Uuid::from_u128(1_000 + u128::from(number)))
}

/// All decide on the same moment and commit in turn, deciding again where they find it changed.
fn race(world: &mut World, chat: ConversationId, given: &[(Actor, Command)]) -> Vec<Result<Decision, Refusal>> {
    world.tick();
    let decided: Vec<_> = given.iter().map(|(actor, command)| world.decide(actor, Place::Id(chat), command)).collect();
    let mut results = Vec::new();
    for ((actor, command), decided) in given.iter().zip(decided) {
        let mut result = decided;
        while let Ok(decision) = &result {
            let job = world.job_of(chat, command);
            if decision.writes.is_empty() || matches!(world.commit(decision, job.as_ref()), Outcome::Committed(_)) {
                break;
            }
            result = world.decide(actor, Place::Id(chat), command);
        }
        results.push(result);
    }
    results
}

/// Claims of so many operators, and who won.
fn claims(world: &mut World, chat: ConversationId, contenders: u16) -> OperatorRef {
    let given: Vec<_> = (0..contenders).map(|number| (Actor::Operator(operator(contender(number))), Command::Claim)).collect();
    let results = race(world, chat, &given);
    let winner = world.chat(chat).assignee.operator().expect("somebody won").clone();
    for (number, result) in (0..contenders).zip(&results) {
        match result {
            Ok(_) => assert_eq!(contender(number), winner.id, "one winner"),
            Err(refusal) => assert_eq!(*refusal, Refusal::AlreadyClaimed { by: winner.clone() }, "the others are told who won"),
        }
    }
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    winner
}

#[test]
fn of_64_who_claim_at_once_one_wins() {
    let mut world = World::new();
    let chat = world.start();
    let winner = claims(&mut world, chat, 64);
    let claimed = world.entries[&chat].iter().filter(|entry| matches!(entry.body, Body::Activity(_))).count();
    assert_eq!((winner.id, claimed), (contender(0), 1));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, ..ProptestConfig::default() })]

    #[test]
    fn a_claim_has_one_winner(contenders in 1u16..6, requested: bool, nobody: bool, answered: bool) {
        let mut world = World::new();
        let chat = if answered { world.answered() } else { world.start() };
        if requested {
            world.contact(chat, &Command::RequestHuman).unwrap();
        }
        if nobody {
            world.operator(ANA, chat, &Command::Assign(AssignTarget::Nobody)).unwrap();
        }
        let winner = claims(&mut world, chat, contenders);
        let again = world.operator(winner.id, chat, &Command::Claim).unwrap();
        prop_assert_eq!(again.writes, vec![], "claiming what one holds succeeds");
    }

    #[test]
    fn an_operator_who_comes_at_any_point_of_an_answer_silences_it(
        order in Just((0..5usize).collect::<Vec<_>>()).prop_shuffle(),
        reply: bool,
        hand_back: bool,
    ) {
        let mut world = World::new();
        let chat = world.start();
        let turn = world.chat(chat).turn;
        let takes_over = if reply { Command::Reply { text: text("Hi") } } else { Command::Claim };
        let all = [
            (Actor::Operator(operator(BEN)), takes_over),
            (Actor::Assistant, Command::Answer { turn, answer: words("Surely") }),
            (Actor::Contact(MAYA), Command::ContactMessage { text: text("Wait") }),
            (Actor::Contact(MAYA), Command::RequestHuman),
            (Actor::Assistant, Command::AnswerFailed { turn, reason: "timeout".to_owned() }),
        ];
        let given: Vec<_> = order.iter().map(|at| all[*at].clone()).collect();
        race(&mut world, chat, &given);
        if hand_back {
            world.operator(ANA, chat, &Command::Assign(AssignTarget::Assistant)).unwrap();
        }
        prop_assert_eq!(world.finish(chat, turn, words("Late")), Err(Refusal::TurnOver));
        let entries = &world.entries[&chat];
        let takeover = entries.iter().position(|entry| matches!(&entry.author, Author::Operator(by) if by.id == BEN));
        let after = &entries[takeover.expect("BEN took over")..];
        prop_assert!(!after.iter().any(|entry| matches!(entry.author, Author::Assistant(_))), "nothing of it appears");
        prop_assert_eq!(world.chat(chat).assignee == Assignee::Assistant, hand_back);
        prop_assert!(world.timeline(chat, Audience::Contact).len() >= 3);
    }
}
