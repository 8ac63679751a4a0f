//! Assistants: what answers for a workspace until a human does.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream::BoxStream;

use crate::clock::Timestamp;
use crate::id::WorkspaceId;
use crate::model::{Account, Assistant, Citation, Priority};

/// What an answer is wanted for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// The contact's last messages want an answer.
    Answer,
    /// A human was asked for, by the contact or by the assistant: confirm it, briefly, by this instruction.
    Confirmation {
        /// The workspace's instruction.
        instruction: String,
    },
}

/// Who said a line of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The customer.
    Contact,
    /// An assistant.
    Assistant,
    /// A human of the team.
    Operator,
}

/// A line of the history.
#[derive(Clone, PartialEq, Eq)]
pub struct Line {
    /// Who.
    pub speaker: Speaker,
    /// What.
    pub text: String,
    /// When.
    pub at: Timestamp,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({} bytes)", self.speaker, self.text.len())
    }
}

/// A part of a help article that seems to answer the last messages.
#[derive(Clone, Debug, PartialEq)]
pub struct Passage {
    /// What to cite.
    pub citation: Citation,
    /// The text.
    pub text: String,
    /// How well it fits, in no particular unit; higher is better.
    pub score: f64,
}

/// All that an assistant needs to answer.
#[derive(Clone, Debug)]
pub struct Turn {
    /// The tenant.
    pub workspace: WorkspaceId,
    /// What is wanted.
    pub purpose: Purpose,
    /// The assistant's configuration.
    pub assistant: Assistant,
    /// The contact's language tag, where known.
    pub language: Option<String>,
    /// The language for texts when the contact's has none.
    pub default_language: String,
    /// The last messages, oldest first, at most 30. Notes and activities are not among them.
    pub history: Vec<Line>,
    /// The best passages of the workspace's help articles, best first.
    pub passages: Vec<Passage>,
    /// Whether the assistant may escalate now.
    pub may_escalate: bool,
}

impl Turn {
    /// What the contact wrote since somebody last answered, one line a message: the question.
    #[must_use]
    pub fn question(&self) -> String {
        let unanswered = self.history.iter().rev().take_while(|line| line.speaker == Speaker::Contact);
        let mut lines: Vec<_> = unanswered.map(|line| line.text.as_str()).collect();
        lines.reverse();
        lines.join("\n")
    }
}

/// The wish of an assistant that a human takes over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalation {
    /// Why; for the team.
    pub reason: String,
    /// What it is about, one line; for the ticket.
    pub subject: String,
    /// How urgent; none: the assistant's default.
    pub priority: Option<Priority>,
}

/// A whole answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The text, whole. May be empty only with an escalation.
    pub text: String,
    /// The articles that it rests on.
    pub citations: Vec<Citation>,
    /// The wish that a human takes over.
    pub escalation: Option<Escalation>,
}

/// A step of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delta {
    /// More text.
    Text(String),
    /// The end, with the whole answer; what was streamed before is its beginning, as a rule. Nothing follows.
    Done(Answer),
}

/// Why an assistant did not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AiError {
    /// For now: overloaded, rate limited, timed out, cut off. Try again, not before the time the provider asked for.
    #[error("the assistant is unavailable: {detail}")]
    Unavailable {
        /// What happened; no message text, no secrets.
        detail: String,
        /// How long the provider wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// Trying again is of no use: a wrong key, an unknown model, no quota.
    #[error("the assistant cannot answer: {detail}")]
    Permanent {
        /// What happened; no message text, no secrets.
        detail: String,
    },
}

impl AiError {
    /// Whether trying again may help.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// A fault that may pass.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::Unavailable { detail: detail.into(), retry_after: None }
    }
}

/// An answer as it comes: text deltas, then one [`Delta::Done`]. A stream that ends without it was cut and counts as an error.
pub type AnswerStream = BoxStream<'static, Result<Delta, AiError>>;

/// A driver of assistants.
///
/// # Contract
///
/// - The engine calls [`respond`](Self::respond) once an attempt, and drops the stream at any point when the turn is over
///   (an operator took over, the contact wrote again): nothing may go on after that.
/// - The engine commits an answer only on [`Delta::Done`], and only if the turn is still the same.
/// - The whole turn, all attempts included, has 90 seconds; the engine drops what takes longer.
/// - Text is what the contact sees. Tool calls, in whatever form the model writes them, are not text.
#[async_trait]
pub trait AiResponder: fmt::Debug + Send + Sync + 'static {
    /// The driver's name, by which assistants name it.
    fn driver(&self) -> &str;

    /// Begins an answer.
    ///
    /// # Errors
    /// [`AiError`] if it cannot even begin; later faults come in the stream.
    async fn respond(&self, account: &Account, turn: Turn) -> Result<AnswerStream, AiError>;
}
