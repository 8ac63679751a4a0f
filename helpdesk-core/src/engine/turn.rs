//! An assistant's turn: ask, stream the draft, commit the answer, or say that there is none.

use std::time::Duration;

use futures_util::StreamExt as _;

use super::execute::Request;
use super::running::Attempt;
use super::{Helpdesk, WorkspaceHandle};
use crate::ai::{AiError, Answer, AnswerStream, Delta, Line, Purpose, Speaker, Turn};
use crate::clock::Timestamp;
use crate::command::{Actor, Command};
use crate::error::{Error, Refusal};
use crate::id::{ConversationId, TurnNumber};
use crate::model::{Account, Assistant, Audience, Author, Body, Conversation, Entry, MessageText, RecordBody, RecordKey, RecordKind, text};
use crate::store::{Leased, TimelineRange};

/// How long a turn may take, all attempts together. Short of the 90 seconds of features A16: within them the contact must
/// have been told, on a busy machine too.
const TURN_LIMIT: Duration = Duration::from_secs(86);
/// How often it is tried.
const ATTEMPTS: u32 = 3;
/// How long work waits that comes up while the helpdesk is switched off.
pub(super) const OFF_PAUSE: Duration = Duration::from_secs(60);
/// How many messages an assistant is shown.
const HISTORY: usize = 30;
/// How many passages of help articles an assistant is shown.
const PASSAGES: usize = 5;

/// What became of a leased job.
pub(super) enum Ended {
    /// Its result is committed, or somebody else does it now.
    Over,
    /// It is to be tried again after this time.
    Again(Duration),
}

impl Helpdesk {
    /// Does an `Answer` job.
    pub(super) async fn answer(&self, job: &Leased, conversation: ConversationId, turn: TurnNumber) -> Result<Ended, Error> {
        // First of all, so that whoever ends the turn from now on finds somebody to stop.
        let attempt = Attempt::begin(self, job.workspace, conversation, turn);
        let heard = attempt.listen().await;
        let workspace = self.workspace(job.workspace);
        let Some(current) = self.inner.store.conversations(job.workspace, &[conversation]).await?.pop() else { return Ok(Ended::Over) };
        if current.turn != turn || !current.answering {
            return Ok(Ended::Over);
        }
        let left = self.time_left(job);
        if job.attempt > ATTEMPTS || left.is_zero() {
            return self.give_up(job, conversation, turn, "the assistant did not answer in time").await;
        }
        let draft = draft_number(&current, job);
        let asked = async {
            let asked = self.turn_for(&workspace, &current, Purpose::Answer).await?;
            self.stream(&workspace, conversation, (turn, draft), asked).await
        };
        let answered = tokio::select! {
            () = attempt.stopped(heard) => return Ok(Ended::Over),
            answered = tokio::time::timeout(left, asked) => answered.unwrap_or_else(|_| Err(AiError::unavailable("timed out").into())),
        };
        match answered {
            Ok(answer) => self.conclude(job, conversation, Command::Answer { turn, answer }).await,
            Err(Error::Ai(error)) => {
                tracing::warn!(%conversation, attempt = job.attempt, %error, "the assistant failed");
                self.discard(job.workspace, conversation, turn, Some(draft)).await;
                match retry_after(&error, job.attempt).filter(|delay| *delay < left && job.attempt < ATTEMPTS) {
                    Some(delay) => Ok(Ended::Again(delay)),
                    None => self.give_up(job, conversation, turn, &error.to_string()).await,
                }
            }
            Err(error) => Err(error),
        }
    }

    /// What is left of the turn's time. The first attempt has all of it, however long the job waited for a worker.
    fn time_left(&self, job: &Leased) -> Duration {
        match job.attempt {
            1 => TURN_LIMIT,
            _ => TURN_LIMIT.saturating_sub((self.inner.clock.now() - job.pushed_at).to_std().unwrap_or_default()),
        }
    }

