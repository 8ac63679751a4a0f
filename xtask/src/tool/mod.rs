//! The programs this one starts.

pub(crate) mod chromium;
pub(crate) mod files;
pub(crate) mod git;
pub(crate) mod node;
pub(crate) mod program;
