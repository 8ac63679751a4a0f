//! Queues that go wrong.

use super::{BrokenStore, Fault};
use crate::id::{OperatorId, WorkspaceId};
use crate::store::{Page, QueueCursor, QueueQuery, QueueRow, QueueView, Sort, Store as _, StoreError, ViewCounts};

impl BrokenStore {
    pub(super) async fn broken_queue(&self, workspace: WorkspaceId, query: &QueueQuery) -> Result<Page<QueueRow, QueueCursor>, StoreError> {
        let mut query = query.clone();
        if self.is(Fault::LimitsAreIgnored) {
            query.limit = u32::MAX;
        }
        let mut page = self.inner.queue(workspace, &query).await?;
        match self.fault {
            Fault::CursorsAreTimesOnly => {
                if let Some(cursor) = query.cursor {
                    page.items.retain(|row| row.conversation.last_activity_at != cursor.at);
                }
            }
            Fault::MineIsWhatIAnswer if query.view == QueueView::Mine => {
                page.items.retain(|row| row.conversation.assignee.is_operator(query.operator));
            }
            Fault::OldestIsNotNewestBackwards if query.sort == Sort::Oldest => {
                page.items.sort_by_key(|row| (row.conversation.last_activity_at, std::cmp::Reverse(row.conversation.id)));
            }
            Fault::RowsKeepTheirContact => {
                for contact in page.items.iter_mut().filter_map(|row| row.contact.as_mut()) {
                    *contact = self.journal().contacts.entry((workspace, contact.id)).or_insert_with(|| (**contact).clone()).clone().into();
                }
            }
            Fault::RowsForgetTheirTicket => page.items.iter_mut().for_each(|row| row.ticket = None),
            _ => {}
        }
        Ok(page)
    }

    pub(super) async fn broken_counts(&self, workspace: WorkspaceId, operator: OperatorId) -> Result<ViewCounts, StoreError> {
        let mut counts = self.inner.counts(workspace, operator).await?;
        if self.is(Fault::CountsDrift) {
            // Added to by every write, taken from by none.
            counts.all = self.journal().conversations_written.get(&workspace).copied().unwrap_or_default();
        }
        Ok(counts)
    }
}
