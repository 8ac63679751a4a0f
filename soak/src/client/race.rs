//! Claim races: a conversation is handed back, and all operators claim it at once.

use std::time::Duration;

use rand::RngExt as _;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::caller::Wish;
use super::{Caller, Tally};
use crate::history::Action;

/// The pause between two races.
const PAUSE: Duration = Duration::from_millis(400);

/// A race.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Race {
    /// Its number.
    pub(crate) number: u64,
    /// What is claimed.
    pub(crate) conversation: Uuid,
}

/// Starts races until it is over. Who starts them takes part in none.
pub(crate) fn start(mut starter: Caller) -> (watch::Receiver<Option<Race>>, JoinHandle<Caller>) {
    let (sender, races) = watch::channel(None);
    let starting = tokio::spawn(async move {
        let mut number = 0;
        while !starter.shared.is_over() {
            starter.rest(PAUSE).await;
            let dice = (starter.random.random::<f64>(), starter.random.random::<f64>());
            let Some(conversation) = starter.shared.choose(dice) else { continue };
            starter.operate(Wish::of(Action::HandBack, conversation)).await;
            number += 1;
            Tally::count(&starter.shared.tally.races);
            let _nobody_runs = sender.send(Some(Race { number, conversation }));
        }
        starter
    });
    (races, starting)
}
