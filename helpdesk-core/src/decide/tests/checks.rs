//! What must hold of every commit, whatever was decided. Each check is computed from entries, not from what rules claim.

use super::world::World;
use crate::decide::{Decision, human_button};
use crate::id::{ContactId, ConversationId, Seq, Version};
use crate::model::{Assignee, Audience, Author, Body, Conversation, Entry, Status, TicketStatus};
use crate::store::{Key, Lane, Work, Write};

/// Stands in texts that are the team's alone.
pub(super) const SECRET: &str = "between us";

/// Messages above an entry, of the contact or of everybody else.
pub(super) fn messages_above(entries: &[Entry], after: Seq, of_contact: bool) -> u64 {
    let counts = |entry: &&Entry| {
        entry.seq > after && matches!(entry.body, Body::Message(_)) && matches!(entry.author, Author::Contact { .. }) == of_contact
    };
    entries.iter().filter(counts).count() as u64
}

/// What holds between what is stored and what a decision makes of it.
pub(super) fn before(world: &World, decision: &Decision) {
    let new = &decision.conversation;
    let old = world.conversations.get(&new.id);
    let read = old.map_or(Version::ZERO, |old| old.version);
    assert!(decision.guards.iter().any(|guard| guard.key == Key::Conversation(new.id) && guard.version == read), "guards what it read");
    let writes = |key| decision.writes.iter().filter_map(Write::key).any(|(written, _)| written == key);
    for (key, version) in decision.writes.iter().filter_map(Write::key) {
        let guarded = decision.guards.iter().find(|guard| guard.key == key);
        assert_eq!(guarded.map(|guard| guard.version.next()), Some(version), "what is written is guarded, and one step further");
    }
    let mut entries = decision.writes.iter().filter_map(|write| match write {
        Write::Entry { conversation, entry } => Some((conversation, entry)),
        _ => None,
    });
    if !writes(Key::Conversation(new.id)) {
        assert_eq!(Some(&**new), healed(old, new).as_ref(), "what is not written is as it was");
        assert_eq!(entries.next(), None, "no entry without its conversation");
        assert!(decision.jobs.is_empty() && decision.notices.is_empty() && decision.unique.is_empty() && decision.release.is_empty());
        return;
    }
    let mut visible = false;
    for (conversation, entry) in entries {
        assert_eq!((*conversation, entry.rev), (new.id, new.version), "an entry carries the version that wrote it");
        visible |= entry.is_visible_to(Audience::Contact);
        if matches!((&entry.author, &entry.body), (Author::Assistant(_), Body::Message(_))) {
            let old = old.expect("an assistant does not begin");
            assert!(old.assignee == Assignee::Assistant && old.status != Status::Resolved, "the assistant speaks only where it answers");
        }
    }
    let noticed = visible || old.is_none_or(|old| seen_by_contact(world, old) != seen_by_contact(world, new));
    let public = if noticed { Some(new.version) } else { old.map(|old| old.public_version) };
    assert_eq!(Some(new.public_version), public, "the public version is the last that the contact could notice");
}

/// As it was, but for the link to its ticket: that is of the moment of the decision. Another conversation that shares the
/// ticket may have changed it before, which this one was not told yet, or since, and nothing rests on it here.
fn healed(old: Option<&Conversation>, new: &Conversation) -> Option<Conversation> {
    let mut old = old?.clone();
    assert_eq!(old.ticket.as_ref().map(|link| link.id), new.ticket.as_ref().map(|link| link.id));
    old.ticket.clone_from(&new.ticket);
    Some(old)
}

/// The conversation as the wire shows it to the contact, without versions.
fn seen_by_contact(world: &World, it: &Conversation) -> impl PartialEq + use<> {
    let state = (it.assignee.clone(), it.status, it.takeover_requested_at, it.public_seq, it.turn, it.answering);
    let words = (it.last_message.clone(), it.last_activity_at, it.unread_for_contact, human_button(it, &world.settings));
    (it.id, it.channel.clone(), it.assistant.clone(), it.created_at, state, words)
}

/// What holds of everything that is stored.
pub(super) fn after(world: &World, decision: &Decision) {
    let id = decision.conversation.id;
    counters(world, &world.conversations[&id]);
    link(world, decision);
    jobs(world, id);
    secrets(world, id);
    for contact in world.contacts.keys() {
        slots(world, *contact);
    }
    for (ticket, version) in world.tickets.values().map(|ticket| (ticket, ticket.version)) {
        assert!(version > Version::ZERO && ticket.number.0 > 0);
        assert_eq!(ticket.status == TicketStatus::Assigned, ticket.assignee.is_some() && ticket.status.is_open(), "{ticket:?}");
    }
}

