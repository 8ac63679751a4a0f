//! The workspace's queue, live: what changes in it, as the changes themselves tell, and what passes.

use std::collections::HashSet;

use async_stream::try_stream;
use futures_util::StreamExt as _;
use futures_util::stream;

use super::{CHANGES, LiveEvent, LiveStream, QueueChange, passing};
use crate::bus::{BusItem, EventBus as _, Signal, Topic};
use crate::engine::unattended::unattended;
use crate::engine::{Details, WorkspaceHandle};
use crate::error::Error;
use crate::id::{ContactId, ConversationId, OperatorId};
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
        let workspace = self.clone();
        Ok(try_stream! {
            let Some((mut cursor, mut changes, mut more)) = workspace.changes_after(after).await? else {
                yield LiveEvent::Resync;
                return;
            };
            let mut first = true;
            loop {
                if first || !changes.is_empty() {
                    first = false;
                    let (changes, counts) = workspace.queue_news(operator, std::mem::take(&mut changes)).await?;
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
                let Some(next) = workspace.changes_after(Some(cursor)).await? else {
                    yield LiveEvent::Resync;
                    return;
                };
                (cursor, changes, more) = next;
            }
        }
        .boxed())
    }

    /// The changes behind a cursor, the cursor behind them, and whether there may be more. None: resync.
    async fn changes_after(&self, cursor: Option<ChangeCursor>) -> Result<Option<(ChangeCursor, Vec<Change>, bool)>, Error> {
        let here = self.clone();
        match unattended(async move { here.desk.inner.store.changes(here.id, cursor, CHANGES).await }).await? {
            Changes::Some { changes, cursor } => {
                let more = changes.len() >= CHANGES as usize;
                Ok(Some((cursor, changes, more)))
            }
            Changes::Resync(_) => Ok(None),
        }
    }

    /// What these changes come to, and the counts of the views.
    async fn queue_news(&self, operator: OperatorId, changes: Vec<Change>) -> Result<(Vec<QueueChange>, ViewCounts), Error> {
        let here = self.clone();
        unattended(async move {
            let told = here.queue_changes(&changes).await?;
            Ok((told, here.desk.inner.store.counts(here.id, operator).await?))
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
        self.details_of_rows(page.items.into_iter().filter(|row| !here.contains(&row.conversation.id)).collect()).await
    }
}
