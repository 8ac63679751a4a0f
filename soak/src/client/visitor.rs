//! What visitors do: they ask, read on, ask for a human, and begin anew when it is over.

use std::time::Duration;

use rand::RngExt as _;
use uuid::Uuid;

use super::Caller;
use super::caller::Wish;
use crate::history::{Action, Outcome};

/// What visitors say; most of it the demo shop's articles can answer.
const QUESTIONS: [&str; 6] = [
    "How long does shipping take?",
    "How do I return a lamp?",
    "Is there a warranty on the bulbs?",
    "Can I pay by invoice?",
    "Where is my parcel?",
    "Tell me something that no article knows.",
];
/// The pause between two things that a visitor does.
const PAUSE: Duration = Duration::from_millis(300);

/// Chats until it is over.
pub(crate) async fn chat(mut caller: Caller) -> Caller {
    let mut current: Option<Uuid> = None;
    while !caller.shared.is_over() {
        caller.rest(PAUSE).await;
        let Some(conversation) = current else {
            current = say(&mut caller, None).await;
            continue;
        };
        match caller.random.random_range(0..100) {
            0..52 => current = say(&mut caller, current).await,
            52..66 => {
                let (outcome, _) = caller.operate(Wish::of(Action::Timeline, conversation)).await;
                if let Outcome::Done { seq: Some(seq), .. } = outcome {
                    // Some have a second tab that is behind.
                    let seq = if caller.random.random_bool(0.3) { seq.div_ceil(2) } else { seq };
                    caller.operate(Wish::of(Action::Read(seq), conversation)).await;
                }
            }
            66..78 => _ = caller.operate(Wish::of(Action::Timeline, conversation)).await,
            78..90 => _ = caller.operate(Wish::of(Action::Look, conversation)).await,
            90..97 => _ = caller.operate(Wish::of(Action::Human, conversation)).await,
            _ => _ = caller.operate(Wish::of(Action::End, conversation)).await,
        }
    }
    caller
}

/// Says something; as the widget does, in a new conversation under the same name if the old one is over.
async fn say(caller: &mut Caller, conversation: Option<Uuid>) -> Option<Uuid> {
    let client_id = caller.name();
    let text = format!("{client_id}: {}", QUESTIONS[caller.random.random_range(0..QUESTIONS.len())]);
    let wish = |action| Wish { action, conversation, client_id: Some(client_id.clone()), text: Some(text.clone()), race: None };
    if conversation.is_some() {
        let (outcome, _) = caller.operate(wish(Action::Send)).await;
        if !matches!(&outcome, Outcome::Refused { code, .. } if code == "conversation_resolved") {
            return conversation;
        }
    }
    let (_, place) = caller.operate(Wish { conversation: None, ..wish(Action::Start) }).await;
    if let Some(place) = place.filter(|place| Some(*place) != conversation) {
        conversation.into_iter().for_each(|old| caller.live.forget(old));
        caller.live.follow(place);
        caller.shared.put(place);
    }
    place
}
