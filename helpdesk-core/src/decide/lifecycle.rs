//! The life of a conversation: resolved, reopened, waiting for the contact.

use super::draft::Draft;
use super::{tickets, want};
use crate::error::Refusal;
use crate::model::{Activity, ActivityKind, Author, Closed, ClosedBy, Status};
use crate::store::Owner;

/// The contact ends the chat. What the team owes them, the ticket, stays open.
pub(super) fn end(draft: &mut Draft<'_>, by: &Author) -> Result<(), Refusal> {
    if draft.conversation.status != Status::Resolved {
        resolve(draft, by, ClosedBy::Contact);
    }
    Ok(())
}

/// An operator, or a rule, says where the conversation stands.
pub(super) fn set_status(draft: &mut Draft<'_>, by: &Author, status: Status) -> Result<(), Refusal> {
    match (draft.conversation.status, status) {
        (before, after) if before == after => {}
        (_, Status::Resolved) => match by {
            Author::Operator(operator) => {
                resolve(draft, by, ClosedBy::Operator(operator.clone()));
                tickets::close(draft);
            }
            _ => resolve(draft, by, ClosedBy::System),
        },
        (Status::Resolved, Status::Open) => reopen(draft, by),
        (Status::Resolved, Status::Pending) => return Err(Refusal::ConversationResolved),
        (_, status) => draft.conversation.status = status,
    }
    Ok(())
}

fn resolve(draft: &mut Draft<'_>, by: &Author, closed_by: ClosedBy) {
    draft.end_turn();
    draft.conversation.status = Status::Resolved;
    draft.conversation.takeover_requested_at = None;
    draft.conversation.closed = Some(Closed { by: closed_by, at: draft.scene.env.now });
    let slot = want::slot(&draft.conversation);
    let me = Owner::id(draft.conversation.id.as_uuid());
    // A newer conversation may hold the place by now.
    if draft.scene.snapshot.owner(&slot) == Some(&me) {
        draft.give_up(slot, me);
    }
    status_changed(draft, by);
}

/// Takes a resolved conversation up again, with whom it was, and its ticket.
pub(super) fn reopen(draft: &mut Draft<'_>, by: &Author) {
    draft.conversation.status = Status::Open;
    draft.conversation.closed = None;
    draft.conversation.last_activity_at = draft.scene.env.now;
    let slot = want::slot(&draft.conversation);
    if draft.scene.snapshot.owner(&slot).is_none() {
        draft.claim(slot, Owner::id(draft.conversation.id.as_uuid()));
    }
    tickets::reopen(draft);
    status_changed(draft, by);
}

fn status_changed(draft: &mut Draft<'_>, by: &Author) {
    let status = Some(draft.conversation.status);
    draft.happened(by, Activity { status, ..Activity::new(ActivityKind::StatusChanged) });
}
