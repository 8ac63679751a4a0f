//! The WebSocket.
//!
//! One task a socket, no queue in it: the next frame of the client is read only when the last one was dealt with, the
//! next event of a stream only when the last one was taken in. Whoever is slow on either side waits for itself.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use helpdesk_core::Error;
use helpdesk_core::bus::LiveActor;
use helpdesk_core::engine::{LiveEvent, LiveTopic};
use helpdesk_core::model;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};
use tokio_stream::StreamMap;
use tokio_tungstenite::tungstenite::Error as WebSocketError;
use tokio_util::task::AbortOnDropHandle;

use super::encode::{audience, text};
use super::frame::{ClientFrame, Hello, MIN_CLIENT, ServerFrame};
use super::pace::Pace;
use super::peer::Peer;
use super::sockets::{Doorstep, Place};
use super::topic;
use crate::dto::{PROTOCOL, PageView};
use crate::problem::Problem;
use crate::state::App;

/// The largest frame of a client, in bytes.
const FRAME_LIMIT: usize = 64 * 1024;
/// Buffers of a socket, in bytes. Many sockets are open and most are silent.
const BUFFER: usize = 4 * 1024;
/// Topics a visitor may listen to at once, and an operator.
const TOPICS_OF_A_CONTACT: usize = 20;
const TOPICS_OF_AN_OPERATOR: usize = 100;
/// How long a farewell may take, and one to a client that does not read: it hears why once it goes on reading.
const FAREWELL: Duration = Duration::from_secs(5);
const LONG_FAREWELL: Duration = Duration::from_secs(60);

const CLOSE_TOKEN: u16 = 4401;
const CLOSE_FORBIDDEN: u16 = 4403;
const CLOSE_TOO_SLOW: u16 = 4408;
const CLOSE_TOO_OLD: u16 = 4410;
const CLOSE_DRAINING: u16 = 1012;
const CLOSE_TRY_AGAIN: u16 = 1013;
const CLOSE_NORMAL: u16 = 1000;
const CLOSE_PROTOCOL: u16 = 1002;
const CLOSE_TOO_BIG: u16 = 1009;

/// The live socket.
///
/// Frames are JSON texts with a `type`; their schemas are `Hello`, `Subscribe`, ... for clients and `ServerFrame`.
/// The first frame is `hello`, within 10 seconds.
#[utoipa::path(get, path = "/ws", tag = "live", responses((status = 101, description = "The socket is open")))]
pub(crate) async fn upgrade(
    State(app): State<App>,
    parts: Parts,
    socket: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let socket = socket.map_err(|rejection| {
        let status = StatusCode::UPGRADE_REQUIRED;
        Problem::new(status, "upgrade_required", format!("this is a WebSocket: {}", rejection.body_text()))
    })?;
    let socket = socket.read_buffer_size(BUFFER).write_buffer_size(BUFFER).max_frame_size(FRAME_LIMIT).max_message_size(FRAME_LIMIT);
    let doorstep = app.sockets().approach(app.limits(), app.client_address(&parts))?;
    Ok(socket.on_upgrade(move |socket| serve(app, parts, socket, doorstep)))
}

/// Why a socket ends.
#[derive(Debug)]
enum End {
    /// The client is gone; there is nobody to say farewell to.
    Gone,
    /// With this code and reason.
    Close(u16, String),
}

impl From<&Problem> for End {
    fn from(problem: &Problem) -> Self {
        let code = match problem.status() {
            StatusCode::UNAUTHORIZED => CLOSE_TOKEN,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE | StatusCode::INTERNAL_SERVER_ERROR => CLOSE_TRY_AGAIN,
            _ => CLOSE_FORBIDDEN,
        };
        Self::Close(code, problem.code().to_owned())
    }
}

async fn serve(app: App, parts: Parts, mut socket: WebSocket, doorstep: Doorstep) {
    // What is done once has memory of its own, which idle sockets do not keep.
    let greeted = Box::pin(hello(&app, parts, &mut socket)).await;
    // Who is not let in stands on the doorstep until they are gone.
    let (end, _doorstep, _place) = match greeted {
        Ok((peer, page)) => {
            drop(doorstep);
            let (end, place) = talk(&app, peer, page, &mut socket).await;
            (end, None, place)
        }
        Err(end) => (end, Some(doorstep), None),
    };
    if let End::Close(code, reason) = end {
        let farewell = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
        let patience = if code == CLOSE_TOO_SLOW { LONG_FAREWELL } else { FAREWELL };
        // The client answers a close; until then what it still sends is read over, or the farewell would be lost.
        let _ = timeout(patience, async {
            if socket.send(farewell).await.is_ok() {
                while let Some(Ok(_)) = socket.recv().await {}
            }
        })
        .await;
    }
}

