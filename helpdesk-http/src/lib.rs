//! The axum router of the helpdesk: widget, inbox, live socket.
//!
//! [`router`] makes it, to be nested under any path of a host's own router; [`OperatorAuth`] is how a host says who its
//! operators are. What the routes take and answer is written down in `docs/protocol.md` and in the OpenAPI document at
//! `/api/v1/openapi.json`. This crate lets requests in, bounds them, and puts the engine's values into the shapes of the
//! wire; it holds no rule of the helpdesk.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod admission;
mod auth;
mod cross_origin;
mod cursor;
mod dto;
mod extract;
mod guard;
mod health;
mod inbox;
mod leftover;
mod limits;
mod live;
mod openapi;
mod pages;
mod problem;
mod reply;
mod router;
mod rows;
mod state;
mod timeline;
mod widget;

#[cfg(test)]
#[path = "../../helpdesk-store/tests/common/kinds.rs"]
mod kinds;
#[cfg(test)]
mod tests;

pub use auth::{AuthError, NoOperators, OperatorAuth, OperatorIdentity};
pub use limits::Limits;
pub use router::{RouterBuilder, openapi_json, router};
