//! The axum router of the helpdesk: widget, inbox, live socket.
#![allow(dead_code, unused_imports)]

mod cursor;
mod dto;
mod extract;
mod problem;