async fn hello(app: &App, parts: Parts, socket: &mut WebSocket) -> Result<(Peer, Option<model::PageView>), End> {
    let first = tokio::select! {
        first = timeout(app.timing().hello, socket.recv()) => first,
        () = app.draining().cancelled() => return Err(draining()),
    };
    let text = match first {
        Ok(Some(Ok(Message::Text(text)))) => text,
        Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) => return Err(End::Gone),
        Ok(Some(Ok(_))) => return Err(End::Close(CLOSE_TOKEN, "the first frame is hello".to_owned())),
        Err(_) => return Err(End::Close(CLOSE_TOKEN, "no hello came".to_owned())),
    };
    let Hello { protocol, token, page, .. } = match ClientFrame::parse(text.as_bytes()) {
        Ok(ClientFrame::Hello(hello)) => hello,
        Ok(_) => return Err(End::Close(CLOSE_TOKEN, "the first frame is hello".to_owned())),
        Err(problem) => {
            send(app, socket, &ServerFrame::error(&problem)).await?;
            return Err(End::Close(CLOSE_FORBIDDEN, problem.code().to_owned()));
        }
    };
    if protocol < MIN_CLIENT {
        return Err(End::Close(CLOSE_TOO_OLD, format!("protocol {MIN_CLIENT} or later is spoken here")));
    }
    match Peer::let_in(app, parts, token).await {
        Ok(peer) => {
            // Where operators are is nobody's business.
            let page = page.filter(|_| matches!(peer.actor(), LiveActor::Contact(_)));
            Ok((peer, page.and_then(PageView::presentable)))
        }
        Err(problem) => {
            send(app, socket, &ServerFrame::error(&problem)).await?;
            Err(End::from(&problem))
        }
    }
}

/// What a frame of the client led to.
enum Effect {
    /// To be answered, perhaps with nothing.
    Answer(Option<ServerFrame>),
    /// A topic is listened to from now on.
    Listen(String, Topic),
    /// Listened to no more.
    Leave(String),
    /// The client has no right to be here any more.
    Expel(Problem),
}

/// The events of a topic. `None` once, at the end.
type Topic = BoxStream<'static, Result<Option<LiveEvent>, Error>>;

/// Until it ends. The place among the open sockets is given up only after the farewell, which may take long.
async fn talk(app: &App, peer: Peer, page: Option<model::PageView>, socket: &mut WebSocket) -> (End, Option<Place>) {
    let (workspace, actor) = (peer.workspace().clone(), peer.actor());
    let place = match app.sockets().enter(app.limits(), workspace.id(), actor) {
        Ok(place) => place,
        Err(problem) => return (End::from(&problem), None),
    };
    let presence = Box::pin(workspace.enter(actor, page)).await;
    let end = converse(app, peer, socket).await.err().unwrap_or(End::Gone);
    drop(presence);
    (end, Some(place))
}

async fn converse(app: &App, peer: Peer, socket: &mut WebSocket) -> Result<(), End> {
    let timing = app.timing();
    let (workspace, actor) = (peer.workspace().clone(), peer.actor());
    send(app, socket, &ServerFrame::Welcome { protocol: PROTOCOL, min_client: MIN_CLIENT, actor: actor.into() }).await?;
    let mut topics: StreamMap<Arc<str>, Topic> = StreamMap::new();
    let mut peer = Some(peer);
    // What is being done for the client, and with whose hands; none while it waits for the next frame. It goes on while
    // this task waits for a client that reads slowly: what it holds others wait for.
    let mut doing: Option<AbortOnDropHandle<(Peer, Effect)>> = None;
    let mut authorise = interval_at(Instant::now() + timing.authorise, timing.authorise);
    authorise.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Instant::now();
    let mut pace = Pace::new(heard);
    // Kept from event to event: to begin to wait costs more than to go on waiting, and there are many sockets.
    let mut silence = pin!(sleep_until(heard + timing.idle));
    let mut drained = pin!(app.draining().cancelled());
    loop {
        tokio::select! {
            message = socket.recv(), if peer.is_some() => {
                heard = Instant::now();
                let message = match message {
                    Some(Ok(message)) => message,
                    Some(Err(error)) => return Err(unreadable(error)),
                    None => return Err(End::Gone),
                };
                if !pace.keeps(heard) {
                    return Err(End::Close(CLOSE_TRY_AGAIN, "rate_limited".to_owned()));
                }
                match message {
                    Message::Text(text) => {
                        let parsed = ClientFrame::parse(text.as_bytes());
                        match (parsed, peer.take()) {
                            (Ok(frame), Some(actor)) => doing = Some(apart(handle(actor, frame, topics.len()))),
                            (Err(problem), waiting) => {
                                peer = waiting;
                                send(app, socket, &ServerFrame::error_of_unreadable(text.as_bytes(), &problem)).await?;
                            }
                            (Ok(_), None) => {}
                        }
                    }
                    Message::Binary(_) => {
                        let problem = Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "frames are texts");
                        send(app, socket, &ServerFrame::error(&problem)).await?;
                    }
                    Message::Ping(_) | Message::Pong(_) => {}
                    Message::Close(_) => return Err(End::Close(CLOSE_NORMAL, String::new())),
                }
            }
            done = async { match doing.as_mut() { Some(doing) => doing.await, None => std::future::pending().await } } => {
                doing = None;
                let (waiting, effect) = done.map_err(|_| End::Gone)?;
                peer = Some(waiting);
                match effect {
                    Effect::Answer(Some(frame)) => send(app, socket, &frame).await?,
                    Effect::Answer(None) => {}
                    Effect::Listen(topic, events) => drop(topics.insert(topic.into(), events)),
                    Effect::Leave(topic) => drop(topics.remove(&*topic)),
                    Effect::Expel(problem) => {
                        send(app, socket, &ServerFrame::error(&problem)).await?;
                        return Err(End::from(&problem));
                    }
                }
            }
            Some((topic, event)) = topics.next(), if !topics.is_empty() => {
                let last = !matches!(event, Ok(Some(ref event)) if *event != LiveEvent::Resync);
                if last {
                    drop(topics.remove(&*topic));
                }
                match event {
                    Ok(Some(event)) => {
                        let text = text(&workspace, audience(actor), &topic, event).ok_or(End::Gone)?;
                        send_text(app, socket, text).await?;
                    }
                    Ok(None) => send(app, socket, &ServerFrame::error_of_topic(topic.to_string(), &Problem::busy())).await?,
                    Err(error) => send(app, socket, &ServerFrame::error_of_topic(topic.to_string(), &Problem::from(error))).await?,
                }
            }
            _ = authorise.tick(), if peer.is_some() => {
                doing = peer.take().map(|peer| apart(authorise_again(peer)));
            }
            () = &mut silence => {
                if heard.elapsed() >= timing.idle {
                    return Err(End::Close(CLOSE_NORMAL, "nothing was heard for too long".to_owned()));
                }
                silence.as_mut().reset(heard + timing.idle);
            }
            () = &mut drained => return Err(draining()),
        }
    }
}