fn counters(world: &World, it: &Conversation) {
    let entries = &world.entries[&it.id];
    let of = |wanted: fn(&Author) -> bool| {
        entries.iter().filter(|entry| matches!(entry.body, Body::Message(_)) && wanted(&entry.author)).count() as u64
    };
    assert_eq!(it.seq, Seq(entries.len() as u64));
    let visible = entries.iter().rfind(|entry| entry.is_visible_to(Audience::Contact));
    assert_eq!(it.public_seq, visible.map_or(Seq::ZERO, |entry| entry.seq));
    assert_eq!(it.messages, of(|_| true));
    assert_eq!(it.assistant_replies, of(|author| matches!(author, Author::Assistant(_))));
    assert_eq!(it.unread_for_team, messages_above(entries, it.team_read, true), "unread for the team");
    assert_eq!(it.unread_for_contact, messages_above(entries, it.contact_read, false), "unread for the contact");
    assert!(it.team_read <= it.seq && it.contact_read <= it.seq);
    let last = entries.iter().rfind(|entry| matches!(entry.body, Body::Message(_)));
    assert_eq!(it.last_message.as_ref().map(|last| (&last.author, last.at)), last.map(|last| (&last.author, last.at)));
    assert_eq!(it.closed.is_some(), it.status == Status::Resolved, "closed says who closed what is closed");
}

/// The row shows the ticket as it is, where the decision rested on it. Else a change that came through another
/// conversation may be missing until the next write.
fn link(world: &World, decision: &Decision) {
    let it = world.chat(decision.conversation.id);
    let Some(link) = &it.ticket else { return };
    if decision.guards.iter().any(|guard| guard.key == Key::Ticket(link.id)) {
        let ticket = &world.tickets[&link.id];
        assert_eq!((link.status, &link.assignee), (ticket.status, &ticket.assignee), "the row shows the ticket as it is");
        assert!(it.priority >= ticket.priority || !link.status.is_open());
    }
}

/// The assistant owes an answer exactly while a job for it waits or runs, and idles wherever it does not answer.
fn jobs(world: &World, id: ConversationId) {
    let it = world.chat(id);
    let asked: Vec<_> = world.jobs(&Lane::turn(id)).iter().map(|job| &job.work).collect();
    let owed = Work::Answer { conversation: id, turn: it.turn };
    assert_eq!(asked, if it.answering { vec![&owed] } else { vec![] }, "one job for what is owed, none for anything else");
    if it.answering {
        assert!(it.assignee == Assignee::Assistant && it.status != Status::Resolved);
    }
    for job in world.jobs(&Lane::confirm(id)) {
        let requested_at = it.takeover_requested_at.expect("a confirmation is of a request");
        assert_eq!(job.work, Work::Confirm { conversation: id, requested_at });
        assert_eq!(it.assignee, Assignee::Assistant);
    }
    if it.takeover_requested_at.is_some() {
        assert!(it.assignee.operator().is_none() && it.status != Status::Resolved, "a request is over when a human is there");
    }
}

/// Nothing of the team's reaches the contact.
fn secrets(world: &World, id: ConversationId) {
    let last = world.entries[&id].iter().rev().take(8);
    for entry in last.filter(|entry| entry.is_visible_to(Audience::Contact)) {
        assert!(!matches!(entry.body, Body::Note(_)));
        match &entry.body {
            Body::Message(message) => assert!(!message.text.contains(SECRET), "{entry:?}"),
            Body::Activity(activity) => {
                assert!(!activity.text.as_ref().is_some_and(|text| text.contains(SECRET)), "{entry:?}");
                assert_eq!((&activity.reason, activity.ticket), (&None, None), "team only");
            }
            Body::Note(_) | Body::Erased => {}
        }
    }
    assert!(!world.chat(id).last_message.as_ref().is_some_and(|last| last.text.contains(SECRET)));
}

/// A contact has one open ticket at most, and the slots stand for what is open.
fn slots(world: &World, contact: ContactId) {
    let open: Vec<_> = world.tickets.values().filter(|ticket| ticket.requester == contact && ticket.status.is_open()).collect();
    assert!(open.len() <= 1, "one open ticket a contact: {open:?}");
    assert_eq!(
        world.open_ticket(contact).map(|ticket| ticket.id),
        open.first().map(|ticket| ticket.id),
        "the slot is held while it is open"
    );
    if let Some(chat) = world.open_conversation(contact) {
        assert_ne!(world.chat(chat).status, Status::Resolved, "new messages join an open conversation");
        assert_eq!(world.chat(chat).contact, contact);
    }
}
