//! What the SQL stores have in common: how values lie in columns, what a batch gathers, how a queue is walked.
//!
//! Statements are not shared. Each database has its own way to say the same fast, and a statement that has to suit both
//! suits neither.

pub(crate) mod changes;
pub(crate) mod counts;
pub(crate) mod facets;
pub(crate) mod fault;
pub(crate) mod lane;
pub(crate) mod pending;
pub(crate) mod queue;
pub(crate) mod timeline;
pub(crate) mod value;
pub(crate) mod wanted;
