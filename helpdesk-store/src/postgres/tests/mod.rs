//! Tests that look inside.

#[path = "../../../tests/common/drafts.rs"]
mod drafts;
mod growing;
mod plans;
#[path = "../../../tests/common/postgres.rs"]
mod server;
mod trusting;
