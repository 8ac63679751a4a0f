//! The helpdesk switched off: the assistant still chats, and nothing is stored anywhere.
//!
//! The client holds the transcript. Every entry is signed with the session, its position, and the signature of the entry
//! before it, so that what comes back was said here, in this order, in one chat.

use chrono::SubsecRound as _;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use serde::{Deserialize, Serialize};

use super::ContactHandle;
use super::keys::Purpose;
use super::turn::{checked, cut, sanitised};
use crate::ai::{AiError, Answer, Delta, Line, Purpose as TurnPurpose, Speaker};
use crate::clock::Timestamp;
use crate::error::{Error, Refusal};
use crate::model::{Invalid, MessageText};

/// The longest transcript, in entries: 200 questions with their answers.
const TRANSCRIPT_LIMIT: usize = 400;
/// How long a whole answer may take.
const ANSWER_LIMIT: std::time::Duration = std::time::Duration::from_secs(90);

/// Who said an entry of a transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignedSpeaker {
    /// The visitor.
    Contact,
    /// The assistant.
    Assistant,
}

/// An entry of a transcript that the client keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedEntry {
    /// Its place, from 1.
    pub position: u64,
    /// Who said it.
    pub author: SignedSpeaker,
    /// What was said.
    pub text: String,
    /// When.
    pub at: Timestamp,
    /// Proof, over all of this, the session and the entry before it.
    pub signature: String,
}

/// A step of an answer with the helpdesk off.
#[derive(Clone, Debug)]
pub enum OffEvent {
    /// The visitor's message, or at the end the whole answer, signed.
    Entry(SignedEntry),
    /// More of the answer.
    Delta {
        /// Characters before this text.
        offset: u64,
        /// The text.
        text: String,
    },
}

/// An answer with the helpdesk off.
pub type OffStream = BoxStream<'static, Result<OffEvent, Error>>;

impl ContactHandle {
    /// Answers a visitor while the helpdesk is off. Stores nothing; dropping the stream ends it.
    ///
    /// # Errors
    /// [`Refusal::TranscriptInvalid`]; [`Refusal::Invalid`] with field `transcript` if it is too long, or `text`; [`Refusal::Forbidden`] if the helpdesk is on.
    pub async fn chat_without_storage(&self, transcript: &[SignedEntry], text: &str) -> Result<OffStream, Error> {
        let text = MessageText::new(text)?;
        let settings = self.workspace.settings().await?;
        if settings.helpdesk {
            return Err(Refusal::Forbidden("the helpdesk is on: start a conversation").into());
        }
        self.check(transcript)?;
        let desk = self.workspace.desk.clone();
        let question = self.sign(transcript.last(), SignedSpeaker::Contact, text.into_string());
        let history = transcript.iter().chain([&question]).map(line).collect();
        let named = self.claims.as_ref().and_then(|claims| claims.assistant).or(settings.default_assistant);
        let assistant = self.workspace.find_assistant(named.ok_or(Refusal::NotFound)?).await?;
        let language = self.claims.as_ref().and_then(|claims| claims.language.clone());
        let default_language = settings.default_language.clone();
        let turn = desk.compose(&self.workspace, assistant, TurnPurpose::Answer, language, default_language, history, false).await?;
        let handle = self.clone();
        Ok(async_stream::try_stream! {
            yield OffEvent::Entry(question.clone());
            let mut offset = 0;
            let deadline = tokio::time::Instant::now() + ANSWER_LIMIT;
            let mut answer = desk.ask(turn).await?;
            let whole: Answer = loop {
                let step = tokio::time::timeout_at(deadline, answer.next()).await.map_err(|_| AiError::unavailable("the answer took too long"))?;
                match step {
                    Some(Ok(Delta::Text(text))) => {
                        let text = sanitised(&text);
                        let length = text.chars().count() as u64;
                        yield OffEvent::Delta { offset, text };
                        offset += length;
                    }
                    Some(Ok(Delta::Done(whole))) => break checked(whole)?,
                    Some(Err(error)) => Err(error)?,
                    None => Err(cut())?,
                }
            };
            yield OffEvent::Entry(handle.sign(Some(&question), SignedSpeaker::Assistant, whole.text));
        }
        .boxed())
    }

    /// The entry that follows `before`.
    fn sign(&self, before: Option<&SignedEntry>, author: SignedSpeaker, text: String) -> SignedEntry {
        let at = self.workspace.desk.inner.clock.now().trunc_subsecs(6);
        let position = before.map_or(0, |entry| entry.position) + 1;
        let mut entry = SignedEntry { position, author, text, at, signature: String::new() };
        entry.signature = self.workspace.desk.inner.keys.tag(Purpose::Transcript, &self.signed_bytes(before, &entry));
        entry
    }

    fn check(&self, transcript: &[SignedEntry]) -> Result<(), Refusal> {
        if transcript.len() > TRANSCRIPT_LIMIT {
            return Err(Invalid::new("transcript", format!("is too long: at most {TRANSCRIPT_LIMIT} entries; begin a new chat")).into());
        }
        let mut before = None;
        for (entry, position) in transcript.iter().zip(1..) {
            let signed = self.signed_bytes(before, entry);
            let genuine = self.workspace.desk.inner.keys.tag_is(Purpose::Transcript, &signed, &entry.signature);
            if entry.position != position || !genuine {
                return Err(Refusal::TranscriptInvalid);
            }
            before = Some(entry);
        }
        Ok(())
    }

    fn signed_bytes(&self, before: Option<&SignedEntry>, entry: &SignedEntry) -> Vec<u8> {
        let session = self.claims.as_ref().map(|claims| claims.session);
        let chain = before.map(|entry| &entry.signature);
        let signed = (self.workspace.id, self.contact, session, entry.position, entry.author, &entry.text, entry.at, chain);
        serde_json::to_vec(&signed).unwrap_or_default()
    }
}

fn line(entry: &SignedEntry) -> Line {
    let speaker = match entry.author {
        SignedSpeaker::Contact => Speaker::Contact,
        SignedSpeaker::Assistant => Speaker::Assistant,
    };
    Line { speaker, text: entry.text.clone(), at: entry.at }
}
