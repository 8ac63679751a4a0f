//! What every change must keep, beyond what the compiler and its lints see.

pub(crate) mod features;
pub(crate) mod length;
pub(crate) mod licences;
pub(crate) mod words;
