//! Live streams: first what was missed, then what happens, with no hole between.
//!
//! A stream listens to the bus, then reads, then goes live. What it hears are hints; what it tells comes from the store.
//! Once a second the node reads the changes of each workspace that somebody here watches and hints again, so that even a
//! lost last hint is noticed.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_stream::try_stream;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};

use super::draft_view::{DraftView, Piece};
use super::readings::{ConversationChange, Meeting, Reading};
use super::unattended::unattended;
use super::{Details, Helpdesk, WorkspaceHandle};
use crate::bus::{BusItem, EventBus as _, LiveActor, NotificationKind, Signal, Topic};
use crate::clock::Timestamp;
use crate::error::{Error, Refusal};
use crate::id::{ContactId, ConversationId, OperatorId, Seq, TurnNumber, Version, WorkspaceId};
use crate::model::{Audience, Author, Conversation, Entry, Operator, PageView, RecordBody, RecordKey, RecordKind};
use crate::store::{Change, ChangeCursor, ChangedAfter, Changes, Key, ViewCounts};

/// Entries read at once in a replay.
const PAGE: u32 = 200;
/// Changes read at once.
const CHANGES: u32 = 500;
/// Conversations told of when their contact changes: the latest ones, as a queue shows them.
const RENAMED: u32 = 50;
/// How often a node reads the changes of the workspaces it watches.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// What to listen to, and from where on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveTopic {
    /// A conversation, from behind this version; none: only what is new.
    Conversation {
        /// Which.
        conversation: ConversationId,
        /// The last version known; a contact's is a public version.
        after: Option<Version>,
    },
    /// The workspace's queue, from behind this cursor; none: only what is new. Operators only.
    Queue {
        /// The last change known.
        after: Option<ChangeCursor>,
    },
}

/// A thing of the queue that changed.
#[derive(Clone, Debug, PartialEq)]
pub enum QueueChange {
    /// A conversation, as it is now.
    Conversation(Box<Details>),
    /// An operator, as they are now.
    Operator(Operator),
    /// The settings; read them.
    Settings,
}

/// What a listener is told.
#[derive(Clone, Debug, PartialEq)]
pub enum LiveEvent {
    /// A conversation changed. Versions are public versions for a contact.
    Changed(Arc<ConversationChange>),
    /// The queue changed.
    Queue {
        /// Everything up to here is known with this.
        cursor: ChangeCursor,
        /// What changed.
        changes: Vec<QueueChange>,
        /// The counts of the views for this operator.
        counts: ViewCounts,
    },
    /// Somebody is writing.
    Typing {
        /// Where.
        conversation: ConversationId,
        /// Who.
        author: Author,
        /// A note.
        note: bool,
    },
    /// Somebody came or went.
    Presence {
        /// Who.
        actor: LiveActor,
        /// Came.
        online: bool,
        /// The page being viewed.
        page: Option<PageView>,
    },
    /// More of the assistant's answer.
    Delta {
        /// Where.
        conversation: ConversationId,
        /// In which turn.
        turn: TurnNumber,
        /// Characters before this text.
        offset: u64,
        /// The text.
        text: String,
    },
    /// The assistant's answer will not be finished.
    Discard {
        /// Where.
        conversation: ConversationId,
        /// In which turn.
        turn: TurnNumber,
    },
    /// Something the team should know at once.
    Notification {
        /// What of.
        kind: NotificationKind,
        /// Where.
        conversation: ConversationId,
        /// When.
        at: Timestamp,
        /// A preview.
        text: Option<String>,
    },
    /// The cursor is worth nothing any more: load afresh and listen from there.
    Resync,
}

/// Events until it is dropped, or until the first error, after which it ends: resume from the last cursor.
pub type LiveStream = BoxStream<'static, Result<LiveEvent, Error>>;

impl WorkspaceHandle {
    /// Listens as a contact or an operator.
    ///
    /// A conversation's stream begins with at least one [`LiveEvent::Changed`], a queue's with one [`LiveEvent::Queue`],
    /// even if nothing was missed.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for what this actor may not see.
    pub async fn subscribe(&self, actor: LiveActor, topic: LiveTopic) -> Result<LiveStream, Error> {
        match (actor, topic) {
            (LiveActor::Contact(contact), LiveTopic::Conversation { conversation, after }) => {
                self.contact(contact).own(conversation).await?;
                self.watch_conversation(Audience::Contact, conversation, after).await
            }
            (LiveActor::Operator(operator), LiveTopic::Conversation { conversation, after }) => {
                self.active_operator(operator).await?;
                self.watch_conversation(Audience::Team, conversation, after).await
            }
            (LiveActor::Operator(operator), LiveTopic::Queue { after }) => {
                self.active_operator(operator).await?;
                self.watch_queue(operator, after).await
            }
            (LiveActor::Contact(_), LiveTopic::Queue { .. }) => Err(Refusal::NotFound.into()),
        }
    }

