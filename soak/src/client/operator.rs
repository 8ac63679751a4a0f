//! What operators do: they meet at few conversations, take them over, answer, hand back, and get in each other's way.

use std::time::Duration;

use rand::RngExt as _;
use tokio::sync::watch;
use uuid::Uuid;

use super::caller::Wish;
use super::{Caller, Race};
use crate::history::Action;

/// The pause between two things that an operator does.
const PAUSE: Duration = Duration::from_millis(60);
/// How many conversations an operator has open.
const OPEN: usize = 6;

/// Works until it is over.
pub(crate) async fn work(mut caller: Caller, mut races: watch::Receiver<Option<Race>>) -> Caller {
    let mut open: Vec<Uuid> = Vec::new();
    while !caller.shared.is_over() {
        tokio::select! {
            () = caller.rest(PAUSE) => {}
            changed = races.changed() => {
                let race = *races.borrow_and_update();
                if let (Ok(()), Some(race)) = (changed, race) {
                    caller.operate(Wish { race: Some(race.number), ..Wish::of(Action::Claim, race.conversation) }).await;
                    continue;
                }
            }
        }
        let dice = (caller.random.random::<f64>(), caller.random.random::<f64>());
        let Some(conversation) = caller.shared.choose(dice) else { continue };
        if !open.contains(&conversation) && caller.random.random_bool(0.2) {
            if open.len() >= OPEN {
                caller.live.forget(open.remove(0));
            }
            open.push(conversation);
            caller.live.follow(conversation);
        }
        act(&mut caller, conversation).await;
    }
    caller
}

async fn act(caller: &mut Caller, conversation: Uuid) {
    let action = match caller.random.random_range(0..100) {
        0..26 => Action::Reply,
        26..34 => Action::Note,
        34..48 => Action::Claim,
        48..64 => Action::HandBack,
        64..67 => Action::Leave,
        67..70 => {
            let place = caller.random.random_range(0..caller.shared.operators.len());
            Action::Assign(caller.shared.operators[place])
        }
        70..73 => Action::Resolve,
        73..75 => Action::Reopen,
        75..85 => {
            let seq = caller.random.random_range(1..40);
            Action::Read(seq)
        }
        85..93 => Action::Look,
        _ => Action::Timeline,
    };
    let mut wish = Wish::of(action, conversation);
    if action.writes_text() {
        let client_id = caller.name();
        wish.text = Some(format!("{client_id}: {}", if action == Action::Note { "Mind the lamp." } else { "Let me see." }));
        wish.client_id = Some(client_id);
    }
    caller.operate(wish).await;
}
