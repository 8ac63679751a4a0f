//! Frames of clients by POST, where sockets are blocked.

use axum::Json as Reply;
use serde::Serialize;
use utoipa::ToSchema;

use super::frame::{ClientFrame, PostedFrame, ServerFrame};
use super::peer::Peer;
use crate::extract::RawJson;
use crate::problem::Problem;
use crate::reply::Answer;

/// What the frame led to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Frames {
    /// An `ack`, an `error`, or nothing.
    frames: Vec<ServerFrame>,
}

/// Takes one frame of a client: `send`, `typing` or `read`.
#[utoipa::path(post, path = "/api/v1/frames", tag = "live", request_body = PostedFrame, responses((status = 200, description = "What it led to", body = Frames)))]
pub(crate) async fn frames(peer: Peer, RawJson(bytes): RawJson) -> Answer<Frames> {
    let posted = match ClientFrame::parse(&bytes)? {
        ClientFrame::Send(frame) => PostedFrame::Send(frame),
        ClientFrame::Typing(frame) => PostedFrame::Typing(frame),
        ClientFrame::Read(frame) => PostedFrame::Read(frame),
        ClientFrame::Hello(_) | ClientFrame::Subscribe(_) | ClientFrame::Unsubscribe(_) | ClientFrame::Ping(_) => {
            return Err(Problem::invalid("type", "type: must be send, typing or read here"));
        }
    };
    let frame = match posted {
        PostedFrame::Send(frame) => Some(peer.send(frame).await),
        PostedFrame::Typing(frame) => peer.typing(&frame).await,
        PostedFrame::Read(frame) => peer.read(&frame).await,
    };
    Ok(Reply(Frames { frames: frame.into_iter().collect() }))
}
