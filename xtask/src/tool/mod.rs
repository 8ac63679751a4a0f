//! The programs this one starts.

pub(crate) mod chromium;
pub(crate) mod debian;
pub(crate) mod files;
pub(crate) mod git;
pub(crate) mod nats;
pub(crate) mod node;
pub(crate) mod postgres;
pub(crate) mod program;
