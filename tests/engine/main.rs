//! Stories of the engine, played on every store: what holds on one holds on all.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a story that cannot go on fails, and says what it measured")]

#[path = "../../helpdesk-store/tests/common/kinds.rs"]
mod kinds;
mod main_story;
mod names;
mod neighbours;
mod team;
