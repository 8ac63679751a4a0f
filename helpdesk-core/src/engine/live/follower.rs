//! Who follows a conversation for all of this node who look on as one audience.
//!
//! It hears the bus and the heartbeat, reads a change once, and hands it to everybody: who stands where it stood tells it
//! on, who stands elsewhere reads until it is level. So to look on and to be told nothing costs a seat, and hints that bring
//! nothing new wake nobody; nor do changes that the seat's outlet takes.
//!
//! Where the change was committed by this node it is laid down before the hint goes out, and nobody reads at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use tokio::sync::{Notify, OnceCell};
use tokio_util::task::AbortOnDropHandle;

use super::followers::Followers;
use super::meeting::Meeting;
use super::news::News;
use super::outlet::Outlet;
use super::reader::Reader;
use super::seats::{Place, Seats};
use super::standing::Standing;
use super::{passing, visible_version};
use crate::bus::{BusItem, EventBus as _, Signal, Topic};
use crate::engine::WorkspaceHandle;
use crate::error::{Error, Refusal};
use crate::id::{ConversationId, Version, WorkspaceId};
use crate::model::Audience;

/// What the heartbeat noticed.
#[derive(Debug, Default)]
struct Beat {
    version: AtomicU64,
    noticed: Notify,
}

impl Beat {
    fn hint(&self, version: Version) {
        self.version.fetch_max(version.0, Ordering::Relaxed);
        self.noticed.notify_one();
    }

    async fn hinted(&self) -> Version {
        self.noticed.notified().await;
        Version(self.version.swap(0, Ordering::Relaxed))
    }
}

pub(in crate::engine) type Key = (WorkspaceId, ConversationId, Audience);

/// Follows one conversation for one audience, for as long as somebody holds it.
#[derive(Debug)]
pub(in crate::engine) struct Follower {
    key: Key,
    others: Arc<Followers>,
    meeting: Arc<Meeting>,
    beat: Arc<Beat>,
    begun: OnceCell<Begun>,
}

#[derive(Debug)]
struct Begun {
    /// Over when the task is.
    seats: Arc<Seats>,
    _task: AbortOnDropHandle<()>,
}

impl Follower {
    pub(super) fn new(key: Key, others: Arc<Followers>) -> Self {
        Self { key, others, meeting: Arc::default(), beat: Arc::default(), begun: OnceCell::new() }
    }

    /// Its conversation is at this version, says the heartbeat.
    pub(super) fn hint(&self, version: Version) {
        self.beat.hint(version);
    }

    pub(in crate::engine) fn meeting(&self) -> &Arc<Meeting> {
        &self.meeting
    }

    pub(super) fn is_over(&self) -> bool {
        self.begun.get().is_some_and(|begun| begun.seats.are_over())
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.others.forget(self.key);
    }
}

impl WorkspaceHandle {
    /// Looks on together with everybody else of this node who does: what happens from now on comes as news.
    pub(super) async fn look_on(
        &self,
        conversation: ConversationId,
        audience: Audience,
        outlet: Option<Arc<dyn Outlet>>,
    ) -> Result<(Arc<Follower>, Place), Error> {
        let follower = self.desk.inner.followers.get_or_new((self.id, conversation, audience));
        let begun = follower.begun.get_or_try_init(|| self.begin_to_follow(&follower)).await?;
        let place = begun.seats.take(outlet);
        // The one before may have been the last to listen here.
        self.desk.watch(self.id).await?;
        Ok((follower, place))
    }

    async fn begin_to_follow(&self, follower: &Follower) -> Result<Begun, Error> {
        let (workspace, id, audience) = follower.key;
        let heard = self.desk.inner.bus.subscribe(Topic::Conversation { workspace, conversation: id }).await;
        self.desk.watch(workspace).await?;
        let conversation = self.desk.inner.store.conversations(workspace, &[id]).await?.pop().ok_or(Refusal::NotFound)?;
        let reader = Reader {
            workspace: self.clone(),
            audience,
            id,
            meeting: Arc::clone(&follower.meeting),
            stands: Standing {
                told: visible_version(&conversation, audience),
                seen: conversation.version,
                turn: Some((conversation.turn, conversation.answering)),
            },
            hinted: Version::ZERO,
            begun: true,
            behind: false,
        };
        let seats = Arc::<Seats>::default();
        let telling = Telling { seats: Arc::clone(&seats), audience };
        let task = tokio::spawn(follow(reader, heard, Arc::clone(&follower.beat), telling));
        Ok(Begun { seats, _task: AbortOnDropHandle::new(task) })
    }
}

/// Tells those who look on, who are told that it is over when it is.
struct Telling {
    seats: Arc<Seats>,
    audience: Audience,
}

impl Telling {
    async fn tell(&self, news: News) {
        // What this takes is not kept while nothing happens: many conversations are followed.
        Box::pin(self.seats.tell(self.audience, news)).await;
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        self.seats.end();
    }
}

/// Hears, reads and tells, until the bus ends or nobody looks on.
async fn follow(mut reader: Reader, mut heard: BoxStream<'static, BusItem>, beat: Arc<Beat>, telling: Telling) {
    loop {
        let item = tokio::select! {
            item = heard.next() => item,
            version = beat.hinted() => {
                let signal = Signal::Changed { conversation: reader.id, version };
                Some(BusItem::Signal(Arc::new(signal)))
            }
        };
        let lagged = matches!(item, Some(BusItem::Lagged));
        match item {
            None => return,
            Some(BusItem::Lagged) => reader.hint(Version(u64::MAX)),
            Some(BusItem::Signal(signal)) => match &*signal {
                Signal::Changed { version, .. } => reader.hint(*version),
                // Deltas that were still on their way when their answer was committed or withdrawn.
                Signal::Delta { turn, .. } if !reader.awaits(*turn) => {}
                Signal::Delta { .. } | Signal::Discard { .. } => telling.tell(News::Draft(signal)).await,
                signal => {
                    if let Some(event) = passing(signal, reader.audience) {
                        telling.tell(News::Passing(event)).await;
                    }
                }
            },
        }
        let turn = reader.stands.turn;
        while reader.behind {
            match Box::pin(reader.read_with_others()).await {
                Ok(Some(reading)) => telling.tell(News::Changed(reading)).await,
                Ok(None) if reader.stands.turn != turn => telling.tell(News::Turn(reader.stands.seen, reader.stands.turn)).await,
                Ok(None) => {}
                Err(_) => {
                    // It is read again at the next hint.
                    reader.behind = false;
                    telling.tell(News::Unread).await;
                }
            }
        }
        if lagged && let Some(draft) = Box::pin(reader.missed_draft()).await {
            telling.tell(News::Draft(Arc::new(draft))).await;
        }
    }
}
