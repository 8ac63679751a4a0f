//! Every statement that reads, for the tests of their plans.

use helpdesk_core::store::Sort;

use super::{changes, counts, jobs, lists, parsed, queue, snapshot, timeline};

pub(in crate::sqlite) fn statements() -> Vec<String> {
    let mut statements: Vec<String> = [
        changes::HEAD,
        changes::CHANGES,
        counts::COUNTS,
        jobs::NEXT_DUE,
        lists::CONVERSATIONS,
        lists::CONTACTS,
        lists::TICKETS,
        lists::RECORD,
        lists::RECORDS,
        lists::AUDIT,
        parsed::CONVERSATION,
        parsed::CONTACT,
        parsed::TICKET,
        timeline::AFTER,
        timeline::BEFORE,
        timeline::CONVERSATION,
        timeline::CHANGED,
    ]
    .map(str::to_owned)
    .to_vec();
    statements.extend(snapshot::SNAPSHOTS.iter().cloned());
    for walk in crate::sql::queue::WALKS {
        for sort in [Sort::Newest, Sort::Oldest] {
            statements.push(queue::plain_sql(walk, sort));
            statements.push(queue::filtered_sql(walk, sort));
            statements.push(queue::end_sql(walk, sort));
        }
    }
    statements
}
