//! How a WebSocket ends.

use std::time::Duration;

use axum::http::StatusCode;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Error;

use super::encoded::Encoded;
use super::frame::ServerFrame;
use super::wire::{FRAME_LIMIT, Wire};
use crate::problem::Problem;

/// How long a farewell may take, and one to a client that does not read: it hears why once it goes on reading.
const FAREWELL: Duration = Duration::from_secs(5);
const LONG_FAREWELL: Duration = Duration::from_secs(60);

pub(super) const CLOSE_TOKEN: u16 = 4401;
pub(super) const CLOSE_FORBIDDEN: u16 = 4403;
pub(super) const CLOSE_TOO_SLOW: u16 = 4408;
pub(super) const CLOSE_TOO_OLD: u16 = 4410;
pub(super) const CLOSE_TRY_AGAIN: u16 = 1013;
pub(super) const CLOSE_NORMAL: u16 = 1000;
const CLOSE_DRAINING: u16 = 1012;
const CLOSE_PROTOCOL: u16 = 1002;
const CLOSE_TOO_BIG: u16 = 1009;

/// Why a socket ends.
#[derive(Debug)]
pub(super) enum End {
    /// The client is gone; there is nobody to say farewell to.
    Gone,
    /// With this code and reason, and perhaps a frame before.
    Close(u16, String, Option<Encoded>),
}

impl End {
    pub(super) fn close(code: u16, reason: impl Into<String>) -> Self {
        Self::Close(code, reason.into(), None)
    }

    pub(super) fn draining() -> Self {
        Self::close(CLOSE_DRAINING, "the server goes down; come again")
    }

    /// Something came that is no frame.
    pub(super) fn unreadable(error: &Error) -> Self {
        match error {
            Error::Capacity(_) => Self::close(CLOSE_TOO_BIG, format!("a frame may have {FRAME_LIMIT} bytes")),
            Error::Protocol(_) | Error::Utf8(_) => Self::close(CLOSE_PROTOCOL, "this is not the protocol"),
            _ => Self::Gone,
        }
    }

    /// With the code that goes with a problem.
    pub(super) fn silent(problem: &Problem) -> Self {
        Self::close(code_of(problem), problem.code())
    }

    /// With a frame that tells the problem, and the code that goes with it.
    pub(super) fn told(problem: &Problem) -> Self {
        Self::told_with(code_of(problem), problem)
    }

    /// With a frame that tells the problem.
    pub(super) fn told_with(code: u16, problem: &Problem) -> Self {
        Self::Close(code, problem.code().to_owned(), Encoded::of(&ServerFrame::error(problem)).ok())
    }
}

fn code_of(problem: &Problem) -> u16 {
    match problem.status() {
        StatusCode::UNAUTHORIZED => CLOSE_TOKEN,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE | StatusCode::INTERNAL_SERVER_ERROR => CLOSE_TRY_AGAIN,
        _ => CLOSE_FORBIDDEN,
    }
}

/// Says why, if anybody is there to hear it.
pub(super) async fn farewell(wire: Wire, end: End) {
    let End::Close(code, reason, words) = end else { return };
    let patience = if code == CLOSE_TOO_SLOW { LONG_FAREWELL } else { FAREWELL };
    let _too_late = timeout(patience, async {
        if let Some(words) = words {
            wire.send(Some(words)).await?;
        }
        wire.close(code, reason).await;
        Ok::<_, Error>(())
    })
    .await;
}
