//! How a queue is walked, whatever the database.
//!
//! A view is one or two walks (mine has one along what I answer and one along what I am responsible for), each along an
//! index in the order of the page. Filters are tested while walking, at most [`LONGEST`] rows a call; a walk that ends
//! there makes the page short, and its cursor goes on from that row.

use std::cmp::Ordering;

use helpdesk_core::id::ConversationId;
use helpdesk_core::model::Status;
use helpdesk_core::store::{AssigneeFilter, Page, QueueCursor, QueueQuery, QueueRow, QueueView, Sort};
use uuid::Uuid;

use super::facets::{ASSISTANT, NOBODY, OPERATOR, status_code};
use super::fault::Fault;
use super::value::{micros, timestamp};

/// The most rows that one walk looks at.
pub(crate) const LONGEST: i64 = 5_000;
/// The most rows of a page.
pub(crate) const LARGEST: u32 = 200;

/// A way through the conversations of a workspace, in order of activity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Walk {
    All,
    /// What somebody answers.
    Answered,
    /// What somebody is responsible for, but does not answer: that is found by the other walk.
    Responsible,
    Unassigned,
    Waiting,
    Claimed,
    Pending,
    Resolved,
    OfContact,
}

/// Every walk, for the tests of their plans.
#[cfg(test)]
pub(crate) const WALKS: [Walk; 9] = [
    Walk::All,
    Walk::Answered,
    Walk::Responsible,
    Walk::Unassigned,
    Walk::Waiting,
    Walk::Claimed,
    Walk::Pending,
    Walk::Resolved,
    Walk::OfContact,
];

/// The walks of a view, or a shorter one that a filter allows.
pub(crate) fn walks(query: &QueueQuery) -> &'static [Walk] {
    match (query.view, query.status) {
        (QueueView::All | QueueView::Resolved, Some(Status::Resolved)) => &[Walk::Resolved],
        (QueueView::All | QueueView::Pending, Some(Status::Pending)) => &[Walk::Pending],
        (QueueView::All, _) => &[Walk::All],
        (QueueView::Mine, _) => &[Walk::Answered, Walk::Responsible],
        (QueueView::Unassigned, _) => &[Walk::Unassigned],
        (QueueView::Waiting, _) => &[Walk::Waiting],
        (QueueView::Claimed, _) => &[Walk::Claimed],
        (QueueView::Pending, _) => &[Walk::Pending],
        (QueueView::Resolved, _) => &[Walk::Resolved],
    }
}

/// What is asked of a row besides its place, as columns have it. What is not asked for is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filters {
    pub(crate) status: Option<i64>,
    pub(crate) assignee: Option<i64>,
    pub(crate) operator: Option<Uuid>,
    pub(crate) assistant: Option<Uuid>,
    pub(crate) flagged: Option<bool>,
    pub(crate) unread: Option<bool>,
}

impl Filters {
    pub(crate) fn of(query: &QueueQuery) -> Self {
        let (assignee, operator) = match query.assignee {
            None => (None, None),
            Some(AssigneeFilter::Assistant) => (Some(ASSISTANT), None),
            Some(AssigneeFilter::Nobody) => (Some(NOBODY), None),
            Some(AssigneeFilter::Operator(operator)) => (Some(OPERATOR), Some(operator.as_uuid())),
        };
        Self {
            status: query.status.map(status_code),
            assignee,
            operator,
            assistant: query.assistant.map(|assistant| assistant.as_uuid()),
            flagged: query.flagged,
            unread: query.unread,
        }
    }

    /// Whether every row passes.
    pub(crate) fn are_none(&self) -> bool {
        *self == Self::default()
    }
}

/// Where a row stands: by activity, then by id.
pub(crate) type Place = (i64, Uuid);

fn place(row: &QueueRow) -> Place {
    let conversation = &*row.conversation;
    (micros(conversation.last_activity_at), conversation.id.as_uuid())
}

/// How the rows of several walks become a page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paging {
    pub(crate) sort: Sort,
    pub(crate) limit: u32,
}

impl Paging {
    /// One more row than the page, to know whether it goes on.
    pub(crate) fn fetched(self) -> i64 {
        i64::from(self.limit) + 1
    }

    fn order(self, one: Place, other: Place) -> Ordering {
        match self.sort {
            Sort::Newest => other.cmp(&one),
            Sort::Oldest => one.cmp(&other),
        }
    }

    /// Which of these ends of walks comes first: behind it another walk may have missed some.
    pub(crate) fn first(self, ends: impl IntoIterator<Item = Place>) -> Option<Place> {
        ends.into_iter().min_by(|one, other| self.order(*one, *other))
    }

    /// The page of these rows. Behind `end` another walk may have missed some.
    pub(crate) fn page(self, mut rows: Vec<QueueRow>, end: Option<Place>) -> Result<Page<QueueRow, QueueCursor>, Fault> {
        if let Some(end) = end {
            rows.retain(|row| self.order(place(row), end) != Ordering::Greater);
        }
        rows.sort_by(|one, other| self.order(place(one), place(other)));
        let more = rows.len() > self.limit as usize;
        rows.truncate(self.limit as usize);
        let next = match end {
            _ if more => rows.last().map(|row| QueueCursor::behind(&row.conversation)),
            Some((at, id)) => Some(QueueCursor { at: timestamp(at)?, id: ConversationId::from_uuid(id) }),
            None => None,
        };
        Ok(Page { items: rows, next })
    }
}
