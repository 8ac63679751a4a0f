//! Tests that look inside.

mod plans;
