//! Asking for a human: by the contact, by the assistant, or because the assistant failed.

use super::draft::Draft;
use super::tickets::{self, Concern};
use crate::bus::NotificationKind;
use crate::error::Refusal;
use crate::model::{Activity, ActivityKind, Author, Status};
use crate::store::{Lane, Work};

/// The contact asks. Asking again changes nothing, nor does asking where a human answers already.
pub(super) fn by_contact(draft: &mut Draft<'_>, by: &Author) -> Result<(), Refusal> {
    if !draft.scene.settings.human_support.enabled {
        return Err(Refusal::HumanSupportOff);
    }
    if draft.conversation.status == Status::Resolved {
        return Err(Refusal::ConversationResolved);
    }
    if draft.conversation.takeover_requested_at.is_some() || draft.conversation.assignee.operator().is_some() {
        return Ok(());
    }
    record(draft, by, Concern::default());
    confirm(draft);
    excuse_absence(draft);
    Ok(())
}

/// Records the request and who made it, opens or joins the ticket, and tells the team. The assistant stays where it is.
pub(super) fn record(draft: &mut Draft<'_>, by: &Author, concern: Concern) {
    let now = draft.scene.env.now;
    draft.conversation.takeover_requested_at = Some(now);
    draft.conversation.auto_replied = false;
    // Now it is the team that owes the next step.
    draft.conversation.status = Status::Open;
    draft.conversation.last_activity_at = now;
    let text = draft.text(&draft.scene.settings.human_support.transition_message);
    draft.happened(by, Activity { text, ..Activity::new(ActivityKind::TakeoverRequested) });
    let preview = concern.subject.clone().or_else(|| draft.contact_words().map(str::to_owned));
    draft.notify(NotificationKind::TakeoverRequested, preview.as_deref());
    tickets::escalate(draft, by, concern);
}

/// Has the assistant confirm the request in its own words.
pub(super) fn confirm(draft: &mut Draft<'_>) {
    let Some(requested_at) = draft.conversation.takeover_requested_at else { return };
    if draft.assistant_answers() {
        let conversation = draft.conversation.id;
        draft.push(Lane::confirm(conversation), Work::Confirm { conversation, requested_at });
    }
}

/// Says that nobody is there, if nobody is.
pub(super) fn excuse_absence(draft: &mut Draft<'_>) {
    if !draft.scene.env.team_available {
        auto_reply(draft);
    }
}

/// Invites the contact to leave a message: once for each request.
pub(super) fn auto_reply(draft: &mut Draft<'_>) {
    if draft.conversation.takeover_requested_at.is_some() && draft.conversation.auto_replied {
        return;
    }
    draft.conversation.auto_replied = true;
    if let Some(text) = draft.text(&draft.scene.settings.human_support.auto_reply) {
        draft.say(&Author::System, &text, Vec::new());
    }
}
