//! The seat of one who looks on: what it is to be told and where it stands.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::news::News;
use super::outlet::Outlet;
use super::standing::Standing;
use crate::model::Audience;

/// News that one who looks on may be behind before it reads for itself.
const BACKLOG: usize = 16;

/// What is heard on a seat.
#[derive(Debug)]
pub(super) enum Heard {
    /// The next news.
    News(News),
    /// Too much was told meanwhile; some of it is gone.
    Lagged,
    /// Nothing more will be told.
    Over,
}

/// The seat of one who looks on.
pub(super) struct Seat {
    /// Where changes can be told without waking anybody.
    outlet: Option<Arc<dyn Outlet>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Where the one who waits here stands; none while it does anything else. It is moved on by what the outlet takes.
    waits: Option<Standing>,
    /// What is to be told, oldest first.
    news: VecDeque<News>,
    lagged: bool,
    over: bool,
    task: Option<Waker>,
}

impl Seat {
    /// A seat on which nobody waits yet.
    pub(super) fn new(outlet: Option<Arc<dyn Outlet>>) -> Self {
        Self { outlet, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells: through the outlet if that takes it, else to the one who waits.
    pub(super) fn tell(&self, audience: Audience, news: &News) {
        let task = {
            let mut state = self.state();
            if state.over || self.passes(&mut state, audience, news) {
                return;
            }
            if state.news.len() >= BACKLOG {
                state.news.pop_front();
                state.lagged = true;
            }
            state.news.push_back(news.clone());
            state.task.take()
        };
        if let Some(task) = task {
            task.wake();
        }
    }

    /// Whether that was all: the outlet took it, or it is old.
    fn passes(&self, state: &mut State, audience: Audience, news: &News) -> bool {
        let News::Changed(reading) = news else { return false };
        // Behind what it has yet to hear the change must wait its turn.
        let Some(waits) = state.waits.as_mut().filter(|_| state.news.is_empty() && !state.lagged) else { return false };
        let change = &reading.change;
        if change.prev != waits.told {
            return change.version <= waits.told;
        }
        let taken = self.outlet.as_ref().is_some_and(|outlet| outlet.take(audience, change));
        if taken {
            waits.take_over(reading);
        }
        taken
    }

    /// What is heard next by one who stands here, and stands where the outlet moved it afterwards.
    pub(super) fn poll_hear(&self, context: &Context<'_>, stands: &mut Standing) -> Poll<Heard> {
        let mut state = self.state();
        if let Some(moved) = state.waits.take() {
            *stands = moved;
        }
        if std::mem::take(&mut state.lagged) {
            return Poll::Ready(Heard::Lagged);
        }
        if let Some(news) = state.news.pop_front() {
            if state.news.is_empty() {
                // Most wait, and hold no memory for what might be told.
                state.news = VecDeque::new();
            }
            return Poll::Ready(Heard::News(news));
        }
        if state.over {
            return Poll::Ready(Heard::Over);
        }
        state.waits = Some(*stands);
        if !state.task.as_ref().is_some_and(|task| task.will_wake(context.waker())) {
            state.task = Some(context.waker().clone());
        }
        Poll::Pending
    }

    /// Nothing more is told; what was already is still heard.
    pub(super) fn end(&self) {
        let task = {
            let mut state = self.state();
            state.over = true;
            state.task.take()
        };
        if let Some(task) = task {
            task.wake();
        }
    }

    /// The one who looked on is gone: when this returns nothing is told through the outlet any more.
    pub(super) fn leave(&self) {
        let mut state = self.state();
        *state = State { over: true, ..State::default() };
    }
}
