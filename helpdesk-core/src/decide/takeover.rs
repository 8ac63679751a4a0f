//! Who answers: taking over, assigning, handing back.

use super::draft::Draft;
use super::tickets;
use crate::command::AssignTarget;
use crate::error::Refusal;
use crate::id::OperatorId;
use crate::model::{Activity, ActivityKind, AssignTo, Assignee, Invalid, OperatorRef, Status};

/// The operator takes over by the button. Among any number who try, one wins; the others are told who.
pub(super) fn claim(draft: &mut Draft<'_>, operator: &OperatorRef) -> Result<(), Refusal> {
    if draft.conversation.status == Status::Resolved {
        return Err(Refusal::ConversationResolved);
    }
    match draft.conversation.assignee.operator() {
        Some(holder) if holder.id == operator.id => Ok(()),
        Some(holder) => Err(Refusal::AlreadyClaimed { by: holder.clone() }),
        None => {
            take_over(draft, operator);
            Ok(())
        }
    }
}

/// The operator becomes the one who answers, and the one responsible; the assistant falls silent.
pub(super) fn take_over(draft: &mut Draft<'_>, operator: &OperatorRef) {
    let by = draft.scene.by;
    draft.end_turn();
    draft.conversation.assignee = Assignee::Operator(operator.clone());
    draft.conversation.takeover_requested_at = None;
    draft.conversation.last_activity_at = draft.scene.env.now;
    draft.happened(by, Activity { operator: Some(operator.clone()), ..Activity::new(ActivityKind::Claimed) });
    tickets::hand_to(draft, by, operator);
}

/// An operator says who answers, whoever does now.
pub(super) fn assign(draft: &mut Draft<'_>, operator: &OperatorRef, target: AssignTarget) -> Result<(), Refusal> {
    if draft.conversation.status == Status::Resolved {
        return Err(Refusal::ConversationResolved);
    }
    match target {
        AssignTarget::Assistant => hand_back(draft),
        AssignTarget::Nobody => leave_to_nobody(draft),
        AssignTarget::Operator(id) => {
            let target = assignable(draft, operator, id)?;
            if !draft.conversation.assignee.is_operator(id) {
                assigned(draft, Assignee::Operator(target.clone()));
                take_over(draft, &target);
            }
        }
    }
    Ok(())
}

fn assignable(draft: &Draft<'_>, operator: &OperatorRef, id: OperatorId) -> Result<OperatorRef, Refusal> {
    let target = draft.scene.snapshot.operator(id).filter(|target| !target.disabled);
    let target = target.ok_or_else(|| Invalid::new("assignee.id", "there is no such operator, or they are disabled"))?;
    let known = id == operator.id || draft.conversation.participants.contains(&id);
    match draft.scene.settings.assign_to {
        AssignTo::Participants if !known => {
            Err(Refusal::Forbidden("conversations are assigned only to oneself or to operators who already wrote in them"))
        }
        AssignTo::Anyone | AssignTo::Participants => Ok(target.reference()),
    }
}

fn assigned(draft: &mut Draft<'_>, assignee: Assignee) {
    let activity = Activity { assignee: Some(assignee), ..Activity::new(ActivityKind::Assigned) };
    draft.happened(draft.scene.by, activity);
}

/// The assistant answers again, from the next message on. A request is thereby dealt with.
fn hand_back(draft: &mut Draft<'_>) {
    if draft.assistant_answers() && draft.conversation.takeover_requested_at.is_none() {
        return;
    }
    // Where only a request is put aside, nobody else will answer what the contact just asked.
    let owed = draft.conversation.answering;
    draft.end_turn();
    draft.conversation.assignee = Assignee::Assistant;
    draft.conversation.takeover_requested_at = None;
    draft.conversation.last_activity_at = draft.scene.env.now;
    draft.happened(draft.scene.by, Activity::new(ActivityKind::HandedBack));
    if owed {
        draft.ask_assistant();
    }
}

fn leave_to_nobody(draft: &mut Draft<'_>) {
    if draft.conversation.assignee == Assignee::Nobody {
        return;
    }
    draft.end_turn();
    draft.conversation.assignee = Assignee::Nobody;
    draft.conversation.last_activity_at = draft.scene.env.now;
    assigned(draft, Assignee::Nobody);
}

/// Whether a reply of this operator takes the conversation over: nobody of the team answers it, or it was over.
pub(super) fn is_due(draft: &Draft<'_>, operator: &OperatorRef, was: Status) -> bool {
    match draft.conversation.assignee.operator() {
        None => true,
        Some(holder) => was == Status::Resolved && holder.id != operator.id,
    }
}