    /// Does a `Confirm` job. A confirmation is a courtesy: if the assistant cannot write one, the divider must do.
    pub(super) async fn confirm(&self, job: &Leased, conversation: ConversationId, requested_at: Timestamp) -> Result<Ended, Error> {
        let workspace = self.workspace(job.workspace);
        let Some(current) = self.inner.store.conversations(job.workspace, &[conversation]).await?.pop() else { return Ok(Ended::Over) };
        if current.takeover_requested_at != Some(requested_at) {
            return Ok(Ended::Over);
        }
        let settings = workspace.settings().await?;
        let instruction = settings.human_support.confirmation_prompt.clone();
        let asked = async {
            let turn = self.turn_for(&workspace, &current, Purpose::Confirmation { instruction }).await?;
            complete(self.ask(turn).await?).await
        };
        let answered = match job.attempt {
            ..=ATTEMPTS => {
                tokio::time::timeout(TURN_LIMIT / ATTEMPTS, asked).await.unwrap_or_else(|_| Err(AiError::unavailable("timed out").into()))
            }
            _ => Err(AiError::unavailable("tried often enough").into()),
        };
        let said = match answered {
            Ok(answer) => MessageText::new(&answer.text).ok(),
            Err(Error::Ai(error)) => {
                tracing::warn!(%conversation, attempt = job.attempt, %error, "the assistant failed to confirm a request");
                match retry_after(&error, job.attempt).filter(|delay| *delay < TURN_LIMIT && job.attempt < ATTEMPTS) {
                    Some(delay) => return Ok(Ended::Again(delay)),
                    None => None,
                }
            }
            Err(error) => return Err(error),
        };
        let fallback = || {
            let text = settings.human_support.transition_message.pick(current.language.as_deref(), &settings.default_language);
            MessageText::new(text).ok()
        };
        match said.or_else(fallback) {
            Some(text) => self.conclude(job, conversation, Command::Confirm { requested_at, text }).await,
            None => Ok(Ended::Over),
        }
    }

    async fn give_up(&self, job: &Leased, conversation: ConversationId, turn: TurnNumber, reason: &str) -> Result<Ended, Error> {
        let reason = format!("The assistant failed: {}", text::preview(reason, text::LINE_LIMIT));
        self.conclude(job, conversation, Command::AnswerFailed { turn, reason }).await
    }

    /// Commits a result in the commit that finishes the job.
    async fn conclude(&self, job: &Leased, conversation: ConversationId, command: Command) -> Result<Ended, Error> {
        let mut request = Request::new(job.workspace, Actor::Assistant, conversation, command);
        request.fence = Some(job.fence.clone());
        match self.execute(request).await {
            Ok(_) => Ok(Ended::Over),
            // The answer is still owed when the helpdesk is on again.
            Err(Error::Refused(Refusal::HelpdeskOff)) => Ok(Ended::Again(OFF_PAUSE)),
            // Its turn is over, or the rules have no place for it any more: the result is dropped, the job is done.
            Err(Error::Refused(refusal)) => {
                tracing::debug!(%conversation, %refusal, "an answer was dropped");
                Ok(Ended::Over)
            }
            Err(error) => Err(error),
        }
    }

    /// Streams an answer as the conversation's draft.
    async fn stream(
        &self,
        workspace: &WorkspaceHandle,
        conversation: ConversationId,
        turn: (TurnNumber, u32),
        asked: Turn,
    ) -> Result<Answer, Error> {
        let mut answer = self.ask(asked).await?;
        while let Some(delta) = answer.next().await {
            match delta? {
                Delta::Text(text) if text.is_empty() => {}
                Delta::Text(text) => self.draft(workspace.id(), conversation, turn, sanitised(&text)).await,
                Delta::Done(answer) => return Ok(checked(answer)?),
            }
        }
        Err(cut().into())
    }

    /// Asks the assistant's driver.
    pub(super) async fn ask(&self, turn: Turn) -> Result<AnswerStream, Error> {
        let unknown = || AiError::Permanent { detail: format!("no driver named {:?} is registered", turn.assistant.driver) };
        let responder = self.inner.responders.get(&turn.assistant.driver).ok_or_else(unknown)?.clone();
        let account = self.account_of(&turn).await?;
        Ok(responder.respond(&account, turn).await?)
    }

    /// The account that an assistant answers through, with its secrets opened.
    async fn account_of(&self, turn: &Turn) -> Result<Account, Error> {
        let Some(id) = turn.assistant.account else { return Ok(Account::fixed(turn.workspace, turn.assistant.driver.clone())) };
        let record = self.inner.store.record(turn.workspace, RecordKey::new(RecordKind::Account, id.as_uuid())).await?;
        let Some(RecordBody::Account(mut account)) = record.map(|record| record.body) else {
            return Err(AiError::Permanent { detail: "the assistant's account does not exist".to_owned() }.into());
        };
        for (name, sealed) in &mut account.secrets {
            *sealed = self
                .inner
                .keys
                .unseal(sealed)
                .ok_or_else(|| AiError::Permanent { detail: format!("the secret {name:?} does not open") })?;
        }
        Ok(account)
    }

