//! What the assistant says, and what happens when it cannot.

use super::draft::Draft;
use super::request;
use super::tickets::Concern;
use crate::ai::{Answer, Escalation};
use crate::clock::Timestamp;
use crate::error::Refusal;
use crate::id::TurnNumber;
use crate::model::text::{LINE_LIMIT, MESSAGE_LIMIT, preview};
use crate::model::{AssistantRef, Author, Invalid, MessageText, Status};

/// The longest reason of an escalation, in characters.
const REASON_LIMIT: usize = 1_000;

/// The assistant answered. The answer counts only in the turn it was asked in.
pub(super) fn answer(draft: &mut Draft<'_>, assistant: &AssistantRef, turn: TurnNumber, answer: &Answer) -> Result<(), Refusal> {
    expect_turn(draft, turn)?;
    let text = said(&answer.text, MESSAGE_LIMIT);
    let escalation = answer.escalation.as_ref().filter(|_| may_escalate(draft));
    if text.is_empty() && escalation.is_none() {
        return match &answer.escalation {
            // All it wanted is something that it may not: to the contact that is a failure like any other.
            Some(escalation) => failed(draft, turn, &escalation.reason),
            None => Err(Invalid::new("text", "must not be empty unless the assistant escalates").into()),
        };
    }
    let by = Author::Assistant(assistant.clone());
    draft.conversation.answering = false;
    if !text.is_empty() {
        let seq = draft.say(&by, &text, answer.citations.clone());
        draft.answer_with(seq);
    }
    if let Some(escalation) = escalation.filter(|_| draft.conversation.takeover_requested_at.is_none()) {
        request::record(draft, &by, concern(escalation));
        if text.is_empty() {
            request::confirm(draft);
        }
        request::excuse_absence(draft);
    }
    Ok(())
}

/// The assistant confirmed that a human was asked for. The turn goes on beside it.
pub(super) fn confirm(draft: &mut Draft<'_>, assistant: &AssistantRef, requested_at: Timestamp, text: &MessageText) -> Result<(), Refusal> {
    let current = draft.assistant_answers()
        && draft.conversation.status != Status::Resolved
        && draft.conversation.takeover_requested_at == Some(requested_at);
    if !current {
        return Err(Refusal::TurnOver);
    }
    let seq = draft.say(&Author::Assistant(assistant.clone()), text.as_str(), Vec::new());
    draft.answer_with(seq);
    Ok(())
}

/// The assistant failed for good: the contact is not left in silence, and the team is told.
pub(super) fn failed(draft: &mut Draft<'_>, turn: TurnNumber, reason: &str) -> Result<(), Refusal> {
    expect_turn(draft, turn)?;
    draft.drop_answer();
    request::auto_reply(draft);
    if draft.scene.settings.human_support.enabled && draft.conversation.takeover_requested_at.is_none() {
        let reason = Some(said(reason, REASON_LIMIT)).filter(|reason| !reason.is_empty());
        request::record(draft, &Author::System, Concern { reason, ..Concern::default() });
        // It was said above, of this request too.
        draft.conversation.auto_replied = true;
    }
    Ok(())
}

fn expect_turn(draft: &Draft<'_>, turn: TurnNumber) -> Result<(), Refusal> {
    let conversation = &draft.conversation;
    let current =
        draft.assistant_answers() && conversation.answering && conversation.turn == turn && conversation.status != Status::Resolved;
    if current { Ok(()) } else { Err(Refusal::TurnOver) }
}

fn may_escalate(draft: &Draft<'_>) -> bool {
    draft.scene.settings.human_support.enabled && draft.assistant().is_some_and(|assistant| assistant.handover)
}

fn concern(escalation: &Escalation) -> Concern {
    let filled = |text: String| Some(text).filter(|text| !text.is_empty());
    Concern {
        reason: filled(said(&escalation.reason, REASON_LIMIT)),
        subject: filled(preview(&said(&escalation.subject, LINE_LIMIT), LINE_LIMIT)),
        priority: escalation.priority,
    }
}

/// What a model wrote, made fit to keep. It is mended and not refused: nobody is there who could put it better.
fn said(text: &str, limit: usize) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let clean: String = text.trim().chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    let clean = clean.trim();
    match clean.char_indices().nth(limit) {
        None => clean.to_owned(),
        Some(_) => clean.chars().take(limit.saturating_sub(1)).chain(['…']).collect(),
    }
}
