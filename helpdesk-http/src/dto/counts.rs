//! Counts of the views.

use helpdesk_core::store::ViewCounts;
use serde::Serialize;
use utoipa::ToSchema;

/// How many conversations each view holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Counts {
    pub(crate) all: u64,
    pub(crate) mine: u64,
    pub(crate) unassigned: u64,
    pub(crate) waiting: u64,
    pub(crate) claimed: u64,
    pub(crate) pending: u64,
    pub(crate) tagged: u64,
    pub(crate) resolved: u64,
}

impl From<ViewCounts> for Counts {
    fn from(counts: ViewCounts) -> Self {
        let ViewCounts { all, mine, unassigned, waiting, claimed, pending, resolved } = counts;
        // Nothing mentions operators yet.
        Self { all, mine, unassigned, waiting, claimed, pending, tagged: 0, resolved }
    }
}
