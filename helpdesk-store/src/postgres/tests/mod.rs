//! Tests that look inside.

mod plans;
#[path = "../../../tests/common/postgres.rs"]
mod server;
