//! Reading a conversation forward, alone or with the others who look on.

use std::sync::Arc;

use super::meeting::Meeting;
use super::standing::Standing;
use super::{LiveEvent, visible_version};
use crate::engine::WorkspaceHandle;
use crate::engine::readings::{ConversationChange, Reading};
use crate::engine::unattended::unattended;
use crate::error::{Error, Refusal};
use crate::id::{ConversationId, Seq, TurnNumber, Version};
use crate::model::{Audience, Entry};
use crate::store::ChangedAfter;

/// Entries read at once in a replay.
const PAGE: u32 = 200;

/// Reads a conversation forward, in steps that end at whole versions.
pub(super) struct Reader {
    pub(super) workspace: WorkspaceHandle,
    pub(super) audience: Audience,
    pub(super) id: ConversationId,
    /// Where it meets the others who look on.
    pub(super) meeting: Arc<Meeting>,
    /// How far it has come.
    pub(super) stands: Standing,
    /// The version that was hinted at: a reading that is older is not enough.
    pub(super) hinted: Version,
    /// Something was told, be it only that nothing was missed.
    pub(super) begun: bool,
    /// There is something to read.
    pub(super) behind: bool,
}

impl Reader {
    /// Whether an answer of this turn may still come.
    pub(super) fn awaits(&self, turn: TurnNumber) -> bool {
        self.stands.turn.is_none_or(|(now, answering)| turn > now || (turn == now && answering))
    }

    /// Whether an answer is being written, as far as is known.
    pub(super) fn is_answered(&self) -> bool {
        self.stands.turn.is_some_and(|(_, answering)| answering)
    }

    pub(super) fn hint(&mut self, version: Version) {
        self.behind = version > self.stands.seen;
        self.hinted = version;
    }

    /// The next change, whether or not the stream is polled meanwhile.
    pub(super) async fn read(mut self) -> (Self, Result<Option<LiveEvent>, Error>) {
        if self.begun && !self.behind {
            return (self, Ok(None));
        }
        if self.begun
            && let Some(reading) = self.meeting.fitting(self.stands.told, self.hinted)
        {
            self.take_over(&reading);
            return (self, Ok(Some(LiveEvent::Changed(reading.change))));
        }
        self.read_unattended().await
    }

    fn read_unattended(mut self) -> impl Future<Output = (Self, Result<Option<LiveEvent>, Error>)> {
        unattended(async move {
            let reading = self.read_with_others().await;
            (self, reading.map(|reading| reading.map(|reading| LiveEvent::Changed(reading.change))))
        })
    }

    /// The next change, read by whoever of those who look on comes first.
    pub(super) async fn read_with_others(&mut self) -> Result<Option<Reading>, Error> {
        if !self.begun || !self.behind {
            return self.read_alone().await;
        }
        let meeting = self.meeting.clone();
        let _reading = meeting.reading.lock().await;
        if let Some(reading) = meeting.fitting(self.stands.told, self.hinted) {
            self.take_over(&reading);
            return Ok(Some(reading));
        }
        let reading = self.read_alone().await?;
        // A part of a long replay is nobody else's.
        if let Some(reading) = reading.as_ref().filter(|_| !self.behind) {
            meeting.leave(reading.clone());
        }
        Ok(reading)
    }

    /// Stands where one came to who stood where this one stands; the change is to be told.
    pub(super) fn take_over(&mut self, reading: &Reading) {
        self.behind = false;
        self.stands.take_over(reading);
    }

    async fn read_alone(&mut self) -> Result<Option<Reading>, Error> {
        let mut after = ChangedAfter { version: self.stands.told, seq: Seq::ZERO };
        let mut entries: Vec<Entry> = Vec::new();
        while self.behind {
            let store = &self.workspace.desk.inner.store;
            let changed = store.changed(self.workspace.id, self.id, after, self.audience, PAGE).await?.ok_or(Refusal::NotFound)?;
            entries.extend(changed.entries);
            let conversation = changed.conversation;
            let version = match changed.more {
                None => {
                    self.behind = false;
                    self.stands.seen = conversation.version;
                    self.stands.turn = Some((conversation.turn, conversation.answering));
                    visible_version(&conversation, self.audience).max(self.stands.told)
                }
                Some(more) => {
                    // Only whole versions: a client that resumes behind one must not miss its rest.
                    let last = entries.last().map_or(Version::ZERO, |entry| entry.rev);
                    if entries.first().is_none_or(|entry| entry.rev == last) {
                        after = more;
                        continue;
                    }
                    entries.retain(|entry| entry.rev < last);
                    entries.last().map_or(self.stands.told, |entry| entry.rev)
                }
            };
            if self.begun && version == self.stands.told && entries.is_empty() {
                return Ok(None);
            }
            self.begun = true;
            let summary = self.workspace.details_of(conversation).await?;
            let prev = std::mem::replace(&mut self.stands.told, version);
            let change = Arc::new(ConversationChange::new(prev, version, entries, summary));
            return Ok(Some(Reading { change, seen: self.stands.seen, turn: self.stands.turn }));
        }
        Ok(None)
    }
}
