//! A decision in the making: the conversation as it becomes, and all that is written beside it.

use std::sync::Arc;
use std::time::Duration;

use super::tickets::Case;
use super::{Decision, Env, Notice};
use crate::bus::NotificationKind;
use crate::id::{JobId, Seq, TurnNumber, Version};
use crate::model::text::preview;
use crate::model::{
    Activity, Assignee, Assistant, Author, Body, Citation, Conversation, Delivery, Entry, Message, Note, Preview, RecordKey, Settings,
    Texts,
};
use crate::store::{Claim, Guard, JobOp, Key, Lane, NewJob, Owner, Snapshot, UniqueKey, Work, Write};

/// The longest preview of a message, in characters.
const PREVIEW_LIMIT: usize = 140;

/// All that a rule may look at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) settings: &'a Settings,
    pub(super) env: &'a Env<'a>,
    /// Who gives the command.
    pub(super) by: &'a Author,
}

/// A decision in the making.
///
/// Rules change `conversation` and `case` as they like, and call the methods for everything that has a trace besides.
/// Versions, guards and writes follow in [`finish`](Self::finish), from what differs from the snapshot.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) scene: Scene<'a>,
    pub(super) conversation: Conversation,
    /// The conversation's ticket.
    pub(super) case: Option<Case>,
    /// The conversation as it was read; none: it begins.
    read: Option<Arc<Conversation>>,
    own: Option<Seq>,
    entries: Vec<Entry>,
    others: Vec<Write>,
    guards: Vec<Guard>,
    release: Vec<(UniqueKey, Owner)>,
    unique: Vec<Claim>,
    jobs: Vec<JobOp>,
    notices: Vec<Notice>,
    discard: Option<TurnNumber>,
}

impl<'a> Draft<'a> {
    /// A decision about a conversation that begins.
    pub(super) fn begin(scene: Scene<'a>, conversation: Conversation) -> Self {
        let guards = vec![Guard { key: Key::Conversation(conversation.id), version: Version::ZERO }];
        Self {
            scene,
            conversation,
            case: None,
            read: None,
            own: None,
            entries: Vec::new(),
            others: Vec::new(),
            guards,
            release: Vec::new(),
            unique: Vec::new(),
            jobs: Vec::new(),
            notices: Vec::new(),
            discard: None,
        }
    }

    /// A decision about a conversation that exists.
    pub(super) fn of(scene: Scene<'a>, read: &Arc<Conversation>) -> Self {
        let mut read = Arc::clone(read);
        let linked = read.ticket.as_ref().map(|link| link.id);
        let case = scene.snapshot.ticket.as_ref().filter(|ticket| Some(ticket.id) == linked).map(Case::known);
        let link = case.as_ref().map(Case::link);
        if link.is_some() && read.ticket != link {
            // The ticket was changed by another conversation that shares it.
            Arc::make_mut(&mut read).ticket = link;
        }
        let guards = vec![Guard { key: Key::Conversation(read.id), version: read.version }];
        let conversation = Conversation::clone(&read);
        Self { case, read: Some(read), guards, ..Self::begin(scene, conversation) }
    }

    /// Keeps what the ticket says now, even if that is all that is new. Other commands do it only along the way.
    pub(super) fn relink(&mut self) {
        self.read.clone_from(&self.scene.snapshot.conversation);
    }

    /// The text in the contact's language; none if there is no such text.
    pub(super) fn text(&self, texts: &Texts) -> Option<String> {
        let text = texts.pick(self.conversation.language.as_deref(), &self.scene.settings.default_language);
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The record of the conversation's assistant, if it still exists.
    pub(super) fn assistant(&self) -> Option<&'a Assistant> {
        self.scene.snapshot.assistant(self.conversation.assistant.id)
    }

    /// What the contact said last, in short.
    pub(super) fn contact_words(&self) -> Option<&str> {
        self.conversation.last_contact_words.as_deref().filter(|text| !text.is_empty())
    }

    /// The author says something to the other side.
    pub(super) fn say(&mut self, author: &Author, text: &str, citations: Vec<Citation>) -> Seq {
        let message = Message { text: text.to_owned(), delivery: Delivery::Sent, citations };
        let seq = self.write(author, Body::Message(message));
        let now = self.scene.env.now;
        let conversation = &mut self.conversation;
        conversation.messages += 1;
        conversation.last_message = Some(Preview { author: author.clone(), text: preview(text, PREVIEW_LIMIT), at: now });
        conversation.last_activity_at = now;
        match author {
            Author::Contact { .. } => {
                conversation.unread_for_team += 1;
                // Who writes has seen what stands above.
                conversation.contact_read = seq;
                conversation.unread_for_contact = 0;
                conversation.last_contact_message_at = Some(now);
                conversation.last_contact_words = Some(preview(text, PREVIEW_LIMIT));
            }
            Author::Assistant(_) => {
                conversation.assistant_replies += 1;
                conversation.unread_for_contact += 1;
            }
            Author::Operator(_) | Author::System => conversation.unread_for_contact += 1,
        }
        seq
    }

    /// The author tells the team something.
    pub(super) fn note(&mut self, author: &Author, text: &str) -> Seq {
        self.write(author, Body::Note(Note { text: text.to_owned(), mentions: Vec::new() }))
    }

    /// Something happened.
    pub(super) fn happened(&mut self, author: &Author, activity: Activity) {
        self.write(author, Body::Activity(activity));
    }

    /// This entry is what the command is about.
    pub(super) fn answer_with(&mut self, seq: Seq) {
        self.own = Some(seq);
    }

