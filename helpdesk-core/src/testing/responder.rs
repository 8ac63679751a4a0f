//! An assistant that says what it was told to say, when it was told to.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use tokio::sync::watch;

use super::gate::Gate;
use crate::ai::{AiError, AiResponder, Answer, AnswerStream, Delta, Escalation, Turn};
use crate::model::{Account, Citation};

/// A step of a [`Script`].
#[derive(Debug)]
enum Step {
    Say(String),
    Wait(Gate),
    Done(Answer),
    Fail(AiError),
}

/// One answer, step by step.
///
/// A script that neither finishes nor fails ends like a connection that was cut.
#[derive(Debug, Default)]
pub struct Script {
    refused: Option<AiError>,
    steps: Vec<Step>,
    answer: Answer,
}

impl Script {
    /// An answer that says nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The whole answer in one delta.
    #[must_use]
    pub fn answer(text: &str) -> Self {
        Self::new().say(text).done()
    }

    /// An answer that cannot even begin.
    #[must_use]
    pub fn refuse(error: AiError) -> Self {
        Self { refused: Some(error), ..Self::default() }
    }

    /// Streams more text.
    #[must_use]
    pub fn say(mut self, text: &str) -> Self {
        self.answer.text.push_str(text);
        self.steps.push(Step::Say(text.to_owned()));
        self
    }

    /// Comes to a gate, and goes on when it is let through.
    #[must_use]
    pub fn wait(mut self, gate: &Gate) -> Self {
        self.steps.push(Step::Wait(gate.clone()));
        self
    }

    /// Cites an article at the end.
    #[must_use]
    pub fn cite(mut self, citation: Citation) -> Self {
        self.answer.citations.push(citation);
        self
    }

    /// Asks for a human at the end.
    #[must_use]
    pub fn escalate(mut self, escalation: Escalation) -> Self {
        self.answer.escalation = Some(escalation);
        self
    }

    /// Ends with all that was said.
    #[must_use]
    pub fn done(mut self) -> Self {
        self.steps.push(Step::Done(self.answer.clone()));
        self
    }

    /// Fails in the middle.
    #[must_use]
    pub fn fail(mut self, error: AiError) -> Self {
        self.steps.push(Step::Fail(error));
        self
    }
}

/// How a stream ended that the responder gave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It is still being read.
    Running,
    /// It was read to its end.
    Finished,
    /// It was dropped before.
    Dropped,
}

#[derive(Default)]
struct Stage {
    scripts: VecDeque<Script>,
    turns: Vec<Turn>,
    endings: Vec<Ending>,
}

/// An [`AiResponder`] that plays scripts in the order in which they were given to it, and records what it was asked.
///
/// With no script left it fails for good, so that a test notices an answer too many.
///
/// # Clone
///
/// Clones are handles of the same responder.
#[derive(Clone)]
pub struct ScriptedResponder {
    driver: String,
    stage: Arc<watch::Sender<Stage>>,
}

impl ScriptedResponder {
    /// A responder that is the driver of this name.
    #[must_use]
    pub fn new(driver: impl Into<String>) -> Self {
        Self { driver: driver.into(), stage: Arc::new(watch::Sender::new(Stage::default())) }
    }

    /// Plays this script after those that are already waiting.
    pub fn play(&self, script: Script) {
        self.stage.send_modify(|stage| stage.scripts.push_back(script));
    }

    /// What was asked so far, in order.
    #[must_use]
    pub fn turns(&self) -> Vec<Turn> {
        self.stage.borrow().turns.clone()
    }

    /// How the streams given out so far ended, in order.
    #[must_use]
    pub fn endings(&self) -> Vec<Ending> {
        self.stage.borrow().endings.clone()
    }

    /// Waits until it was asked so many times.
    pub async fn asked(&self, times: usize) {
        self.until(|stage| stage.turns.len() >= times).await;
    }

    /// Waits until so many of the streams given out have ended, however they did.
    pub async fn ended(&self, streams: usize) {
        self.until(|stage| stage.endings.iter().filter(|ending| **ending != Ending::Running).count() >= streams).await;
    }

    async fn until(&self, condition: impl FnMut(&Stage) -> bool) {
        self.stage.subscribe().wait_for(condition).await.expect("the responder holds the other end");
    }
}

impl fmt::Debug for ScriptedResponder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedResponder").field("driver", &self.driver).finish_non_exhaustive()
    }
}

