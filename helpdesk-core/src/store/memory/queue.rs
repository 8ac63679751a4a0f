//! Walks over conversations: the queue, its counts, and what a contact began.

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::id::{ContactId, ConversationId, OperatorId};
use crate::model::Conversation;
use crate::store::{Page, QueueCursor, QueueQuery, QueueRow, QueueView, Sort, ViewCounts};

use super::items;
use super::tenant::Tenant;

/// The most rows that one call walks, so that a filter that few rows pass does not hold the lock long. The page is
/// short then and goes on behind the last row walked.
const WALK_LIMIT: usize = 5_000;

/// A page of nothing.
pub(super) const fn empty() -> Page<QueueRow, QueueCursor> {
    Page { items: Vec::new(), next: None }
}

impl Tenant {
    pub(super) fn queue(&self, query: &QueueQuery) -> Page<QueueRow, QueueCursor> {
        let cursor = query.cursor.map(|cursor| (cursor.at, cursor.id));
        let limit = items(query.limit);
        let holds = |conversation: &Conversation| query.holds(conversation);
        match (query.sort, cursor) {
            (Sort::Newest, None) => self.walk(self.by_activity.iter().rev(), limit, holds),
            (Sort::Newest, Some(cursor)) => self.walk(self.by_activity.range(..cursor).rev(), limit, holds),
            (Sort::Oldest, None) => self.walk(self.by_activity.iter(), limit, holds),
            (Sort::Oldest, Some(cursor)) => {
                let behind = (std::ops::Bound::Excluded(cursor), std::ops::Bound::Unbounded);
                self.walk(self.by_activity.range(behind), limit, holds)
            }
        }
    }

    fn walk<'a>(
        &self,
        rows: impl Iterator<Item = &'a (Timestamp, ConversationId)>,
        limit: usize,
        holds: impl Fn(&Conversation) -> bool,
    ) -> Page<QueueRow, QueueCursor> {
        let mut page = empty();
        let mut walked = None;
        for (index, (at, id)) in rows.enumerate() {
            if page.items.len() == limit || index == WALK_LIMIT {
                page.next = walked;
                break;
            }
            walked = Some(QueueCursor { at: *at, id: *id });
            page.items.extend(self.conversations.get(id).filter(|conversation| holds(conversation)).map(|it| self.row(it)));
        }
        page
    }

    fn row(&self, conversation: &Arc<Conversation>) -> QueueRow {
        QueueRow {
            conversation: Arc::clone(conversation),
            contact: self.contacts.get(&conversation.contact).cloned(),
            ticket: conversation.ticket.as_ref().and_then(|link| self.tickets.get(&link.id)).cloned(),
        }
    }

    pub(super) fn counts(&self, operator: OperatorId) -> ViewCounts {
        let mut counts = ViewCounts::default();
        for conversation in self.conversations.values() {
            let count = |number: &mut u64, view: QueueView| *number += u64::from(view.holds(conversation, operator));
            count(&mut counts.all, QueueView::All);
            count(&mut counts.mine, QueueView::Mine);
            count(&mut counts.unassigned, QueueView::Unassigned);
            count(&mut counts.waiting, QueueView::Waiting);
            count(&mut counts.claimed, QueueView::Claimed);
            count(&mut counts.pending, QueueView::Pending);
            count(&mut counts.resolved, QueueView::Resolved);
        }
        counts
    }

    pub(super) fn conversations_of(&self, contact: ContactId, cursor: Option<QueueCursor>, limit: usize) -> Page<QueueRow, QueueCursor> {
        let first = (contact, Timestamp::MIN_UTC, ConversationId::from_uuid(uuid::Uuid::nil()));
        let rows = match cursor {
            Some(cursor) => self.by_contact.range(first..(contact, cursor.at, cursor.id)),
            None => self.by_contact.range(first..=(contact, Timestamp::MAX_UTC, ConversationId::from_uuid(uuid::Uuid::max()))),
        };
        let mut rows = rows.rev().filter_map(|(_, _, id)| self.conversations.get(id));
        let items: Vec<_> = rows.by_ref().take(limit).map(|conversation| self.row(conversation)).collect();
        let next = rows.next().and_then(|_| items.last().map(|row| QueueCursor::behind(&row.conversation)));
        Page { items, next }
    }
}