    fn write(&mut self, author: &Author, body: Body) -> Seq {
        let seq = self.conversation.seq.next();
        let entry = Entry {
            seq,
            rev: self.conversation.version.next(),
            at: self.scene.env.now,
            author: author.clone(),
            channel: self.conversation.channel.clone(),
            body,
        };
        self.conversation.seq = seq;
        if entry.is_visible_to(crate::model::Audience::Contact) {
            self.conversation.public_seq = seq;
        }
        self.entries.push(entry);
        seq
    }

    /// Whether the assistant is the one who answers.
    pub(super) fn assistant_answers(&self) -> bool {
        self.conversation.assignee == Assignee::Assistant
    }

    /// The assistant owes an answer, to all that was said up to now. One that is unfinished is superseded.
    pub(super) fn ask_assistant(&mut self) {
        if self.conversation.answering {
            self.drop_answer();
            self.cancel(Lane::turn(self.conversation.id));
            self.conversation.turn = self.conversation.turn.next();
        }
        self.conversation.answering = true;
        let (conversation, turn) = (self.conversation.id, self.conversation.turn);
        self.push(Lane::turn(conversation), Work::Answer { conversation, turn });
    }

    /// The round is over: nothing of what the assistant works on may appear. Comes before the assignee changes.
    pub(super) fn end_turn(&mut self) {
        self.drop_answer();
        // Only while the assistant answers are there jobs of it.
        if self.assistant_answers() {
            self.cancel(Lane::turn(self.conversation.id));
            self.cancel(Lane::confirm(self.conversation.id));
        }
        self.conversation.turn = self.conversation.turn.next();
    }

    /// The assistant no longer owes an answer, and what listeners hold of one is void.
    pub(super) fn drop_answer(&mut self) {
        if self.conversation.answering {
            self.conversation.answering = false;
            self.discard = Some(self.conversation.turn);
        }
    }

    /// Puts work at the end of a lane.
    pub(super) fn push(&mut self, lane: Lane, work: Work) {
        self.jobs.push(JobOp::Push(NewJob { id: JobId::generate(self.scene.env.ids), lane, work, delay: Duration::ZERO }));
    }

    fn cancel(&mut self, lane: Lane) {
        self.jobs.push(JobOp::Cancel(lane));
    }

    /// Tells the team.
    pub(super) fn notify(&mut self, kind: NotificationKind, text: Option<&str>) {
        self.notices.push(Notice { kind, text: text.map(|text| preview(text, PREVIEW_LIMIT)) });
    }

    /// Takes a name until it is released.
    pub(super) fn claim(&mut self, key: UniqueKey, owner: Owner) {
        self.unique.push(Claim { key, owner, keep: None });
    }

    /// Gives a name up.
    pub(super) fn give_up(&mut self, key: UniqueKey, owner: Owner) {
        self.release.push((key, owner));
    }

    /// Writes something that is neither conversation nor entry nor ticket.
    pub(super) fn also(&mut self, write: Write, guard: Option<Guard>) {
        self.others.push(write);
        self.guards.extend(guard);
    }

    /// The decision. What changed gets its new version here; a draft that changed nothing writes nothing.
    pub(super) fn finish(mut self) -> Decision {
        let mut writes = Vec::with_capacity(self.entries.len() + self.others.len() + 2);
        if let Some(ticket) = self.case.as_ref().and_then(Case::told_to_others) {
            self.push(Lane::relink(ticket), Work::Relink { ticket, contact: self.conversation.contact });
        }
        let settled = self.case.take().map(|case| {
            self.conversation.ticket = Some(case.link());
            case.settle(self.scene.env.now)
        });
        let changed = !self.entries.is_empty() || self.read.as_deref() != Some(&self.conversation);
        if changed {
            let version = self.conversation.version.next();
            self.conversation.version = version;
            if self.read.as_ref().is_none_or(|read| !same_to_contact(read, &self.conversation)) {
                self.conversation.public_version = version;
            }
        }
        let conversation = Arc::new(self.conversation);
        if changed {
            writes.push(Write::Conversation(Arc::clone(&conversation)));
        }
        let id = conversation.id;
        writes.extend(self.entries.into_iter().map(|entry| Write::Entry { conversation: id, entry: Arc::new(entry) }));
        if let Some((guard, write)) = settled {
            self.guards.extend(guard);
            writes.extend(write);
        }
        writes.extend(self.others);
        // What the settings allowed must still be allowed when it is written: above all, that anything is stored at all.
        let settings = self.scene.snapshot.record(RecordKey::SETTINGS).map_or(Version::ZERO, |record| record.version);
        self.guards.push(Guard { key: Key::Record(RecordKey::SETTINGS), version: settings });
        Decision {
            public_before: self.read.as_ref().map_or(Version::ZERO, |read| read.public_version),
            conversation,
            entry: self.own,
            guards: self.guards,
            release: self.release,
            unique: self.unique,
            writes,
            jobs: self.jobs,
            notices: self.notices,
            discard: self.discard,
        }
    }
}

/// Whether the contact cannot tell one from the other.
fn same_to_contact(before: &Conversation, after: &Conversation) -> bool {
    let state = |it: &Conversation| (it.status, it.takeover_requested_at, it.unread_for_contact, it.turn, it.answering, it.public_seq);
    let counts = |it: &Conversation| (it.messages, it.assistant_replies, it.last_activity_at);
    state(before) == state(after)
        && counts(before) == counts(after)
        && before.assignee == after.assignee
        && before.last_message == after.last_message
}