    async fn active_operator(&self, id: OperatorId) -> Result<Operator, Error> {
        let operator = self.find_operator(id).await?;
        if operator.disabled { Err(Refusal::Forbidden("this operator is disabled").into()) } else { Ok(operator) }
    }

    async fn listen(&self, topic: Topic) -> Result<BoxStream<'static, BusItem>, Error> {
        let inner = &self.desk.inner;
        let (bus, heartbeat) = (inner.bus.subscribe(topic).await, inner.heartbeat.subscribe(topic).await);
        self.desk.watch(self.id).await?;
        Ok(stream::select(bus, heartbeat).boxed())
    }

    async fn watch_conversation(&self, audience: Audience, id: ConversationId, after: Option<Version>) -> Result<LiveStream, Error> {
        let mut signals = self.listen(Topic::Conversation { workspace: self.id, conversation: id }).await?;
        let conversation = self.desk.inner.store.conversations(self.id, &[id]).await?.pop().ok_or(Refusal::NotFound)?;
        let now = visible_version(&conversation, audience);
        let mut reader = Reader {
            workspace: self.clone(),
            audience,
            id,
            told: after.unwrap_or(now),
            meeting: self.desk.inner.readings.meet(self.id, id, audience),
            seen: Version::ZERO,
            hinted: Version::ZERO,
            begun: false,
            behind: true,
            turn: None,
        };
        // A version from the future is that of a store which lost it: a backup was restored.
        let resync = reader.told > now;
        let workspace = self.clone();
        Ok(try_stream! {
            if resync {
                yield LiveEvent::Resync;
                return;
            }
            let mut view = DraftView::default();
            let mut lagged = true;
            loop {
                loop {
                    let event;
                    (reader, event) = reader.read().await;
                    match event? {
                        Some(event) => yield event,
                        None => break,
                    }
                }
                // Late joiners, and those who lost deltas, get the text so far: from here, or from the node that writes it.
                if std::mem::replace(&mut lagged, false) {
                    match workspace.desk.inner.drafts.get(workspace.id, id).filter(|draft| reader.awaits(draft.turn)) {
                        Some(draft) => if let Piece::Tell(offset, text) = view.hear((draft.turn, draft.attempt), 0, &draft.text) {
                            yield LiveEvent::Delta { conversation: id, turn: draft.turn, offset, text };
                        },
                        None => if reader.is_answered() && view.ask() {
                            workspace.desk.want_draft(workspace.id, id).await;
                        },
                    }
                }
                while !reader.behind {
                    match signals.next().await {
                        None => return,
                        Some(BusItem::Lagged) => {
                            reader.hint(Version(u64::MAX));
                            lagged = true;
                        }
                        Some(BusItem::Signal(signal)) => match &*signal {
                            Signal::Changed { version, .. } => reader.hint(*version),
                            // Deltas that were still on their way when their answer was committed or withdrawn.
                            Signal::Delta { turn, .. } if !reader.awaits(*turn) => {}
                            Signal::Delta { turn, attempt, offset, text, .. } => match view.hear((*turn, *attempt), *offset, text) {
                                Piece::Tell(offset, text) => yield LiveEvent::Delta { conversation: id, turn: *turn, offset, text },
                                Piece::Gap => if view.ask() {
                                    workspace.desk.want_draft(workspace.id, id).await;
                                },
                                Piece::Old => {}
                            },
                            Signal::Discard { turn, attempt, .. } if !view.discard(*turn, *attempt) => {}
                            signal => if let Some(event) = passing(signal, audience) {
                                yield event;
                            },
                        },
                    }
                }
            }
        }
        .boxed())
    }

    async fn watch_queue(&self, operator: OperatorId, after: Option<ChangeCursor>) -> Result<LiveStream, Error> {
        let mut signals = self.listen(Topic::Queue { workspace: self.id }).await?;
        if let Some(begun) = self.desk.attend(self.id) {
            // It ends without a word only if the helpdesk does.
            let _ = begun.await;
        }
        let workspace = self.clone();
        Ok(try_stream! {
            let Some((mut cursor, mut changes, mut more)) = workspace.clone().changes_after(after).await? else {
                yield LiveEvent::Resync;
                return;
            };
            let mut first = true;
            loop {
                if first || !changes.is_empty() {
                    first = false;
                    let (changes, counts) = workspace.clone().queue_news(operator, std::mem::take(&mut changes)).await?;
                    yield LiveEvent::Queue { cursor, changes, counts };
                }
                while !more {
                    match signals.next().await {
                        None => return,
                        Some(BusItem::Lagged) => more = true,
                        Some(BusItem::Signal(signal)) => match &*signal {
                            Signal::Advanced { change, .. } if *change <= cursor.number => {}
                            Signal::Advanced { .. } => more = true,
                            signal => if let Some(event) = passing(signal, Audience::Team) {
                                yield event;
                            },
                        },
                    }
                }
                let Some(next) = workspace.clone().changes_after(Some(cursor)).await? else {
                    yield LiveEvent::Resync;
                    return;
                };
                (cursor, changes, more) = next;
            }
        }
        .boxed())
    }

    /// The changes behind a cursor, the cursor behind them, and whether there may be more. None: resync.
    async fn changes_after(self, cursor: Option<ChangeCursor>) -> Result<Option<(ChangeCursor, Vec<Change>, bool)>, Error> {
        match unattended(async move { self.desk.inner.store.changes(self.id, cursor, CHANGES).await }).await? {
            Changes::Some { changes, cursor } => {
                let more = changes.len() >= CHANGES as usize;
                Ok(Some((cursor, changes, more)))
            }
            Changes::Resync(_) => Ok(None),
        }
    }

    /// What these changes come to, and the counts of the views.
    async fn queue_news(self, operator: OperatorId, changes: Vec<Change>) -> Result<(Vec<QueueChange>, ViewCounts), Error> {
        unattended(async move {
            let told = self.queue_changes(&changes).await?;
            Ok((told, self.desk.inner.store.counts(self.id, operator).await?))
        })
        .await
    }

    async fn queue_changes(&self, changes: &[Change]) -> Result<Vec<QueueChange>, Error> {
        let keys: HashSet<Key> = changes.iter().map(|change| change.key).collect();
        let conversations: Vec<_> = keys.iter().filter_map(|key| if let Key::Conversation(id) = key { Some(*id) } else { None }).collect();
        let conversations = self.desk.inner.store.conversations(self.id, &conversations).await?;
        let mut details = self.details(conversations).await?;
        for key in &keys {
            if let Key::Contact(contact) = key {
                let more = self.other_conversations(*contact, &details).await?;
                details.extend(more);
            }
        }
        let mut told: Vec<QueueChange> = details.into_iter().map(|details| QueueChange::Conversation(Box::new(details))).collect();
        for key in keys {
            match key {
                Key::Record(RecordKey::SETTINGS) => told.push(QueueChange::Settings),
                Key::Record(key) if key.kind == RecordKind::Operator => {
                    if let Some(RecordBody::Operator(operator)) =
                        self.desk.inner.store.record(self.id, key).await?.map(|record| record.body)
                    {
                        told.push(QueueChange::Operator(operator));
                    }
                }
                Key::Conversation(_) | Key::Ticket(_) | Key::Contact(_) | Key::Record(_) => {}
            }
        }
        Ok(told)
    }

    /// The latest conversations of a contact who changed, but for those that are told already: all show the name.
    async fn other_conversations(&self, contact: ContactId, told: &[Details]) -> Result<Vec<Details>, Error> {
        let here: HashSet<ConversationId> =
            told.iter().filter(|details| details.contact.id == contact).map(|details| details.conversation.id).collect();
        let all = told.iter().find(|details| details.contact.id == contact).map(|details| details.contact.conversations);
        if all.is_some_and(|all| all as usize <= here.len()) {
            return Ok(Vec::new());
        }
        let page = self.desk.inner.store.conversations_of(self.id, contact, None, RENAMED).await?;
        self.details(page.items.into_iter().filter(|conversation| !here.contains(&conversation.id)).collect()).await
    }
}

