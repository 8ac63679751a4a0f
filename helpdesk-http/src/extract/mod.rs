//! What handlers take out of a request. Every extractor here is bounded and answers a [`Problem`](crate::problem::Problem)
//! that says what to mend.

mod fault;
mod json;
mod paging;
mod path;
mod query;

pub(crate) use fault::parse;
pub(crate) use json::{ClientName, Empty, Json, PATIENCE, RawJson};
pub(crate) use paging::{EitherWay, Forward, Paging};
pub(crate) use path::{PathId, PathNumber};
pub(crate) use query::{Limit, Number, Query};