/// How a socket ends on which something came that is no frame.
fn unreadable(error: axum::Error) -> End {
    match error.into_inner().downcast_ref::<WebSocketError>() {
        Some(WebSocketError::Capacity(_)) => End::Close(CLOSE_TOO_BIG, format!("a frame may have {FRAME_LIMIT} bytes")),
        Some(WebSocketError::Protocol(_) | WebSocketError::Utf8(_)) => End::Close(CLOSE_PROTOCOL, "this is not the protocol".to_owned()),
        _ => End::Gone,
    }
}

fn draining() -> End {
    End::Close(CLOSE_DRAINING, "the server goes down; come again".to_owned())
}

/// Does it in a task of its own, which ends with the socket.
fn apart<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> AbortOnDropHandle<T> {
    AbortOnDropHandle::new(tokio::spawn(work))
}

async fn authorise_again(peer: Peer) -> (Peer, Effect) {
    let expelled = peer.expelled().await;
    (peer, expelled.map_or(Effect::Answer(None), Effect::Expel))
}

async fn handle(peer: Peer, frame: ClientFrame, listening: usize) -> (Peer, Effect) {
    let effect = match frame {
        ClientFrame::Hello(_) => Effect::Answer(Some(ServerFrame::error(&Problem::invalid("type", "type: hello was said already")))),
        ClientFrame::Subscribe(frame) => match subscribe(&peer, &frame.topic, frame.after.as_ref(), listening).await {
            Ok(events) => Effect::Listen(frame.topic, events),
            Err(problem) => Effect::Answer(Some(ServerFrame::error_of_topic(frame.topic, &problem))),
        },
        ClientFrame::Unsubscribe(frame) => Effect::Leave(frame.topic),
        ClientFrame::Send(frame) => Effect::Answer(Some(peer.send(frame).await)),
        ClientFrame::Typing(frame) => Effect::Answer(peer.typing(&frame).await),
        ClientFrame::Read(frame) => Effect::Answer(peer.read(&frame).await),
        ClientFrame::Ping(_) => Effect::Answer(Some(ServerFrame::Pong)),
    };
    (peer, effect)
}

async fn subscribe(peer: &Peer, topic: &str, after: Option<&super::frame::After>, listening: usize) -> Result<Topic, Problem> {
    let limit = match peer.actor() {
        LiveActor::Contact(_) => TOPICS_OF_A_CONTACT,
        LiveActor::Operator(_) => TOPICS_OF_AN_OPERATOR,
    };
    if listening >= limit {
        return Err(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limited",
            format!("too many topics: at most {limit} at once; unsubscribe first"),
        ));
    }
    let topic: LiveTopic = topic::parse(topic, after)?;
    let events = peer.workspace().subscribe(peer.actor(), topic).await?;
    Ok(events.map(|event| event.map(Some)).chain(stream::once(async { Ok(None) })).boxed())
}

async fn send(app: &App, socket: &mut WebSocket, frame: &ServerFrame) -> Result<(), End> {
    let text = serde_json::to_string(frame).map_err(|_| End::Gone)?;
    send_text(app, socket, text.into()).await
}

async fn send_text(app: &App, socket: &mut WebSocket, text: Utf8Bytes) -> Result<(), End> {
    match timeout(app.timing().send, socket.send(Message::Text(text))).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Gone),
        Err(_) => Err(End::Close(CLOSE_TOO_SLOW, "frames are not taken in".to_owned())),
    }
}