/// Reads a conversation forward, in steps that end at whole versions.
struct Reader {
    workspace: WorkspaceHandle,
    audience: Audience,
    id: ConversationId,
    /// The version told last.
    told: Version,
    /// Where it meets the others who listen.
    meeting: Arc<Meeting>,
    /// The conversation's version at the last whole read: hints up to it are old news.
    seen: Version,
    /// The version that was hinted at: a reading that is older is not enough.
    hinted: Version,
    begun: bool,
    /// There is something to read.
    behind: bool,
    /// The turn, and whether it still owes an answer.
    turn: Option<(TurnNumber, bool)>,
}

impl Reader {
    /// Whether an answer of this turn may still come.
    fn awaits(&self, turn: TurnNumber) -> bool {
        self.turn.is_none_or(|(now, answering)| turn > now || (turn == now && answering))
    }

    /// Whether an answer is being written, as far as is known.
    fn is_answered(&self) -> bool {
        self.turn.is_some_and(|(_, answering)| answering)
    }

    fn hint(&mut self, version: Version) {
        self.behind = version > self.seen;
        self.hinted = version;
    }

    /// The next change, whether or not the stream is polled meanwhile.
    async fn read(mut self) -> (Self, Result<Option<LiveEvent>, Error>) {
        if self.begun && !self.behind {
            return (self, Ok(None));
        }
        if self.begun
            && let Some(reading) = self.meeting.fitting(self.told, self.hinted)
        {
            let event = self.take_over(reading);
            return (self, Ok(Some(event)));
        }
        unattended(async move {
            let event = self.read_with_others().await;
            (self, event)
        })
        .await
    }

