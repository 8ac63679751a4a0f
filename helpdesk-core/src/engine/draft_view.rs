//! What one listener was told of an answer so far: each character once, in order, whatever the bus does to the pieces.

use std::time::Duration;

use tokio::time::Instant;

use crate::id::TurnNumber;

/// How often a listener asks for what it missed.
const QUESTION: Duration = Duration::from_secs(1);

/// An attempt at a turn.
type Attempt = (TurnNumber, u32);

/// What to do with a piece.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Tell this text, which begins at this offset.
    Tell(u64, String),
    /// Something before it is missing.
    Gap,
    /// It is known, or over.
    Old,
}

/// The draft as one listener knows it.
#[derive(Debug, Default)]
pub(super) struct DraftView {
    /// What is being written, and how many characters of it were told.
    told: Option<(Attempt, u64)>,
    /// Attempts up to this one were withdrawn.
    withdrawn: Option<Attempt>,
    asked: Option<Instant>,
}

impl DraftView {
    /// A piece of an answer came.
    pub(super) fn hear(&mut self, attempt: Attempt, offset: u64, text: &str) -> Piece {
        if self.withdrawn.is_some_and(|withdrawn| attempt <= withdrawn) {
            return Piece::Old;
        }
        let told = match self.told {
            Some((known, _)) if attempt < known => return Piece::Old,
            Some((known, told)) if attempt == known => told,
            _ => 0,
        };
        if offset > told {
            return Piece::Gap;
        }
        let known = usize::try_from(told - offset).unwrap_or(usize::MAX);
        let news: String = text.chars().skip(known).collect();
        if news.is_empty() {
            return Piece::Old;
        }
        self.told = Some((attempt, told + news.chars().count() as u64));
        Piece::Tell(told, news)
    }

    /// An attempt was withdrawn, or the whole turn. True: the listener should know.
    pub(super) fn discard(&mut self, turn: TurnNumber, attempt: Option<u32>) -> bool {
        let withdrawn = (turn, attempt.unwrap_or(u32::MAX));
        if self.withdrawn.is_some_and(|before| before >= withdrawn) {
            return false;
        }
        self.withdrawn = Some(withdrawn);
        match self.told {
            // A later attempt has begun already.
            Some((known, _)) if known > withdrawn => false,
            _ => {
                self.told = None;
                true
            }
        }
    }

    /// Whether to ask for the text so far now. True at most once a second.
    pub(super) fn ask(&mut self) -> bool {
        let now = Instant::now();
        let due = self.asked.is_none_or(|asked| now - asked >= QUESTION);
        if due {
            self.asked = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Attempt = (TurnNumber(1), 1);
    const SECOND: Attempt = (TurnNumber(1), 2);

    fn tell(offset: u64, text: &str) -> Piece {
        Piece::Tell(offset, text.to_owned())
    }

    #[test]
    fn pieces_are_told_once_and_in_order() {
        let mut view = DraftView::default();
        assert_eq!(view.hear(FIRST, 0, "añb"), tell(0, "añb"));
        assert_eq!(view.hear(FIRST, 5, "later"), Piece::Gap);
        assert_eq!(view.hear(FIRST, 0, "añb"), Piece::Old);
        assert_eq!(view.hear(FIRST, 3, "cd"), tell(3, "cd"));
        assert_eq!(view.hear(FIRST, 0, "añbcde"), tell(5, "e"));
    }

    #[test]
    fn a_later_attempt_begins_anew_and_an_earlier_one_is_over() {
        let mut view = DraftView::default();
        assert_eq!(view.hear(FIRST, 0, "Hello"), tell(0, "Hello"));
        assert_eq!(view.hear(SECOND, 3, "there"), Piece::Gap);
        assert_eq!(view.hear(SECOND, 0, "Hi"), tell(0, "Hi"));
        assert_eq!(view.hear(FIRST, 5, " you"), Piece::Old);
        assert!(!view.discard(TurnNumber(1), Some(1)), "it was the earlier attempt that was withdrawn");
        assert_eq!(view.hear(SECOND, 2, " there"), tell(2, " there"));
    }

    #[test]
    fn what_was_withdrawn_does_not_come_back() {
        let mut view = DraftView::default();
        assert_eq!(view.hear(FIRST, 0, "Hello"), tell(0, "Hello"));
        assert!(view.discard(TurnNumber(1), Some(1)));
        assert!(!view.discard(TurnNumber(1), Some(1)));
        assert_eq!(view.hear(FIRST, 0, "Hello"), Piece::Old);
        assert_eq!(view.hear(SECOND, 0, "Hi"), tell(0, "Hi"));
        assert!(view.discard(TurnNumber(1), None));
        assert_eq!(view.hear((TurnNumber(1), 3), 0, "Hi"), Piece::Old);
        assert_eq!(view.hear((TurnNumber(2), 1), 0, "Well"), tell(0, "Well"));
    }
}
