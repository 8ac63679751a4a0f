//! The workspace's queue, live: what changes in it, as the changes themselves tell, and what passes.
//!
//! What changed is the same for everybody who listens, and read once for those who stand at the same place; only the counts are
//! each operator's own.

use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;

use async_stream::try_stream;
use futures_util::StreamExt as _;
use futures_util::stream;

use super::steps::{Step, Steps};
use super::{CHANGES, LiveEvent, LiveStream, QueueChange, passing};
use crate::bus::{BusItem, EventBus as _, Signal, Topic};
use crate::engine::unattended::unattended;
use crate::engine::{Details, WorkspaceHandle};
use crate::error::Error;
use crate::id::{ChangeNumber, ContactId, ConversationId, OperatorId};
use crate::model::{Audience, RecordBody, RecordKey, RecordKind};
use crate::store::{Change, ChangeCursor, Changes, Key, ViewCounts};

/// Conversations told of when their contact changes: the latest ones, as a queue shows them.
const RENAMED: u32 = 50;

impl WorkspaceHandle {
    pub(super) async fn watch_queue(&self, operator: OperatorId, after: Option<ChangeCursor>) -> Result<LiveStream, Error> {
        let topic = Topic::Queue { workspace: self.id };
        let (bus, heartbeat) = (self.desk.inner.bus.subscribe(topic).await, self.desk.inner.heartbeat.subscribe(topic).await);
        let mut signals = stream::select(bus, heartbeat);
        self.desk.watch(self.id).await?;
        if let Some(begun) = self.desk.attend(self.id) {
            // It ends without a word only if the helpdesk does.
            let _ = begun.await;
        }
        let mut listener = Listener { workspace: self.clone(), operator, steps: self.desk.inner.queue_steps.of(self.id), hinted: None };
        Ok(try_stream! {
            let Some((Step { to: mut cursor, changes, mut more, .. }, counts)) = listener.begin(after).await? else {
                yield LiveEvent::Resync;
                return;
            };
            yield LiveEvent::Queue { cursor, changes, counts };
            loop {
                while !more {
                    match signals.next().await {
                        None => return,
                        Some(BusItem::Lagged) => {
                            listener.hinted = None;
                            more = true;
                        }
                        Some(BusItem::Signal(signal)) => match &*signal {
                            Signal::Advanced { change, .. } if *change <= cursor.number => {}
                            Signal::Advanced { change, .. } => {
                                listener.hinted = Some(*change);
                                more = true;
                            }
                            signal => if let Some(event) = passing(signal, Audience::Team) {
                                yield event;
                            },
                        },
                    }
                }
                // Who waits holds nothing of what was told: it may be much.
                let Some((Step { to, changes, more: further, .. }, counts)) = listener.next(cursor).await? else {
                    yield LiveEvent::Resync;
                    return;
                };
                (cursor, more) = (to, further);
                if let Some(counts) = counts {
                    yield LiveEvent::Queue { cursor, changes, counts };
                }
            }
        }
        .boxed())
    }

    /// Reads what changed behind a cursor. None: resync.
    async fn read_step(&self, from: Option<ChangeCursor>) -> Result<Option<Step>, Error> {
        match self.desk.inner.store.changes(self.id, from, CHANGES).await? {
            Changes::Some { changes, cursor } => {
                let more = changes.len() >= CHANGES as usize;
                let changes = self.queue_changes(&changes).await?.into();
                Ok(Some(Step { from: from.unwrap_or(cursor), to: cursor, changes, more }))
            }
            Changes::Resync(_) => Ok(None),
        }
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
        self.details_of_rows(page.items.into_iter().filter(|row| !here.contains(&row.conversation.id)).collect()).await
    }
}

/// One who listens to a queue.
#[derive(Clone, Debug)]
struct Listener {
    workspace: WorkspaceHandle,
    operator: OperatorId,
    steps: Arc<Steps>,
    /// The change that was hinted at last; none: nobody knows how far it goes.
    hinted: Option<ChangeNumber>,
}

impl Listener {
    /// What was missed, and the counts of the views. None: resync.
    fn begin(&self, after: Option<ChangeCursor>) -> impl Future<Output = Result<Option<(Step, ViewCounts)>, Error>> + use<> {
        let here = self.clone();
        unattended(async move {
            let Some(step) = here.workspace.read_step(after).await? else { return Ok(None) };
            let counts = here.counts().await?;
            Ok(Some((step, counts)))
        })
    }

    /// The next step, and the counts of the views if it leads anywhere. None: resync.
    fn next(&self, from: ChangeCursor) -> impl Future<Output = Result<Option<(Step, Option<ViewCounts>)>, Error>> + use<> {
        let here = self.clone();
        unattended(async move {
            let Some(step) = here.step_with_others(from).await? else { return Ok(None) };
            let counts = if step.to == from { None } else { Some(here.counts().await?) };
            Ok(Some((step, counts)))
        })
    }

    /// The next step, read by whoever of those who listen comes first.
    async fn step_with_others(&self, from: ChangeCursor) -> Result<Option<Step>, Error> {
        let _reading = self.steps.reading.lock().await;
        if let (Some(hinted), Some(mut step)) = (self.hinted, self.steps.from(from)) {
            step.more |= step.to.number < hinted;
            return Ok(Some(step));
        }
        let step = self.workspace.read_step(Some(from)).await?;
        step.iter().for_each(|step| self.steps.leave(step));
        Ok(step)
    }

    async fn counts(&self) -> Result<ViewCounts, Error> {
        Ok(self.workspace.desk.inner.store.counts(self.workspace.id, self.operator).await?)
    }
}
