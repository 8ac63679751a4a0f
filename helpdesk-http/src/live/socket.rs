//! The WebSocket, once somebody was let in.
//!
//! One task a socket, no queue in it: the next frame of the client is read only when the last one was dealt with, the
//! next event of a stream only when the last one was taken in. Whoever is slow on either side waits for itself.
//!
//! While it waits for news, the changes of conversations are written by who tells them; it is woken for those that could not be.
//!
//! Many are open and most are silent, so this task holds little while it waits: what is done now and then is done in tasks
//! of its own, and there is one timer. Most of what comes is news, so these alone are polled until something else rings.

use std::future::{Future, pending, ready};
use std::io;
use std::pin::pin;
use std::sync::Arc;

use axum::http::StatusCode;
use futures_util::FutureExt as _;
use futures_util::future::poll_immediate;
use helpdesk_core::bus::LiveActor;
use helpdesk_core::engine::{LiveStream, Outlet, PresenceGuard};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::{Error as WireError, Message};
use tokio_util::task::AbortOnDropHandle;

use super::bell::Bell;
use super::encode::encoded;
use super::encoded::Encoded;
use super::ending::{CLOSE_NORMAL, CLOSE_TOO_SLOW, CLOSE_TRY_AGAIN, End, farewell};
use super::frame::{After, ClientFrame, MIN_CLIENT, ServerFrame};
use super::pace::Pace;
use super::peer::Peer;
use super::sockets::Place;
use super::topic;
use super::topics::{Event, Topics};
use super::wire::Wire;
use crate::dto::PROTOCOL;
use crate::problem::Problem;
use crate::state::App;

/// Topics a visitor may listen to at once, and an operator.
const TOPICS_OF_A_CONTACT: usize = 20;
const TOPICS_OF_AN_OPERATOR: usize = 100;

/// What a frame of the client led to.
enum Effect {
    /// To be answered, perhaps with nothing.
    Answer(Option<ServerFrame>),
    /// A topic is listened to from now on.
    Listen(Arc<str>, LiveStream),
    /// Listened to no more.
    Leave(String),
    /// The client has no right to be here any more.
    Expel(Problem),
}

/// What comes next.
enum Step {
    /// The client said something, or is gone.
    Said(Option<Result<Message, WireError>>),
    /// What was done for the client is done.
    Done(Result<Effect, End>),
    /// Something happened on a topic.
    Happened(Event),
    /// The client was told a part of a change by somebody else.
    CutShort,
    /// It is time to look at the client.
    Late,
    /// The server goes down.
    Drained,
}

/// A socket's talk with its client.
pub(super) struct Talk {
    app: App,
    peer: Arc<Peer>,
    wire: Wire,
    topics: Topics,
    /// What is being done for the client; none while it waits for the next frame. It goes on while this task waits for a
    /// client that reads slowly: what it holds others wait for.
    doing: Option<AbortOnDropHandle<Effect>>,
    pace: Pace,
    /// When something came last.
    heard: Instant,
    /// When its rights are to be looked at again.
    look: Instant,
    place: Place,
    presence: PresenceGuard,
}

impl Talk {
    pub(super) fn new(app: App, peer: Peer, wire: Wire, place: Place, presence: PresenceGuard) -> Self {
        let now = Instant::now();
        let look = now + app.timing().authorise;
        let (peer, topics) = (Arc::new(peer), Topics::default());
        Self { app, peer, wire, topics, doing: None, pace: Pace::new(now), heard: now, look, place, presence }
    }

    /// Until it ends. The place among the open sockets is given up only after the farewell, which may take long.
    pub(super) async fn last(mut self: Box<Self>) {
        let end = self.converse().await.err().unwrap_or(End::Gone);
        let Self { wire, topics, doing, place, presence, .. } = *self;
        drop((topics, doing, presence));
        Box::pin(farewell(wire, end)).await;
        drop(place);
    }