    async fn turn_for(&self, workspace: &WorkspaceHandle, conversation: &Conversation, purpose: Purpose) -> Result<Turn, Error> {
        let settings = workspace.settings().await?;
        let assistant = workspace.find_assistant(conversation.assistant.id).await?;
        let above = TimelineRange::Before(conversation.seq.next());
        let entries = self.inner.store.timeline(workspace.id(), conversation.id, above, Audience::Contact, 2 * HISTORY as u32).await?;
        let lines: Vec<Line> = entries.into_iter().filter_map(line).collect();
        let history = lines[lines.len().saturating_sub(HISTORY)..].to_vec();
        let may_escalate = settings.human_support.enabled && assistant.handover && conversation.takeover_requested_at.is_none();
        let language = conversation.language.clone();
        self.compose(workspace, assistant, purpose, language, settings.default_language, history, may_escalate).await
    }

    /// Puts a turn together: the history, and what the help articles say to it.
    #[expect(clippy::too_many_arguments, reason = "the parts of a turn, each from another place")]
    pub(super) async fn compose(
        &self,
        workspace: &WorkspaceHandle,
        assistant: Assistant,
        purpose: Purpose,
        language: Option<String>,
        default_language: String,
        history: Vec<Line>,
        may_escalate: bool,
    ) -> Result<Turn, Error> {
        let mut turn =
            Turn { workspace: workspace.id(), purpose, assistant, language, default_language, history, passages: Vec::new(), may_escalate };
        turn.passages = self.article_index(workspace.id()).await?.search(&turn.question(), turn.language.as_deref(), PASSAGES);
        Ok(turn)
    }
}

/// When to try again, if that makes sense at all: when the provider said, else after a second, then four.
/// Tells the drafts of a turn apart: a turn may have several answers, and each may be tried several times. What comes
/// later has the higher number, on whichever node.
fn draft_number(conversation: &Conversation, job: &Leased) -> u32 {
    let question = u32::try_from(conversation.seq.0).unwrap_or(u32::MAX) & (u32::MAX >> 3);
    question << 3 | job.attempt.min(7)
}

fn retry_after(error: &AiError, attempt: u32) -> Option<Duration> {
    match error {
        AiError::Unavailable { retry_after, .. } => {
            Some(retry_after.unwrap_or(Duration::from_secs(4u64.saturating_pow(attempt.saturating_sub(1)))))
        }
        _ => None,
    }
}

/// Reads an answer to its end.
async fn complete(mut answer: AnswerStream) -> Result<Answer, Error> {
    while let Some(delta) = answer.next().await {
        if let Delta::Done(whole) = delta? {
            return Ok(checked(whole)?);
        }
    }
    Err(cut().into())
}

/// An answer fit to keep: mended, and not empty.
pub(super) fn checked(answer: Answer) -> Result<Answer, AiError> {
    let text = sanitised(&answer.text).trim().to_owned();
    if text.is_empty() && answer.escalation.is_none() {
        return Err(AiError::unavailable("the answer was empty"));
    }
    Ok(Answer { text, ..answer })
}

/// The stream of an answer ended before the answer did.
pub(super) fn cut() -> AiError {
    AiError::unavailable("the answer was cut off")
}

fn line(entry: Entry) -> Option<Line> {
    let speaker = match entry.author {
        Author::Contact { .. } => Speaker::Contact,
        Author::Assistant(_) => Speaker::Assistant,
        Author::Operator(_) => Speaker::Operator,
        Author::System => return None,
    };
    match entry.body {
        Body::Message(message) => Some(Line { speaker, text: message.text, at: entry.at }),
        Body::Note(_) | Body::Activity(_) | Body::Erased => None,
    }
}

/// What a model wrote, without control characters and not longer than a message may be: mended, because there is nobody
/// to refuse it to.
pub(super) fn sanitised(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).take(text::MESSAGE_LIMIT).collect()
}
