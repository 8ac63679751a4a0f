//! The live protocol: one for both sides, over a WebSocket or, where sockets are blocked, over server-sent events and POST.
//!
//! What happens comes from the engine's streams, which replay and then go live; here it is only let in, put together,
//! written as frames, and bounded.

mod bell;
mod credentials;
mod encode;
mod encoded;
mod ending;
mod events;
mod frame;
mod greeting;
mod line;
mod pace;
mod peer;
mod post;
mod socket;
mod sockets;
mod topic;
mod topics;
mod wire;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(crate) use frame::{Hello, Ping, Read, Send, ServerFrame, Subscribe, Typing, Unsubscribe};
pub(crate) use sockets::{Sockets, Timing};

use crate::state::App;

/// The routes of the live protocol.
pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(greeting::upgrade)).routes(routes!(events::stream)).routes(routes!(post::frames))
}
