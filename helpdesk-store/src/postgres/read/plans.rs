//! Every statement that reads, for the tests of their plans.

use helpdesk_core::store::Sort;

use super::{changes, counts, lists, queue, snapshot, timeline};
use crate::sql::queue::{WALKS, Walk};

pub(in crate::postgres) fn statements() -> Vec<String> {
    let mut statements: Vec<String> = [
        changes::CHANGES,
        counts::COUNTS,
        lists::CONVERSATIONS,
        lists::CONTACTS,
        lists::TICKETS,
        lists::RECORD,
        lists::FIRST_RECORDS,
        lists::RECORDS,
        lists::LAST_AUDIT,
        lists::AUDIT,
        timeline::AFTER,
        timeline::BEFORE,
        timeline::CHANGED,
    ]
    .map(str::to_owned)
    .to_vec();
    statements.extend(snapshot::SNAPSHOTS.iter().cloned());
    statements
}

/// The statements of each walk, and the index that they should go along.
pub(in crate::postgres) fn walks() -> Vec<(Vec<String>, &'static str)> {
    let index = |walk| match walk {
        Walk::All => "conversations_all",
        Walk::Answered => "conversations_answered",
        Walk::Responsible => "conversations_responsible",
        Walk::Unassigned => "conversations_unassigned",
        Walk::Waiting => "conversations_waiting",
        Walk::Claimed => "conversations_claimed",
        Walk::Pending => "conversations_pending",
        Walk::Resolved => "conversations_resolved",
        Walk::OfContact => "conversations_by_contact",
    };
    let sorts = [Sort::Newest, Sort::Oldest];
    let statements = |walk| sorts.iter().flat_map(|sort| [queue::plain_sql(&[walk], *sort), queue::filtered_sql(&[walk], *sort)]).collect();
    WALKS.iter().map(|walk| (statements(*walk), index(*walk))).collect()
}
