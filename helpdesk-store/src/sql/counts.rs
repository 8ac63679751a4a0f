//! The counts of the views in a row.

use helpdesk_core::store::ViewCounts;

use super::fault::Fault;
use super::value::unsigned;

/// The counts in the seven columns of a row, in the order of the views.
pub(crate) fn view_counts<E: Into<Fault>>(column: impl Fn(usize) -> Result<i64, E>) -> Result<ViewCounts, Fault> {
    let count = |number: usize| Ok::<u64, Fault>(unsigned(column(number).map_err(Into::into)?));
    Ok(ViewCounts {
        all: count(0)?,
        mine: count(1)?,
        unassigned: count(2)?,
        waiting: count(3)?,
        claimed: count(4)?,
        pending: count(5)?,
        resolved: count(6)?,
    })
}
