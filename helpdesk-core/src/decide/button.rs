//! Whether the widget shows the button that asks for a human.

use crate::model::{Assignee, Conversation, Settings, Status, ThresholdCount};

/// Whether the contact is offered a human now: the server's word, which clients never compute.
///
/// It governs the button alone; a request is accepted whenever human support is on.
#[must_use]
pub fn human_button(conversation: &Conversation, settings: &Settings) -> bool {
    let support = &settings.human_support;
    let counted = match support.threshold.count {
        ThresholdCount::AssistantReplies => conversation.assistant_replies,
        ThresholdCount::Messages => conversation.messages,
    };
    let offered = settings.helpdesk && support.enabled && !support.button_hidden && counted >= support.threshold.at_least;
    let useful = conversation.status != Status::Resolved
        && conversation.merged_into.is_none()
        && conversation.takeover_requested_at.is_none()
        && matches!(conversation.assignee, Assignee::Assistant | Assignee::Nobody);
    offered && useful
}
