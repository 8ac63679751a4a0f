//! Who follows a conversation for all of this node who look on as one audience.
//!
//! It hears the bus and the heartbeat, reads a change once, and hands it to everybody: who stands where it stood tells it
//! on, who stands elsewhere reads until it is level. So to look on and to be told nothing costs a place in a channel, and
//! hints that bring nothing new wake nobody.
//!
//! Where the change was committed by this node it is laid down before the hint goes out, and nobody reads at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use tokio::sync::{Notify, OnceCell, broadcast};
use tokio_util::task::AbortOnDropHandle;

use super::followers::Followers;
use super::meeting::Meeting;
use super::reader::Reader;
use super::{LiveEvent, passing, visible_version};
use crate::bus::{BusItem, EventBus as _, Signal, Topic};
use crate::engine::WorkspaceHandle;
use crate::engine::readings::Reading;
use crate::error::{Error, Refusal};
use crate::id::{ConversationId, TurnNumber, Version, WorkspaceId};
use crate::model::Audience;

/// News that one who looks on may be behind before it reads for itself.
const BACKLOG: usize = 16;

/// What those who look on are told. It is cloned for each of them: behind one more pointer it would cost each another look at
/// what all of them share.
#[derive(Clone)]
pub(super) enum News {
    /// It changed. Who stood elsewhere reads.
    Changed(Reading),
    /// The change could not be read: whoever looks on finds out for itself, and says so.
    Unread,
    /// Nothing changed that this audience may see, but whether an answer is awaited is known anew, with the conversation's
    /// version then.
    Turn(Version, Option<(TurnNumber, bool)>),
    /// A piece of an answer, or its end; each puts them together as far as it was told.
    Draft(Arc<Signal>),
    /// It happens now and is not kept.
    Passing(LiveEvent),
}

impl std::fmt::Debug for News {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("News")
    }
}

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
    news: broadcast::WeakSender<News>,
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
        self.begun.get().is_some_and(|begun| begun.news.strong_count() == 0)
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
    ) -> Result<(Arc<Follower>, broadcast::Receiver<News>), Error> {
        let follower = self.desk.inner.followers.get_or_new((self.id, conversation, audience));
        let begun = follower.begun.get_or_try_init(|| self.begin_to_follow(&follower)).await?;
        // Where the bus has ended there is nothing to hear.
        let news = begun.news.upgrade().map_or_else(|| broadcast::channel(1).1, |news| news.subscribe());
        // The one before may have been the last to listen here.
        self.desk.watch(self.id).await?;
        Ok((follower, news))
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
            told: visible_version(&conversation, audience),
            seen: conversation.version,
            hinted: Version::ZERO,
            begun: true,
            behind: false,
            turn: Some((conversation.turn, conversation.answering)),
        };
        let news = broadcast::channel(BACKLOG).0;
        let weak = news.downgrade();
        let task = tokio::spawn(follow(reader, heard, Arc::clone(&follower.beat), news));
        Ok(Begun { news: weak, _task: AbortOnDropHandle::new(task) })
    }
}

/// Hears, reads and tells, until the bus ends or nobody looks on.
async fn follow(mut reader: Reader, mut heard: BoxStream<'static, BusItem>, beat: Arc<Beat>, news: broadcast::Sender<News>) {
    let tell = |told: News| drop(news.send(told));
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
                Signal::Delta { .. } | Signal::Discard { .. } => tell(News::Draft(signal)),
                signal => {
                    if let Some(event) = passing(signal, reader.audience) {
                        tell(News::Passing(event));
                    }
                }
            },
        }
        let turn = reader.turn;
        while reader.behind {
            // What reading takes is not kept while nothing happens: many conversations are followed.
            match Box::pin(reader.read_with_others()).await {
                Ok(Some(reading)) => tell(News::Changed(reading)),
                Ok(None) if reader.turn != turn => tell(News::Turn(reader.seen, reader.turn)),
                Ok(None) => {}
                Err(_) => {
                    // It is read again at the next hint.
                    reader.behind = false;
                    tell(News::Unread);
                }
            }
        }
        if lagged && let Some(draft) = Box::pin(reader.missed_draft()).await {
            tell(News::Draft(Arc::new(draft)));
        }
    }
}
