//! Parts of lists.

use serde::Serialize;
use utoipa::ToSchema;

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The items, in order.
    pub(crate) items: Vec<T>,
    /// Ask with this for what follows; `null` at the end. A page may be short and still go on.
    #[schema(required = true)]
    pub(crate) next_cursor: Option<String>,
}
