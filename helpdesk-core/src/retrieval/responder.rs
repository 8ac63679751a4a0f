//! The keyless assistant: it answers with an excerpt of the help article that fits, and says so when none does.

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};

use super::excerpt::excerpt;
use super::stemming::Stemming;
use crate::ai::{AiError, AiResponder, Answer, AnswerStream, Delta, Passage, Purpose, Turn};
use crate::model::{Account, Assistant, Texts};

/// Below this score a passage is no answer. In the unit of [`ArticleIndex::search`](super::ArticleIndex::search): about a third of
/// what was asked occurs in it.
pub(super) const RELEVANCE: f64 = 0.35;

/// Words are streamed in groups of at least this many characters, and of at most twice as many where there are no spaces.
const GROUP: usize = 24;

/// The assistant that needs no model: it cites the workspace's help articles.
///
/// It answers every message, never escalates by itself, and confirms a human request by the assistant's
/// `confirmation_text`. Its driver name is [`RetrievalResponder::DRIVER`]; it has no configuration.
#[derive(Clone, Copy, Debug)]
pub struct RetrievalResponder {
    relevance: f64,
}

impl RetrievalResponder {
    /// The name by which assistants name this driver.
    pub const DRIVER: &str = "retrieval";

    /// The driver, for passages of an [`ArticleIndex`](super::ArticleIndex).
    #[must_use]
    pub const fn new() -> Self {
        Self { relevance: RELEVANCE }
    }

    /// Takes a passage for an answer from this score on, for hosts whose passages come from a search of their own.
    #[must_use]
    pub const fn with_relevance(mut self, score: f64) -> Self {
        self.relevance = score;
        self
    }

    fn answer(&self, turn: &Turn) -> Answer {
        let pick = |texts: &Texts| texts.pick(turn.language.as_deref(), &turn.default_language).to_owned();
        match &turn.purpose {
            Purpose::Confirmation { .. } => text(pick(&turn.assistant.confirmation_text), || pick(&default_texts(turn).confirmation_text)),
            Purpose::Answer => match turn.passages.first().filter(|passage| passage.score >= self.relevance) {
                Some(passage) => quotation(passage, turn),
                None => text(pick(&turn.assistant.unknown_text), || pick(&default_texts(turn).unknown_text)),
            },
        }
    }
}

impl Default for RetrievalResponder {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl AiResponder for RetrievalResponder {
    fn driver(&self) -> &str {
        Self::DRIVER
    }

