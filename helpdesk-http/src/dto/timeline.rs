//! Parts of a timeline.

use serde::Serialize;
use utoipa::ToSchema;

use super::Entry;

/// A part of a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Timeline {
    /// The entries, oldest first.
    pub(crate) entries: Vec<Entry>,
    /// The last entry of the conversation that the reader can see.
    pub(crate) seq: u64,
    /// The conversation's version, to subscribe from.
    pub(crate) version: u64,
    /// Ask with this as `after` for what follows; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_after: Option<u64>,
}
