//! The axum router of the helpdesk: widget, inbox, live socket.

mod cursor;
mod extract;
mod problem;