    async fn converse(&mut self) -> Result<(), End> {
        let app = self.app.clone();
        let welcome = self.welcome()?;
        write(&app, &self.wire, Some(welcome)).await?;
        // Kept from event to event: to begin to wait costs more than to go on waiting, and there are many sockets.
        let mut late = pin!(sleep_until(self.due()));
        let mut drained = pin!(app.draining().cancelled());
        let mut bell = Bell::default();
        loop {
            let Self { wire, topics, doing, .. } = &mut *self;
            let news = async { Step::Happened(topics.next().await) };
            let the_rest = async {
                tokio::select! {
                    message = wire.next(), if doing.is_none() => Step::Said(message),
                    effect = done(doing) => Step::Done(effect),
                    () = wire.cut_short() => Step::CutShort,
                    () = &mut late => Step::Late,
                    () = &mut drained => Step::Drained,
                }
            };
            let step = bell.hear(news, the_rest).await;
            let (over, cut_short) = (matches!(step, Step::Late), matches!(step, Step::CutShort));
            let answer = self.take(step)?;
            if cut_short || answer.is_some() {
                write(&app, &self.wire, answer).await?;
            }
            if over {
                late.as_mut().reset(self.due());
            }
        }
    }

    fn welcome(&self) -> Result<Encoded, End> {
        told(Encoded::of(&ServerFrame::Welcome { protocol: PROTOCOL, min_client: MIN_CLIENT, actor: self.peer.actor().into() }))
    }

    /// When to look at the client, if nothing happens before.
    fn due(&self) -> Instant {
        let silent = self.heard + self.app.timing().idle;
        // What is overdue waits for what is being done.
        if self.doing.is_some() && self.look <= Instant::now() { silent } else { silent.min(self.look) }
    }

    fn take(&mut self, step: Step) -> Result<Option<Encoded>, End> {
        match step {
            Step::Said(message) => self.hear(message),
            Step::Done(effect) => {
                let answer = self.finish(effect?);
                self.look_again();
                answer
            }
            Step::Happened(event) => self.tell(event),
            Step::CutShort => Ok(None),
            Step::Late => {
                if self.heard.elapsed() >= self.app.timing().idle {
                    return Err(End::close(CLOSE_NORMAL, "nothing was heard for too long"));
                }
                self.look_again();
                Ok(None)
            }
            Step::Drained => Err(End::draining()),
        }
    }

    fn hear(&mut self, message: Option<Result<Message, WireError>>) -> Result<Option<Encoded>, End> {
        self.heard = Instant::now();
        let message = message.ok_or(End::Gone)?.map_err(|error| End::unreadable(&error))?;
        if !self.pace.keeps(self.heard) {
            return Err(End::close(CLOSE_TRY_AGAIN, "rate_limited"));
        }
        let answer = match message {
            Message::Text(text) => match ClientFrame::parse(text.as_bytes()) {
                Ok(frame) => {
                    self.doing = Some(self.begin(frame));
                    return Ok(None);
                }
                Err(problem) => ServerFrame::error_of_unreadable(text.as_bytes(), &problem),
            },
            Message::Binary(_) => {
                ServerFrame::error(&Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "frames are texts"))
            }
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => return Ok(None),
            Message::Close(_) => return Err(End::close(CLOSE_NORMAL, "")),
        };
        told(Encoded::of(&answer)).map(Some)
    }

    fn begin(&self, frame: ClientFrame) -> AbortOnDropHandle<Effect> {
        let again = matches!(&frame, ClientFrame::Subscribe(frame) if self.topics.knows(&frame.topic));
        let (peer, listening) = (Arc::clone(&self.peer), self.topics.len());
        let outlet = self.wire.outlet();
        let repetition = again.then(|| self.place.repetition());
        apart(async move {
            if let Some(turn) = repetition {
                turn.await;
            }
            handle(peer, frame, listening, outlet).await
        })
    }

    fn finish(&mut self, effect: Effect) -> Result<Option<Encoded>, End> {
        match effect {
            Effect::Answer(frame) => return frame.map(|frame| told(Encoded::of(&frame))).transpose(),
            Effect::Listen(topic, events) => self.topics.insert(topic, events),
            Effect::Leave(topic) => self.topics.leave(topic.into()),
            Effect::Expel(problem) => return Err(End::told(&problem)),
        }
        Ok(None)
    }

    fn tell(&self, event: Event) -> Result<Option<Encoded>, End> {
        let refused = |topic: &str, problem: &Problem| Encoded::of(&ServerFrame::error_of_topic(topic.to_owned(), problem));
        let encoded = match event {
            // Only of an end the topic is told.
            Event::Told(event) => encoded(&self.peer, "", event),
            Event::Last(topic, Some(Ok(event))) => encoded(&self.peer, &topic, event),
            Event::Last(topic, Some(Err(error))) => refused(&topic, &Problem::from(error)),
            Event::Last(topic, None) => refused(&topic, &Problem::busy()),
        };
        told(encoded).map(Some)
    }

    /// Looks whether the client may still be here, if it is time to and nothing else is being done.
    fn look_again(&mut self) {
        let now = Instant::now();
        if self.doing.is_some() || self.look > now {
            return;
        }
        self.look = now + self.app.timing().authorise;
        let peer = Arc::clone(&self.peer);
        let mut looking = Box::pin(async move { peer.expelled().await.map_or(Effect::Answer(None), Effect::Expel) });
        // Mostly all that it takes is remembered, and a task of its own would cost more than the look.
        self.doing = match looking.as_mut().now_or_never() {
            Some(Effect::Answer(None)) => None,
            // It is told when its turn comes: an answer may be about to be written.
            Some(effect) => Some(apart(ready(effect))),
            None => Some(apart(looking)),
        };
    }
}

