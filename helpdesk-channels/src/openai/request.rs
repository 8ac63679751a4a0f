//! The request: instructions, history and the one tool, in the provider's types.

use async_openai::types::chat::{
    ChatCompletionRequestAssistantMessage, ChatCompletionRequestMessage, ChatCompletionRequestSystemMessage,
    ChatCompletionRequestUserMessage, ChatCompletionTool, ChatCompletionTools, CreateChatCompletionRequest,
};
use helpdesk_core::ai::{Line, Purpose, Speaker, Turn};

use super::call::Call;
use super::{escalation, prompt};

/// The most of the history that is sent, in characters: the newest lines that fit.
const HISTORY_LIMIT: usize = 40_000;

/// The request for this turn.
pub(super) fn compose(call: &Call<'_>, turn: &Turn) -> CreateChatCompletionRequest {
    let mut messages: Vec<ChatCompletionRequestMessage> = vec![ChatCompletionRequestSystemMessage::from(prompt::system(turn)).into()];
    messages.extend(history(turn).into_iter().map(|(role, text)| match role {
        Role::User => ChatCompletionRequestUserMessage::from(text).into(),
        Role::Assistant => ChatCompletionRequestAssistantMessage::from(text).into(),
    }));
    #[expect(deprecated, reason = "many compatible servers know the limit only by this name")]
    CreateChatCompletionRequest {
        model: call.model.clone(),
        messages,
        stream: Some(true),
        temperature: call.parameters.temperature,
        max_completion_tokens: call.parameters.max_completion_tokens,
        max_tokens: call.parameters.max_tokens,
        tools: offers_tool(turn).then(|| vec![tool()]),
        ..CreateChatCompletionRequest::default()
    }
}

/// Whether the model may hand over in this turn.
pub(super) fn offers_tool(turn: &Turn) -> bool {
    turn.may_escalate && turn.purpose == Purpose::Answer
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    User,
    Assistant,
}

/// The history as the two roles of a model. Several lines of one role become one message: many models insist that they alternate.
fn history(turn: &Turn) -> Vec<(Role, String)> {
    let mut messages: Vec<(Role, String)> = Vec::new();
    for line in newest(&turn.history) {
        let (role, text) = match line.speaker {
            Speaker::Contact => (Role::User, line.text.clone()),
            Speaker::Assistant => (Role::Assistant, line.text.clone()),
            Speaker::Operator => (Role::Assistant, format!("{} {}", prompt::OPERATOR_PREFIX, line.text)),
        };
        match messages.last_mut() {
            Some((last, before)) if *last == role => {
                before.push_str("\n\n");
                before.push_str(&text);
            }
            _ => messages.push((role, text)),
        }
    }
    // A conversation that ends with the assistant would be continued instead of answered.
    if messages.last().is_none_or(|(role, _)| *role == Role::Assistant) {
        messages.push((Role::User, prompt::nudge(&turn.purpose).to_owned()));
    }
    messages
}

/// The newest lines that fit into the limit, oldest first; the last one always.
fn newest(history: &[Line]) -> &[Line] {
    let mut length = 0;
    let fitting = history.iter().rev().take_while(|line| {
        length += line.text.chars().count();
        length <= HISTORY_LIMIT
    });
    &history[history.len() - fitting.count().max(history.len().min(1))..]
}

fn tool() -> ChatCompletionTools {
    ChatCompletionTools::Function(ChatCompletionTool { function: escalation::function() })
}
