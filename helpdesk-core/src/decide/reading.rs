//! How far each side has read.

use super::draft::Draft;
use crate::error::Refusal;
use crate::id::Seq;
use crate::model::OperatorRef;
use crate::store::Write;

/// The contact has read up to here.
pub(super) fn by_contact(draft: &mut Draft<'_>, seq: Seq) -> Result<(), Refusal> {
    let read = seq.min(draft.conversation.seq);
    if read > draft.conversation.contact_read {
        draft.conversation.contact_read = read;
        draft.conversation.unread_for_contact = left(draft, seq, draft.scene.snapshot.other_messages_after);
    }
    Ok(())
}

/// An operator has read up to here; for the team's count the one who read furthest stands.
pub(super) fn by_operator(draft: &mut Draft<'_>, operator: &OperatorRef, seq: Seq) -> Result<(), Refusal> {
    if !draft.scene.settings.helpdesk {
        return Ok(());
    }
    let read = seq.min(draft.conversation.seq);
    if read > Seq::ZERO {
        point(draft, operator, read);
    }
    if read > draft.conversation.team_read {
        draft.conversation.team_read = read;
        draft.conversation.unread_for_team = left(draft, seq, draft.scene.snapshot.contact_messages_after);
    }
    Ok(())
}

/// Moves the operator's own pointer.
pub(super) fn point(draft: &mut Draft<'_>, operator: &OperatorRef, seq: Seq) {
    draft.also(Write::ReadPointer { operator: operator.id, conversation: draft.conversation.id, seq }, None);
}

/// What is above `seq`: nothing above the end, whatever was counted.
fn left(draft: &Draft<'_>, seq: Seq, counted: u64) -> u64 {
    if seq >= draft.conversation.seq { 0 } else { counted }
}
