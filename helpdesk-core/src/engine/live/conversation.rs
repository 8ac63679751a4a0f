//! A conversation, live, for one who looks on.

use std::sync::Arc;

use async_stream::try_stream;
use futures_util::StreamExt as _;

use super::news::News;
use super::outlet::Outlet;
use super::reader::Reader;
use super::seat::Heard;
use super::standing::Standing;
use super::{LiveEvent, LiveStream, visible_version};
use crate::bus::Signal;
use crate::engine::WorkspaceHandle;
use crate::engine::draft_view::{DraftView, Piece};
use crate::error::{Error, Refusal};
use crate::id::{ConversationId, Version};
use crate::model::Audience;

impl WorkspaceHandle {
    pub(super) async fn watch_conversation(
        &self,
        audience: Audience,
        id: ConversationId,
        after: Option<Version>,
        outlet: Option<Arc<dyn Outlet>>,
    ) -> Result<LiveStream, Error> {
        // What comes from now on is news, and what was before is read.
        let (follower, place) = self.look_on(id, audience, outlet).await?;
        let conversation = self.desk.inner.store.conversations(self.id, &[id]).await?.pop().ok_or(Refusal::NotFound)?;
        let now = visible_version(&conversation, audience);
        let mut reader = Reader {
            workspace: self.clone(),
            audience,
            id,
            meeting: follower.meeting().clone(),
            stands: Standing { told: after.unwrap_or(now), seen: Version::ZERO, turn: None },
            hinted: Version::ZERO,
            begun: false,
            behind: true,
        };
        // A version from the future is that of a store which lost it: a backup was restored.
        let resync = reader.stands.told > now;
        drop(conversation);
        Ok(try_stream! {
            let _follower = follower;
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
                if std::mem::replace(&mut lagged, false)
                    && let Some(draft) = reader.draft_so_far(&mut view)
                {
                    yield draft;
                }
                while !reader.behind {
                    match place.hear(&mut reader.stands).await {
                        Heard::Over => return,
                        Heard::Lagged => {
                            reader.hint(Version(u64::MAX));
                            lagged = true;
                        }
                        Heard::News(news) => match news {
                            News::Unread => reader.hint(Version(u64::MAX)),
                            News::Changed(reading) if reading.change.prev == reader.stands.told => {
                                reader.take_over(&reading);
                                yield LiveEvent::Changed(reading.change);
                            }
                            News::Changed(reading) => if reading.change.version > reader.stands.told {
                                reader.hint(reading.seen.max(reading.change.version));
                            },
                            News::Turn(seen, turn) => if seen > reader.stands.seen {
                                (reader.stands.seen, reader.stands.turn) = (seen, turn);
                            },
                            News::Draft(signal) => if let Some(event) = reader.hear_draft(&signal, &mut view) {
                                yield event;
                            },
                            News::Passing(event) => yield event,
                        },
                    }
                }
            }
        }
        .boxed())
    }
}

impl Reader {
    /// The text of an answer so far, for one who was told none of it or not all. Where it is written on another node, that
    /// is asked.
    fn draft_so_far(&self, view: &mut DraftView) -> Option<LiveEvent> {
        let (workspace, id) = (&self.workspace, self.id);
        match workspace.desk.inner.drafts.get(workspace.id, id).filter(|draft| self.awaits(draft.turn)) {
            Some(draft) => match view.hear((draft.turn, draft.attempt), 0, &draft.text) {
                Piece::Tell(offset, text) => Some(LiveEvent::Delta { conversation: id, turn: draft.turn, offset, text }),
                Piece::Gap | Piece::Old => None,
            },
            None => {
                if self.is_answered() && view.ask() {
                    self.ask_for_draft();
                }
                None
            }
        }
    }

    /// What a piece of an answer, or its end, means to one who was told this much.
    fn hear_draft(&self, signal: &Signal, view: &mut DraftView) -> Option<LiveEvent> {
        match signal {
            // Still on its way when its answer was committed or withdrawn.
            Signal::Delta { turn, .. } if !self.awaits(*turn) => None,
            Signal::Delta { conversation, turn, attempt, offset, text } => match view.hear((*turn, *attempt), *offset, text) {
                Piece::Tell(offset, text) => Some(LiveEvent::Delta { conversation: *conversation, turn: *turn, offset, text }),
                Piece::Gap => {
                    if view.ask() {
                        self.ask_for_draft();
                    }
                    None
                }
                Piece::Old => None,
            },
            Signal::Discard { conversation, turn, attempt } if view.discard(*turn, *attempt) => {
                Some(LiveEvent::Discard { conversation: *conversation, turn: *turn })
            }
            _ => None,
        }
    }

    fn ask_for_draft(&self) {
        let (desk, workspace, id) = (self.workspace.desk.clone(), self.workspace.id, self.id);
        tokio::spawn(async move { desk.want_draft(workspace, id).await });
    }

    /// The text of an answer so far as a piece of it, for all who look on; where it is written on another node, that is
    /// asked.
    pub(super) async fn missed_draft(&self) -> Option<Signal> {
        let (workspace, conversation) = (&self.workspace, self.id);
        match workspace.desk.inner.drafts.get(workspace.id, conversation).filter(|draft| self.awaits(draft.turn)) {
            Some(draft) => Some(Signal::Delta { conversation, turn: draft.turn, attempt: draft.attempt, offset: 0, text: draft.text }),
            None => {
                if self.is_answered() {
                    workspace.desk.want_draft(workspace.id, conversation).await;
                }
                None
            }
        }
    }
}
