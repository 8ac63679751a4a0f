//! Reading timelines, for both sides.

use helpdesk_core::engine::{ContactHandle, OperatorHandle};
use helpdesk_core::id::{ConversationId, Seq, Version};
use helpdesk_core::model::{self, Audience};
use helpdesk_core::store::{Changed, TimelineRange};

use crate::dto::{Entry, Timeline};
use crate::extract::EitherWay;
use crate::problem::Problem;

/// So many entries of one version are read at most, where a page would have cut the version in two.
const ONE_VERSION: u32 = 10_000;

/// Who reads.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reader<'a> {
    Contact(&'a ContactHandle),
    Operator(&'a OperatorHandle),
}

impl Reader<'_> {
    /// The part of the timeline that is asked for.
    pub(crate) async fn read(self, id: ConversationId, query: EitherWay) -> Result<Timeline, Problem> {
        match query {
            EitherWay { after, before: None, changed_after: None, limit } => {
                let range = TimelineRange::After(Seq(after.unwrap_or_default().0));
                self.range(id, range, limit.0).await
            }
            EitherWay { after: None, before: Some(before), changed_after: None, limit } => {
                self.range(id, TimelineRange::Before(Seq(before.0)), limit.0).await
            }
            EitherWay { after: None, before: None, changed_after: Some(version), limit } => {
                self.changed(id, Version(version.0), limit.0).await
            }
            EitherWay { before: Some(_), .. } => {
                Err(Problem::invalid("before", "before: only one of after, before and changed_after may be given"))
            }
            EitherWay { .. } => {
                Err(Problem::invalid("changed_after", "changed_after: only one of after, before and changed_after may be given"))
            }
        }
    }

    async fn range(self, id: ConversationId, range: TimelineRange, limit: u32) -> Result<Timeline, Problem> {
        let (conversation, entries) = match self {
            Self::Contact(contact) => contact.timeline(id, range, limit).await?,
            Self::Operator(operator) => operator.timeline(id, range, limit).await?,
        };
        let (seq, version) = self.heads(&conversation);
        let last = entries.last().map(|entry| entry.seq.0);
        let full = entries.len() >= limit as usize && matches!(range, TimelineRange::After(_));
        let next_after = last.filter(|last| full && *last < seq);
        Ok(Timeline { entries: Entry::all(&entries, self.audience()), seq, version, next_after })
    }

    /// What changed, up to a whole version, so that whoever goes on from it misses nothing.
    async fn changed(self, id: ConversationId, after: Version, limit: u32) -> Result<Timeline, Problem> {
        let Changed { mut conversation, mut entries, mut more } = self.changed_page(id, after, limit).await?;
        let one_version = |entries: &[model::Entry]| entries.first().map(|entry| entry.rev) == entries.last().map(|entry| entry.rev);
        if more.is_some() && one_version(&entries) {
            Changed { conversation, entries, more } = self.changed_page(id, after, ONE_VERSION).await?;
            // More than the one version came along; it has its own page.
            let first = entries.first().map(|entry| entry.rev);
            if more.is_some() || entries.last().map(|entry| entry.rev) != first {
                let next = entries.iter().find(|entry| Some(entry.rev) != first).map(|entry| entry.rev);
                entries.retain(|entry| Some(entry.rev) == first);
                return Ok(self.partly(&conversation, &entries, next.is_some() || more.is_some()));
            }
        } else if more.is_some() {
            let last = entries.last().map(|entry| entry.rev);
            entries.retain(|entry| Some(entry.rev) != last);
            return Ok(self.partly(&conversation, &entries, true));
        }
        Ok(self.partly(&conversation, &entries, false))
    }

    fn partly(self, conversation: &model::Conversation, entries: &[model::Entry], more: bool) -> Timeline {
        let (seq, head) = self.heads(conversation);
        let reached = entries.last().map_or(head, |entry| entry.rev.0);
        let (version, next_after) = if more { (reached, Some(reached)) } else { (head, None) };
        Timeline { entries: Entry::all(entries, self.audience()), seq, version, next_after }
    }

    async fn changed_page(self, id: ConversationId, after: Version, limit: u32) -> Result<Changed, Problem> {
        Ok(match self {
            Self::Contact(contact) => contact.changed(id, after, limit).await?,
            Self::Operator(operator) => operator.changed(id, after, limit).await?,
        })
    }

    const fn audience(self) -> Audience {
        match self {
            Self::Contact(_) => Audience::Contact,
            Self::Operator(_) => Audience::Team,
        }
    }

    const fn heads(self, conversation: &model::Conversation) -> (u64, u64) {
        match self {
            Self::Contact(_) => (conversation.public_seq.0, conversation.public_version.0),
            Self::Operator(_) => (conversation.seq.0, conversation.version.0),
        }
    }
}