    /// The next change, read by whoever of the listeners comes first.
    async fn read_with_others(&mut self) -> Result<Option<LiveEvent>, Error> {
        if !self.begun || !self.behind {
            return Ok(self.read_alone().await?.map(LiveEvent::Changed));
        }
        let meeting = self.meeting.clone();
        let _reading = meeting.reading.lock().await;
        if let Some(reading) = meeting.fitting(self.told, self.hinted) {
            return Ok(Some(self.take_over(reading)));
        }
        let change = self.read_alone().await?;
        // A part of a long replay is nobody else's.
        if let (Some(change), Some(turn), false) = (&change, self.turn, self.behind) {
            meeting.leave(Reading { change: change.clone(), seen: self.seen, turn });
        }
        Ok(change.map(LiveEvent::Changed))
    }

    fn take_over(&mut self, reading: Reading) -> LiveEvent {
        self.behind = false;
        (self.seen, self.turn, self.told) = (reading.seen, Some(reading.turn), reading.change.version);
        LiveEvent::Changed(reading.change)
    }

    async fn read_alone(&mut self) -> Result<Option<Arc<ConversationChange>>, Error> {
        let mut after = ChangedAfter { version: self.told, seq: Seq::ZERO };
        let mut entries: Vec<Entry> = Vec::new();
        while self.behind {
            let store = &self.workspace.desk.inner.store;
            let changed = store.changed(self.workspace.id, self.id, after, self.audience, PAGE).await?.ok_or(Refusal::NotFound)?;
            entries.extend(changed.entries);
            let conversation = changed.conversation;
            let version = match changed.more {
                None => {
                    self.behind = false;
                    self.seen = conversation.version;
                    self.turn = Some((conversation.turn, conversation.answering));
                    visible_version(&conversation, self.audience).max(self.told)
                }
                Some(more) => {
                    // Only whole versions: a client that resumes behind one must not miss its rest.
                    let last = entries.last().map_or(Version::ZERO, |entry| entry.rev);
                    if entries.first().is_none_or(|entry| entry.rev == last) {
                        after = more;
                        continue;
                    }
                    entries.retain(|entry| entry.rev < last);
                    entries.last().map_or(self.told, |entry| entry.rev)
                }
            };
            if self.begun && version == self.told && entries.is_empty() {
                return Ok(None);
            }
            self.begun = true;
            let summary = self.workspace.details_of(conversation).await?;
            let prev = std::mem::replace(&mut self.told, version);
            return Ok(Some(Arc::new(ConversationChange::new(prev, version, entries, summary))));
        }
        Ok(None)
    }
}

const fn visible_version(conversation: &Conversation, audience: Audience) -> Version {
    match audience {
        Audience::Contact => conversation.public_version,
        Audience::Team => conversation.version,
    }
}

