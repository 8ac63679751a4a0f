//! The commands, one a file.

pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod seed;
pub(crate) mod soak;
pub(crate) mod test;
pub(crate) mod ui;