/// What is written as JSON here is always possible to write; if not, there is nothing to be said.
fn told(encoded: io::Result<Encoded>) -> Result<Encoded, End> {
    encoded.map_err(|_| End::Gone)
}

/// Does it in a task of its own, which ends with the socket.
fn apart<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> AbortOnDropHandle<T> {
    AbortOnDropHandle::new(tokio::spawn(work))
}

/// What became of what is being done; waits for ever if there is nothing.
async fn done(doing: &mut Option<AbortOnDropHandle<Effect>>) -> Result<Effect, End> {
    let effect = match doing {
        Some(task) => task.await.map_err(|_| End::Gone),
        None => pending().await,
    };
    *doing = None;
    effect
}

async fn handle(peer: Arc<Peer>, frame: ClientFrame, listening: usize, outlet: Arc<dyn Outlet>) -> Effect {
    match frame {
        ClientFrame::Hello(_) => Effect::Answer(Some(ServerFrame::error(&Problem::invalid("type", "type: hello was said already")))),
        ClientFrame::Subscribe(frame) => match subscribe(&peer, &frame.topic, frame.after.as_ref(), listening, outlet).await {
            Ok(events) => Effect::Listen(frame.topic.into(), events),
            Err(problem) => Effect::Answer(Some(ServerFrame::error_of_topic(frame.topic, &problem))),
        },
        ClientFrame::Unsubscribe(frame) => Effect::Leave(frame.topic),
        ClientFrame::Send(frame) => Effect::Answer(Some(peer.send(frame).await)),
        ClientFrame::Typing(frame) => Effect::Answer(peer.typing(&frame).await),
        ClientFrame::Read(frame) => Effect::Answer(peer.read(&frame).await),
        ClientFrame::Ping(_) => Effect::Answer(Some(ServerFrame::Pong)),
    }
}

async fn subscribe(
    peer: &Peer,
    topic: &str,
    after: Option<&After>,
    listening: usize,
    outlet: Arc<dyn Outlet>,
) -> Result<LiveStream, Problem> {
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
    Ok(peer.workspace().subscribe_with_outlet(peer.actor(), topic::parse(topic, after)?, outlet).await?)
}

/// Writes what was begun and then this frame, if the client takes it in soon enough.
async fn write(app: &App, wire: &Wire, frame: Option<Encoded>) -> Result<(), End> {
    let mut sending = pin!(wire.send(frame));
    // Nearly always that is all, and nobody needs to know what time it is.
    let sent = match poll_immediate(sending.as_mut()).await {
        Some(sent) => Ok(sent),
        None => timeout(app.timing().send, sending).await,
    };
    match sent {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Gone),
        Err(_) => Err(End::close(CLOSE_TOO_SLOW, "frames are not taken in")),
    }
}