/// What is told as it comes, because it is not kept.
fn passing(signal: &Signal, audience: Audience) -> Option<LiveEvent> {
    match signal.clone() {
        Signal::Typing { note: true, .. } if audience == Audience::Contact => None,
        // A contact knows that they are writing.
        Signal::Typing { author: Author::Contact { .. }, .. } if audience == Audience::Contact => None,
        Signal::Typing { conversation, author, note } => Some(LiveEvent::Typing { conversation, author, note }),
        Signal::Discard { conversation, turn, .. } => Some(LiveEvent::Discard { conversation, turn }),
        Signal::Presence { actor, online, page } if audience == Audience::Team => Some(LiveEvent::Presence { actor, online, page }),
        Signal::Notification { kind, conversation, at, text } if audience == Audience::Team => {
            Some(LiveEvent::Notification { kind, conversation, at, text })
        }
        Signal::Presence { .. } | Signal::Notification { .. } | Signal::Changed { .. } | Signal::Advanced { .. } => None,
        // Drafts are put together by the stream; nodes talk about presence among themselves.
        Signal::Delta { .. } | Signal::DraftWanted { .. } => None,
        Signal::Arrived { .. } | Signal::Left { .. } | Signal::Roll { .. } | Signal::RollWanted { .. } => None,
    }
}

/// The workspaces that this node's heartbeat reads, with the changes it knows of.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    cursors: Mutex<HashMap<WorkspaceId, ChangeCursor>>,
}

impl Watched {
    fn cursors(&self) -> std::sync::MutexGuard<'_, HashMap<WorkspaceId, ChangeCursor>> {
        self.cursors.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the changes of watched workspaces and hints at them, until nobody listens any more.
async fn heartbeat(inner: std::sync::Weak<super::Inner>) {
    let mut beat = tokio::time::interval(HEARTBEAT);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        let Some(inner) = inner.upgrade() else { return };
        let desk = Helpdesk { inner };
        let watched: Vec<_> = {
            let mut cursors = desk.inner.watched.cursors();
            cursors.retain(|workspace, _| desk.inner.heartbeat.listens_in(*workspace));
            if cursors.is_empty() {
                return;
            }
            cursors.iter().map(|(workspace, cursor)| (*workspace, *cursor)).collect()
        };
        for (workspace, cursor) in watched {
            match desk.beat(workspace, cursor).await {
                Ok(cursor) => {
                    desk.inner.watched.cursors().insert(workspace, cursor);
                }
                Err(error) => tracing::warn!(%workspace, %error, "the changes cannot be read"),
            }
        }
    }
}

impl Helpdesk {
    /// Has the heartbeat read this workspace for as long as somebody listens, from now on: what changes after this
    /// returns is hinted at, within a second, though every other hint be lost.
    async fn watch(&self, workspace: WorkspaceId) -> Result<(), Error> {
        if self.inner.watched.cursors().contains_key(&workspace) {
            return Ok(());
        }
        let (Changes::Some { cursor, .. } | Changes::Resync(cursor)) = self.inner.store.changes(workspace, None, 1).await?;
        let mut cursors = self.inner.watched.cursors();
        if cursors.is_empty() {
            tokio::spawn(heartbeat(Arc::downgrade(&self.inner)));
        }
        cursors.entry(workspace).or_insert(cursor);
        Ok(())
    }

    async fn beat(&self, workspace: WorkspaceId, mut cursor: ChangeCursor) -> Result<ChangeCursor, Error> {
        loop {
            let (changes, now) = match self.inner.store.changes(workspace, Some(cursor), CHANGES).await? {
                Changes::Some { changes, cursor } => (changes, cursor),
                Changes::Resync(now) => {
                    self.inner.heartbeat.unsettle(workspace);
                    return Ok(now);
                }
            };
            cursor = now;
            for change in &changes {
                if let Key::Conversation(conversation) = change.key {
                    let topic = Topic::Conversation { workspace, conversation };
                    let signal = Signal::Changed { conversation, version: change.version };
                    self.inner.heartbeat.publish(topic, Arc::new(signal)).await;
                }
            }
            if !changes.is_empty() {
                let signal = Signal::Advanced { change: cursor.number, key: None };
                self.inner.heartbeat.publish(Topic::Queue { workspace }, Arc::new(signal)).await;
            }
            if changes.len() < CHANGES as usize {
                return Ok(cursor);
            }
        }
    }

    /// Hints that records changed.
    pub(super) async fn tell_records(&self, workspace: WorkspaceId, committed: &crate::store::Committed) {
        self.inner.recent.forget(workspace);
        if let Some(change) = committed.change {
            let signal = Signal::Advanced { change, key: None };
            self.inner.bus.publish(Topic::Queue { workspace }, Arc::new(signal)).await;
        }
    }
}
