//! Tests that look inside.

mod faults;
mod plans;
