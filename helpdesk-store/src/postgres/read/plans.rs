//! Every statement that reads, for the tests of their plans.

use helpdesk_core::store::Sort;

use super::{changes, counts, lists, queue, snapshot, timeline};
use crate::sql::queue::WALKS;

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
    for walk in WALKS {
        for sort in [Sort::Newest, Sort::Oldest] {
            statements.push(queue::plain_sql(&[walk], sort));
            statements.push(queue::filtered_sql(&[walk], sort));
        }
    }
    statements
}
