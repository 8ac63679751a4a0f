//! What operators write, and their mark on a conversation.

use super::draft::Draft;
use super::{lifecycle, reading, takeover};
use crate::error::Refusal;
use crate::model::{Author, MessageText, OperatorRef, Status};

/// A message to the contact. The first takes the conversation over, unless another operator answers; one to a resolved
/// conversation reopens it.
pub(super) fn reply(draft: &mut Draft<'_>, operator: &OperatorRef, text: &MessageText) -> Result<(), Refusal> {
    let by = Author::Operator(operator.clone());
    let was = draft.conversation.status;
    if was == Status::Resolved {
        lifecycle::reopen(draft, &by);
    }
    if takeover::is_due(draft, operator, was) {
        takeover::take_over(draft, operator);
    }
    let seq = draft.say(&by, text.as_str(), Vec::new());
    draft.answer_with(seq);
    if !draft.conversation.participants.contains(&operator.id) {
        draft.conversation.participants.push(operator.id);
    }
    // Who replies has seen what stands above.
    draft.conversation.team_read = seq;
    draft.conversation.unread_for_team = 0;
    reading::point(draft, operator, seq);
    Ok(())
}

/// A note to the team: nothing else changes, least of all anything that the contact could notice.
pub(super) fn note(draft: &mut Draft<'_>, operator: &OperatorRef, text: &MessageText) -> Result<(), Refusal> {
    let seq = draft.note(&Author::Operator(operator.clone()), text.as_str());
    draft.answer_with(seq);
    Ok(())
}
