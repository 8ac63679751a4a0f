//! What a contact says.

use super::draft::{Draft, Scene};
use super::{lifecycle, rights, want};
use crate::bus::NotificationKind;
use crate::error::Refusal;
use crate::id::{ConversationId, Seq, TurnNumber, Version};
use crate::model::{AfterResolve, Assignee, Author, Channel, Conversation, MessageText, Priority, Status};
use crate::store::{Guard, Key, Owner, Write};

/// The conversation that begins, before its first message.
pub(super) fn newcomer(scene: Scene<'_>, channel: &Channel) -> Result<Conversation, Refusal> {
    rights::contact(scene.by)?;
    let contact = scene.snapshot.contact.as_ref().ok_or(Refusal::NotFound)?;
    let assistant = rights::only_assistant(scene.snapshot)?;
    let now = scene.env.now;
    Ok(Conversation {
        id: ConversationId::generate(scene.env.ids),
        contact: contact.id,
        assistant: assistant.reference(),
        channel: channel.clone(),
        language: contact.language.clone(),
        assignee: Assignee::Assistant,
        status: Status::Open,
        takeover_requested_at: None,
        department: None,
        priority: Priority::Normal,
        flagged: false,
        labels: Vec::new(),
        seq: Seq::ZERO,
        public_seq: Seq::ZERO,
        version: Version::ZERO,
        public_version: Version::ZERO,
        turn: TurnNumber::ZERO.next(),
        answering: false,
        messages: 0,
        assistant_replies: 0,
        team_read: Seq::ZERO,
        contact_read: Seq::ZERO,
        unread_for_team: 0,
        unread_for_contact: 0,
        last_message: None,
        last_contact_message_at: None,
        last_contact_words: None,
        auto_replied: false,
        ticket: None,
        participants: Vec::new(),
        closed: None,
        merged_into: None,
        created_at: now,
        last_activity_at: now,
    })
}

/// The first message. The conversation becomes the one that the contact's new messages join; an older one makes room.
pub(super) fn start(draft: &mut Draft<'_>, by: &Author, text: &MessageText) -> Result<(), Refusal> {
    let slot = want::slot(&draft.conversation);
    if let Some(holder) = draft.scene.snapshot.owner(&slot) {
        draft.give_up(slot.clone(), holder.clone());
    }
    draft.claim(slot, Owner::id(draft.conversation.id.as_uuid()));
    let seq = draft.say(by, text.as_str(), Vec::new());
    draft.answer_with(seq);
    draft.ask_assistant();
    draft.notify(NotificationKind::ConversationCreated, Some(text.as_str()));
    count_conversation(draft)
}

fn count_conversation(draft: &mut Draft<'_>) -> Result<(), Refusal> {
    let mut contact = draft.scene.snapshot.contact.clone().ok_or(Refusal::NotFound)?;
    let guard = Guard { key: Key::Contact(contact.id), version: contact.version };
    contact.version = contact.version.next();
    contact.conversations += 1;
    draft.also(Write::Contact(Box::new(contact)), Some(guard));
    Ok(())
}

/// A further message. While the assistant answers, it owes one answer to all that was said since the last.
pub(super) fn message(draft: &mut Draft<'_>, by: &Author, text: &MessageText) -> Result<(), Refusal> {
    match (draft.conversation.status, draft.scene.settings.contact_message_after_resolve) {
        (Status::Resolved, AfterResolve::New) => return Err(Refusal::ConversationResolved),
        (Status::Resolved, AfterResolve::Reopen) => lifecycle::reopen(draft, by),
        (Status::Open | Status::Pending, _) => draft.conversation.status = Status::Open,
    }
    let seq = draft.say(by, text.as_str(), Vec::new());
    draft.answer_with(seq);
    if draft.assistant_answers() {
        draft.ask_assistant();
    }
    if !draft.assistant_answers() || draft.conversation.takeover_requested_at.is_some() {
        draft.notify(NotificationKind::Message, Some(text.as_str()));
    }
    Ok(())
}