/// Notes how a stream ended.
struct Witness {
    stage: Arc<watch::Sender<Stage>>,
    stream: usize,
    ending: Mutex<Ending>,
}

impl Witness {
    fn finished(&self) {
        *self.ending.lock().expect("nothing panics here") = Ending::Finished;
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        let ending = self.ending.lock().map_or(Ending::Dropped, |ending| *ending);
        self.stage.send_modify(|stage| stage.endings[self.stream] = ending);
    }
}

#[async_trait]
impl AiResponder for ScriptedResponder {
    fn driver(&self) -> &str {
        &self.driver
    }

    async fn respond(&self, _account: &Account, turn: Turn) -> Result<AnswerStream, AiError> {
        let mut next = None;
        let mut stream = 0;
        self.stage.send_modify(|stage| {
            stage.turns.push(turn);
            next = stage.scripts.pop_front();
            if next.as_ref().is_some_and(|script| script.refused.is_none()) {
                stream = stage.endings.len();
                stage.endings.push(Ending::Running);
            }
        });
        let Script { refused, steps, answer: _ } =
            next.ok_or_else(|| AiError::Permanent { detail: "the scripted responder has no script left".to_owned() })?;
        if let Some(error) = refused {
            return Err(error);
        }
        let witness = Witness { stage: self.stage.clone(), stream, ending: Mutex::new(Ending::Dropped) };
        let answer = async_stream::stream! {
            // Owned by the stream: dropped with it, wherever it stands.
            let witness = witness;
            for step in steps {
                match step {
                    Step::Say(text) => yield Ok(Delta::Text(text)),
                    Step::Wait(gate) => gate.pass().await,
                    Step::Done(answer) => {
                        witness.finished();
                        yield Ok(Delta::Done(answer));
                    }
                    Step::Fail(error) => {
                        witness.finished();
                        yield Err(error);
                    }
                }
            }
            witness.finished();
        };
        Ok(answer.boxed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::Purpose;
    use crate::id::WorkspaceId;
    use crate::testing::SequentialIds;
    use crate::testing::samples::SampleWorkspace;

    fn turn() -> Turn {
        let sample = SampleWorkspace::new(&SequentialIds::new());
        Turn {
            workspace: sample.id,
            purpose: Purpose::Answer,
            assistant: sample.assistant,
            language: None,
            default_language: "en".to_owned(),
            history: Vec::new(),
            passages: Vec::new(),
            may_escalate: true,
        }
    }

    fn account() -> Account {
        Account::fixed(WorkspaceId::DEFAULT, "scripted")
    }

    #[tokio::test]
    async fn scripts_are_played_in_order_and_one_too_many_fails() {
        let responder = ScriptedResponder::new("scripted");
        responder.play(Script::new().say("one ").say("two").done());
        responder.play(Script::refuse(AiError::unavailable("busy")));
        responder.play(Script::new().say("cut"));

        let deltas: Vec<_> = responder.respond(&account(), turn()).await.unwrap().map(Result::unwrap).collect().await;
        let whole = Answer { text: "one two".to_owned(), ..Answer::default() };
        assert_eq!(deltas, [Delta::Text("one ".to_owned()), Delta::Text("two".to_owned()), Delta::Done(whole)]);
        assert!(responder.respond(&account(), turn()).await.err().unwrap().is_retryable());
        assert_eq!(responder.respond(&account(), turn()).await.unwrap().count().await, 1);
        assert!(!responder.respond(&account(), turn()).await.err().unwrap().is_retryable());
        assert_eq!(responder.turns().len(), 4);
        assert_eq!(responder.endings(), [Ending::Finished, Ending::Finished]);
    }

    #[tokio::test]
    async fn a_dropped_stream_is_noticed() {
        let responder = ScriptedResponder::new("scripted");
        let gate = Gate::new();
        responder.play(Script::new().say("one").wait(&gate).say("two").done());
        let mut stream = responder.respond(&account(), turn()).await.unwrap();
        assert!(stream.next().await.is_some());
        let reading = tokio::spawn(async move { stream.next().await });
        gate.arrived(1).await;
        assert_eq!(responder.endings(), [Ending::Running]);
        reading.abort();
        responder.ended(1).await;
        assert_eq!(responder.endings(), [Ending::Dropped]);
    }
}
