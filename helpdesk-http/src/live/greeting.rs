//! How a WebSocket begins: it is upgraded, says hello, and is let in.

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::StatusCode;
use axum::http::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use helpdesk_core::bus::LiveActor;
use helpdesk_core::model;
use hyper::upgrade::OnUpgrade;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::ending::{CLOSE_FORBIDDEN, CLOSE_TOKEN, CLOSE_TOO_OLD, End, farewell};
use super::frame::{ClientFrame, Hello, MIN_CLIENT};
use super::peer::Peer;
use super::socket::Talk;
use super::sockets::Doorstep;
use super::wire::Wire;
use crate::dto::PageView;
use crate::problem::Problem;
use crate::state::App;

/// The live socket.
///
/// Frames are JSON texts with a `type`; their schemas are `Hello`, `Subscribe`, ... for clients and `ServerFrame`.
/// The first frame is `hello`, within 10 seconds.
#[utoipa::path(get, path = "/api/v1/ws", tag = "live", responses((status = 101, description = "The socket is open")))]
pub(crate) async fn upgrade(
    State(app): State<App>,
    mut parts: Parts,
    socket: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let refused = |why: &str| Problem::new(StatusCode::UPGRADE_REQUIRED, "upgrade_required", format!("this is a WebSocket: {why}"));
    // Whether the request is a good one is axum's to judge; the socket itself is ours, because we write what is encoded.
    let _good = socket.map_err(|rejection| refused(&rejection.body_text()))?;
    let upgrade = parts.extensions.remove::<OnUpgrade>().ok_or_else(|| refused("the connection cannot be upgraded"))?;
    let key = parts.headers.get(SEC_WEBSOCKET_KEY).ok_or_else(|| refused("it has no key"))?;
    let accept = derive_accept_key(key.as_bytes());
    let doorstep = app.sockets().approach(app.limits(), app.client_address(&parts))?;
    tokio::spawn(greet(app, parts, upgrade, doorstep));
    Ok((StatusCode::SWITCHING_PROTOCOLS, [(CONNECTION, "upgrade"), (UPGRADE, "websocket"), (SEC_WEBSOCKET_ACCEPT, &accept)])
        .into_response())
}

/// What is done once has a task of its own, whose memory is not kept.
async fn greet(app: App, parts: Parts, upgrade: OnUpgrade, doorstep: Doorstep) {
    let Ok(upgraded) = upgrade.await else { return };
    let wire = Wire::open(upgraded).await;
    let (peer, page) = match hello(&app, parts, &wire).await {
        Ok(greeted) => greeted,
        // Who is not let in stands on the doorstep until they are gone.
        Err(end) => return farewell(wire, end).await,
    };
    drop(doorstep);
    let (workspace, actor) = (peer.workspace(), peer.actor());
    let place = match app.sockets().enter(app.limits(), workspace.id(), actor) {
        Ok(place) => place,
        Err(problem) => return farewell(wire, End::silent(&problem)).await,
    };
    let presence = workspace.enter(actor, page).await;
    tokio::spawn(Box::new(Talk::new(app, peer, wire, place, presence)).last());
}

async fn hello(app: &App, parts: Parts, wire: &Wire) -> Result<(Peer, Option<model::PageView>), End> {
    let first = tokio::select! {
        first = timeout(app.timing().hello, wire.next()) => first,
        () = app.draining().cancelled() => return Err(End::draining()),
    };
    let text = match first {
        Ok(Some(Ok(Message::Text(text)))) => text,
        Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) => return Err(End::Gone),
        Ok(Some(Ok(_))) => return Err(End::close(CLOSE_TOKEN, "the first frame is hello")),
        Err(_) => return Err(End::close(CLOSE_TOKEN, "no hello came")),
    };
    let Hello { protocol, token, page, .. } = match ClientFrame::parse(text.as_bytes()) {
        Ok(ClientFrame::Hello(hello)) => hello,
        Ok(_) => return Err(End::close(CLOSE_TOKEN, "the first frame is hello")),
        Err(problem) => return Err(End::told_with(CLOSE_FORBIDDEN, &problem)),
    };
    if protocol < MIN_CLIENT {
        return Err(End::close(CLOSE_TOO_OLD, format!("protocol {MIN_CLIENT} or later is spoken here")));
    }
    let peer = Peer::let_in(app, parts, token).await.map_err(|problem| End::told(&problem))?;
    // Where operators are is nobody's business.
    let page = page.filter(|_| matches!(peer.actor(), LiveActor::Contact(_)));
    Ok((peer, page.and_then(PageView::presentable)))
}
