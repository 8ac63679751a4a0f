//! The ticket of a conversation: opened, joined, given to who took over, closed and reopened with it.
//!
//! A contact has at most one open ticket; the name [`UniqueKey::open_ticket`] stands for it and is held exactly while
//! the ticket is open.

use super::draft::Draft;
use crate::clock::Timestamp;
use crate::id::{ConversationId, TicketId, TicketNumber, Version};
use crate::model::text::{LINE_LIMIT, preview};
use crate::model::{Activity, ActivityKind, Author, OperatorRef, Priority, Ticket, TicketLink, TicketStatus};
use crate::store::{Guard, Key, Owner, UniqueKey, Write};

/// Why humans must deal with it, as far as somebody said.
#[derive(Clone, Debug, Default)]
pub(super) struct Concern {
    pub(super) reason: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) priority: Option<Priority>,
}

/// A ticket in a decision in the making.
#[derive(Debug)]
pub(super) struct Case {
    /// As it was read; none: it is opened here.
    read: Option<Ticket>,
    now: Ticket,
    /// Whether the decision rests on it, though it may not change it.
    relied: bool,
}

impl Case {
    /// A ticket that exists.
    pub(super) fn known(ticket: &Ticket) -> Self {
        Self { read: Some(ticket.clone()), now: ticket.clone(), relied: false }
    }

    /// How the conversation remembers it.
    pub(super) fn link(&self) -> TicketLink {
        TicketLink { id: self.now.id, status: self.now.status, assignee: self.now.assignee.clone() }
    }

    /// This conversation is linked to it.
    fn join(&mut self, conversation: ConversationId) {
        self.now.shared |= self.now.conversation != conversation;
    }

    /// The ticket, if it changed what other conversations remember of it.
    pub(super) fn told_to_others(&self) -> Option<TicketId> {
        let before = self.read.as_ref().filter(|_| self.now.shared)?;
        let changed = (before.status, &before.assignee) != (self.now.status, &self.now.assignee);
        changed.then_some(self.now.id)
    }

    /// The condition and the change that it comes to.
    pub(super) fn settle(mut self, now: Timestamp) -> (Option<Guard>, Option<Write>) {
        let changed = self.read.as_ref() != Some(&self.now);
        let version = self.read.as_ref().map_or(Version::ZERO, |ticket| ticket.version);
        let guard = (changed || self.relied).then_some(Guard { key: Key::Ticket(self.now.id), version });
        if !changed {
            return (guard, None);
        }
        self.now.version = version.next();
        self.now.updated_at = now;
        let ticket = Box::new(self.now);
        (guard, Some(if self.read.is_some() { Write::Ticket(ticket) } else { Write::OpenTicket(ticket) }))
    }
}

/// Joins the contact's open ticket, or opens one.
pub(super) fn escalate(draft: &mut Draft<'_>, by: &Author, concern: Concern) {
    let joined = draft.scene.snapshot.open_ticket.as_ref().filter(|ticket| ticket.status.is_open()).map(Case::known);
    // An open ticket outside of the contact's one slot is that of a thread, and stays its own.
    let own = draft.case.take().filter(|case| case.now.status.is_open());
    let mut case = own.or(joined).unwrap_or_else(|| open(draft, &concern));
    case.join(draft.conversation.id);
    case.relied = true;
    draft.conversation.priority = draft.conversation.priority.max(case.now.priority);
    let escalated = Activity { reason: concern.reason, ticket: Some(case.now.id), ..Activity::new(ActivityKind::Escalated) };
    draft.case = Some(case);
    draft.happened(by, escalated);
}

fn open(draft: &mut Draft<'_>, concern: &Concern) -> Case {
    let conversation = &draft.conversation;
    let assistant = draft.assistant();
    let subject = concern.subject.as_deref().or_else(|| draft.contact_words()).unwrap_or(&conversation.assistant.name);
    let ticket = Ticket {
        id: TicketId::generate(draft.scene.env.ids),
        number: TicketNumber::ZERO,
        version: Version::ZERO,
        subject: preview(subject, LINE_LIMIT),
        reason: concern.reason.clone(),
        requester: conversation.contact,
        conversation: conversation.id,
        shared: false,
        assistant: Some(assistant.map_or_else(|| conversation.assistant.clone(), crate::model::Assistant::reference)),
        channel: conversation.channel.clone(),
        status: TicketStatus::Unassigned,
        priority: concern.priority.unwrap_or_else(|| assistant.map_or(Priority::Normal, |assistant| assistant.default_priority)),
        assignee: None,
        department: conversation.department,
        created_at: draft.scene.env.now,
        updated_at: draft.scene.env.now,
    };
    draft.claim(UniqueKey::open_ticket(ticket.requester), Owner::id(ticket.id.as_uuid()));
    Case { read: None, now: ticket, relied: false }
}

/// An operator took over: they become responsible for the open ticket. If the contact has one from an earlier chat, it
/// is closed and linked, because its wish is fulfilled here.
pub(super) fn hand_to(draft: &mut Draft<'_>, by: &Author, operator: &OperatorRef) {
    if let Some(case) = &mut draft.case {
        if case.now.status.is_open() {
            case.now.status = TicketStatus::Assigned;
            case.now.assignee = Some(operator.clone());
        }
        return;
    }
    if draft.conversation.ticket.is_some() {
        return;
    }
    let earlier = draft.scene.snapshot.open_ticket.as_ref().filter(|ticket| {
        ticket.status.is_open() && ticket.conversation != draft.conversation.id && ticket.created_at <= draft.conversation.created_at
    });
    if let Some(earlier) = earlier {
        let escalated = Activity { ticket: Some(earlier.id), ..Activity::new(ActivityKind::Escalated) };
        let mut case = Case::known(earlier);
        case.join(draft.conversation.id);
        draft.case = Some(case);
        close(draft);
        draft.happened(by, escalated);
    }
}

/// Closes the conversation's ticket if it is open.
pub(super) fn close(draft: &mut Draft<'_>) {
    let Some(case) = draft.case.as_mut().filter(|case| case.now.status.is_open()) else { return };
    case.now.status = TicketStatus::Resolved;
    let (id, requester) = (case.now.id, case.now.requester);
    if draft.scene.snapshot.open_ticket.as_ref().is_some_and(|ticket| ticket.id == id) {
        draft.give_up(UniqueKey::open_ticket(requester), Owner::id(id.as_uuid()));
    }
}

/// Opens the conversation's ticket again, unless the contact has another open one.
pub(super) fn reopen(draft: &mut Draft<'_>) {
    if draft.scene.snapshot.open_ticket.is_some() {
        return;
    }
    let Some(case) = draft.case.as_mut().filter(|case| !case.now.status.is_open()) else { return };
    case.now.status = if case.now.assignee.is_some() { TicketStatus::Assigned } else { TicketStatus::Unassigned };
    let (id, requester) = (case.now.id, case.now.requester);
    draft.conversation.priority = draft.conversation.priority.max(case.now.priority);
    draft.claim(UniqueKey::open_ticket(requester), Owner::id(id.as_uuid()));
}