    async fn respond(&self, _account: &Account, turn: Turn) -> Result<AnswerStream, AiError> {
        let answer = self.answer(&turn);
        let mut deltas: Vec<_> = word_groups(&answer.text).into_iter().map(|group| Delta::Text(group.to_owned())).collect();
        deltas.push(Delta::Done(answer));
        let stream = stream::iter(deltas).then(|delta| async {
            // The engine gets its turn between the groups, so that a takeover cuts this answer as it cuts any other.
            tokio::task::yield_now().await;
            Ok(delta)
        });
        Ok(stream.boxed())
    }
}

fn quotation(passage: &Passage, turn: &Turn) -> Answer {
    let text = excerpt(&passage.text, &turn.question(), Stemming::of(turn.language.as_deref()));
    Answer { text, citations: vec![passage.citation.clone()], escalation: None }
}

/// An answer with this text. The contact is never left in silence: where the workspace emptied it, the default is said.
fn text(text: String, default: impl FnOnce() -> String) -> Answer {
    Answer { text: if text.trim().is_empty() { default() } else { text }, ..Answer::default() }
}

fn default_texts(turn: &Turn) -> Assistant {
    Assistant::new(turn.assistant.id, "", RetrievalResponder::DRIVER)
}

/// The text in pieces as a person reads them; joined they are the text.
fn word_groups(text: &str) -> Vec<&str> {
    let mut groups = Vec::new();
    let mut start = 0;
    let mut length = 0;
    for (at, character) in text.char_indices() {
        length += 1;
        if (length >= GROUP && character.is_whitespace()) || length >= 2 * GROUP {
            let end = at + character.len_utf8();
            groups.push(&text[start..end]);
            (start, length) = (end, 0);
        }
    }
    if start < text.len() {
        groups.push(&text[start..]);
    }
    groups
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ai::{Line, Speaker};
    use crate::clock::Timestamp;
    use crate::id::{AssistantId, WorkspaceId};
    use crate::model::Citation;

    fn turn(question: &str, language: Option<&str>) -> Turn {
        Turn {
            workspace: WorkspaceId::DEFAULT,
            purpose: Purpose::Answer,
            assistant: Assistant::new(AssistantId::from_uuid(Uuid::nil()), "Ada", RetrievalResponder::DRIVER),
            language: language.map(str::to_owned),
            default_language: "en".to_owned(),
            history: vec![Line { speaker: Speaker::Contact, text: question.to_owned(), at: Timestamp::UNIX_EPOCH }],
            passages: Vec::new(),
            may_escalate: true,
        }
    }

    fn passage(text: &str, score: f64) -> Passage {
        Passage {
            citation: Citation { title: "Returns".to_owned(), url: Some("https://shop.example/returns".to_owned()) },
            text: text.to_owned(),
            score,
        }
    }

    /// The streamed texts and the answer, which must be the same text.
    async fn respond(turn: Turn) -> Answer {
        let account = Account::fixed(WorkspaceId::DEFAULT, RetrievalResponder::DRIVER);
        let deltas: Vec<_> = RetrievalResponder::new().respond(&account, turn).await.unwrap().map(Result::unwrap).collect().await;
        let Some((Delta::Done(answer), texts)) = deltas.split_last() else { panic!("no end: {deltas:?}") };
        let streamed: String = texts
            .iter()
            .map(|delta| match delta {
                Delta::Text(text) => text.as_str(),
                Delta::Done(_) => panic!("two ends"),
            })
            .collect();
        assert_eq!(streamed, answer.text);
        assert!(!answer.text.is_empty() && answer.escalation.is_none());
        answer.clone()
    }

    #[tokio::test]
    async fn a_fitting_passage_is_quoted_and_cited() {
        let mut asked = turn("Can I send it back?", Some("en"));
        asked.passages = vec![passage("You can send anything back within 30 days. Postage is on us.", 0.9), passage("Other.", 0.8)];
        let answer = respond(asked).await;
        assert_eq!(answer.text, "You can send anything back within 30 days. Postage is on us.");
        assert_eq!(answer.citations, [passage("", 0.0).citation]);
    }

    #[tokio::test]
    async fn a_question_that_no_article_answers_is_not_guessed_at() {
        let mut asked = turn("Was kostet die Welt?", Some("de-CH"));
        asked.passages = vec![passage("Die Welt ist rund.", RELEVANCE / 2.0)];
        let answer = respond(asked).await;
        assert!(answer.text.starts_with("Darauf weiß ich keine Antwort.") && answer.citations.is_empty());
        let mut strange = turn("?", Some("fi"));
        strange.assistant.unknown_text = Texts::default();
        assert!(respond(strange).await.text.starts_with("I don't know"));
    }

    #[tokio::test]
    async fn a_human_request_is_confirmed_in_the_contacts_language() {
        let mut asked = turn("担当者をお願いします", Some("ja"));
        asked.purpose = Purpose::Confirmation { instruction: "Be brief.".to_owned() };
        asked.passages = vec![passage("Never quoted.", 9.0)];
        assert!(respond(asked).await.text.starts_with("チームに知らせました"));
    }

    #[test]
    fn groups_are_made_at_spaces_and_lose_nothing() {
        let text = "Words are streamed in groups, as they are read. ".repeat(4);
        let groups = word_groups(&text);
        assert_eq!(groups.concat(), text);
        assert!(groups.len() > 4 && groups[0].ends_with(' '));
        let wall = "あ".repeat(100);
        assert_eq!(word_groups(&wall).concat(), wall);
        assert!(word_groups("").is_empty());
    }
}
