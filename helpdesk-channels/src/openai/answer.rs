//! An answer as it grows from the chunks of the stream.

use std::collections::BTreeMap;

use helpdesk_core::ai::{AiError, Answer, Escalation, Turn};
use helpdesk_core::model::Citation;
use helpdesk_core::model::text::MESSAGE_LIMIT;

use super::chunk::{Chunk, ToolCallDelta};
use super::citation_marks::CitationMarks;
use super::escalation::{self, TOOL_NAME};
use super::hidden_text::HiddenText;
use super::{prompt, request};

/// The most of one call's arguments, in bytes; what is beyond is not read.
const ARGUMENTS_LIMIT: usize = 16 * 1024;
const CALLS_LIMIT: usize = 8;
/// The most that a model writes in one answer, hidden text included, in bytes.
const WRITTEN_LIMIT: usize = 256 * 1024;

/// Collects an answer.
#[derive(Debug)]
pub(super) struct AnswerBuilder {
    hidden: HiddenText,
    marks: CitationMarks,
    sources: Vec<Citation>,
    calls: BTreeMap<u64, ToolCall>,
    may_escalate: bool,
    question: String,
    text: String,
    characters: usize,
    written: usize,
    /// The model's own word on why it ended.
    finish_reason: Option<String>,
    complete: bool,
}

#[derive(Debug, Default)]
struct ToolCall {
    id: Option<String>,
    name: String,
    arguments: String,
}

impl AnswerBuilder {
    pub(super) fn new(turn: &Turn) -> Self {
        let shown = prompt::shown_passages(turn);
        Self {
            hidden: HiddenText::new(),
            marks: CitationMarks::new(shown),
            sources: turn.passages[..shown].iter().map(|passage| passage.citation.clone()).collect(),
            calls: BTreeMap::new(),
            may_escalate: request::offers_tool(turn),
            question: turn.question(),
            text: String::new(),
            characters: 0,
            written: 0,
            finish_reason: None,
            complete: false,
        }
    }

    /// Takes a chunk; returns the text that it makes visible.
    pub(super) fn take(&mut self, chunk: Chunk) -> Result<String, AiError> {
        let Some(choice) = chunk.into_choice() else { return Ok(String::new()) };
        if let Some(reason) = choice.finish_reason.filter(|reason| !reason.is_empty()) {
            self.complete = true;
            self.finish_reason = Some(reason);
        }
        let Some(delta) = choice.delta else { return Ok(String::new()) };
        let text = delta.text();
        for call in delta.into_tool_calls() {
            self.take_call(call);
        }
        self.written += text.len();
        if self.written > WRITTEN_LIMIT {
            return Err(AiError::unavailable("the answer is endless"));
        }
        let visible = self.hidden.push(&text);
        let ready = self.marks.push(&visible);
        Ok(self.append(&ready))
    }

    /// The provider said that nothing follows.
    pub(super) fn complete(&mut self) {
        self.complete = true;
    }

    /// Whether the model ended, so that what is missing is not part of the answer.
    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }

    /// Whether the answer is as long as a message can be.
    pub(super) fn is_full(&self) -> bool {
        self.characters >= MESSAGE_LIMIT
    }

    /// The last of the text, and the whole answer.
    pub(super) fn finish(mut self) -> Result<(String, Answer), AiError> {
        if !self.complete && !self.is_full() {
            return Err(AiError::unavailable("the stream was cut"));
        }
        if matches!(self.finish_reason.as_deref(), Some("content_filter" | "error")) {
            return Err(AiError::unavailable("the provider withheld the answer"));
        }
        let (visible, hidden) = std::mem::replace(&mut self.hidden, HiddenText::new()).finish();
        let mut ready = self.marks.push(&visible);
        let (end, cited) = std::mem::replace(&mut self.marks, CitationMarks::new(0)).finish();
        ready.push_str(&end);
        let rest = self.append(&ready);
        let escalation = self.escalation(&hidden);
        if self.text.is_empty() && escalation.is_none() {
            return Err(AiError::unavailable("an empty answer"));
        }
        let mut citations: Vec<Citation> = Vec::new();
        for citation in cited.into_iter().filter_map(|place| self.sources.get(place)) {
            // Several passages may be of one article.
            if !citations.contains(citation) {
                citations.push(citation.clone());
            }
        }
        Ok((rest, Answer { text: self.text, citations, escalation }))
    }

    fn append(&mut self, ready: &str) -> String {
        let fitting: String = ready.chars().take(MESSAGE_LIMIT - self.characters).collect();
        self.characters += fitting.chars().count();
        self.text.push_str(&fitting);
        fitting
    }

    fn take_call(&mut self, delta: ToolCallDelta) {
        let last = self.calls.last_key_value().map(|(key, call)| (*key, call.id.clone()));
        // Without an index, a new id begins a call and everything else continues the last one.
        let key = delta.index.unwrap_or_else(|| match last {
            Some((key, id)) if delta.id.is_none() || delta.id == id => key,
            Some((key, _)) => key.saturating_add(1),
            None => 0,
        });
        if self.calls.len() >= CALLS_LIMIT && !self.calls.contains_key(&key) {
            return;
        }
        let call = self.calls.entry(key).or_default();
        call.id = call.id.take().or(delta.id);
        if let Some(function) = delta.function {
            // Some servers repeat the name in every piece.
            match &function.name {
                Some(name) if call.name != *name && call.name.len() <= ARGUMENTS_LIMIT => call.name.push_str(name),
                _ => {}
            }
            if call.arguments.len() <= ARGUMENTS_LIMIT {
                call.arguments.push_str(&function.arguments());
            }
        }
    }

    fn escalation(&self, hidden: &str) -> Option<Escalation> {
        if !self.may_escalate {
            return None;
        }
        let proper = self.calls.values().find(|call| call.name == TOOL_NAME || call.name.strip_prefix("functions.") == Some(TOOL_NAME));
        match proper {
            Some(call) => Some(escalation::from_call(&call.arguments, &self.question)),
            None => escalation::from_text(hidden, &self.question),
        }
    }
}
