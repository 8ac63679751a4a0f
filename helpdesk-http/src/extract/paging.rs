//! The queries that several lists share.

use serde::Deserialize;
use utoipa::IntoParams;

use super::{Limit, Number};

/// Which page of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paging {
    /// The `next_cursor` of the page before; none: the first page.
    pub(crate) cursor: Option<String>,
    /// At most so many items.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub(crate) limit: Limit,
}

/// Which part of a timeline.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Forward {
    /// Entries above this one; none: from the beginning.
    #[param(value_type = Option<u64>)]
    pub(crate) after: Option<Number>,
    /// Instead: entries that changed after this version, in the order of their change.
    #[param(value_type = Option<u64>)]
    pub(crate) changed_after: Option<Number>,
    /// At most so many entries; with `changed_after` a version is never cut in two.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub(crate) limit: Limit,
}

/// Which part of a timeline, in either direction.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EitherWay {
    /// Entries above this one; none: from the beginning.
    #[param(value_type = Option<u64>)]
    pub(crate) after: Option<Number>,
    /// Instead: the last entries below this one, still oldest first.
    #[param(value_type = Option<u64>)]
    pub(crate) before: Option<Number>,
    /// Instead: entries that changed after this version, in the order of their change.
    #[param(value_type = Option<u64>)]
    pub(crate) changed_after: Option<Number>,
    /// At most so many entries; with `changed_after` a version is never cut in two.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub(crate) limit: Limit,
}

impl From<Forward> for EitherWay {
    fn from(Forward { after, changed_after, limit }: Forward) -> Self {
        Self { after, before: None, changed_after, limit }
    }
}
