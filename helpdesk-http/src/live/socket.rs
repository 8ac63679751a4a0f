//! The WebSocket, once somebody was let in.
//!
//! One task a socket, no queue in it: the next frame of the client is read only when the last one was dealt with, the
//! next event of a stream only when the last one was taken in. Whoever is slow on either side waits for itself.
//!
//! Many are open and most are silent, so this task holds little while it waits: what is done now and then is done in tasks
//! of its own, and there is one timer.

use std::future::{Future, pending};
use std::io;
use std::pin::pin;
use std::sync::Arc;

use axum::http::StatusCode;
use helpdesk_core::bus::LiveActor;
use helpdesk_core::engine::{LiveStream, PresenceGuard};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::{Error as WireError, Message};
use tokio_util::task::AbortOnDropHandle;

use super::encode::{audience, encoded};
use super::ending::{CLOSE_NORMAL, CLOSE_TOO_SLOW, CLOSE_TRY_AGAIN, End, farewell};
use super::frame::{After, ClientFrame, MIN_CLIENT, ServerFrame};
use super::pace::Pace;
use super::peer::Peer;
use super::sockets::Place;
use super::topic;
use super::topics::{Event, Topics};
use super::wire::{Encoded, Wire};
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
    Done(Effect),
    /// Something happened on a topic.
    Happened(Arc<str>, Event),
    /// It is time to look at the client.
    Late,
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
        write(&app, &mut self.wire, welcome).await?;
        // Kept from event to event: to begin to wait costs more than to go on waiting, and there are many sockets.
        let mut late = pin!(sleep_until(self.due()));
        let mut drained = pin!(app.draining().cancelled());
        loop {
            let step = tokio::select! {
                message = self.wire.next(), if self.doing.is_none() => Step::Said(message),
                effect = done(&mut self.doing) => Step::Done(effect?),
                (topic, event) = self.topics.next() => Step::Happened(topic, event),
                () = &mut late => Step::Late,
                () = &mut drained => return Err(End::draining()),
            };
            let over = matches!(step, Step::Late);
            if let Some(answer) = self.take(step)? {
                write(&app, &mut self.wire, answer).await?;
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
                let answer = self.finish(effect);
                self.look_again();
                answer
            }
            Step::Happened(topic, event) => self.tell(&topic, event),
            Step::Late => {
                if self.heard.elapsed() >= self.app.timing().idle {
                    return Err(End::close(CLOSE_NORMAL, "nothing was heard for too long"));
                }
                self.look_again();
                Ok(None)
            }
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
        let (app, peer, listening) = (self.app.clone(), Arc::clone(&self.peer), self.topics.len());
        apart(async move {
            if again {
                app.sockets().repetition().await;
            }
            handle(peer, frame, listening).await
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

    fn tell(&self, topic: &str, event: Event) -> Result<Option<Encoded>, End> {
        let refused = |problem: &Problem| Encoded::of(&ServerFrame::error_of_topic(topic.to_owned(), problem));
        let encoded = match event {
            Some(Ok(event)) => encoded(self.peer.workspace(), audience(self.peer.actor()), topic, event),
            Some(Err(error)) => refused(&Problem::from(error)),
            None => refused(&Problem::busy()),
        };
        told(encoded).map(Some)
    }

    /// Looks whether the client may still be here, if it is time to and nothing else is being done.
    fn look_again(&mut self) {
        let now = Instant::now();
        if self.doing.is_none() && self.look <= now {
            self.look = now + self.app.timing().authorise;
            self.doing = Some(apart(authorise_again(Arc::clone(&self.peer))));
        }
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

async fn authorise_again(peer: Arc<Peer>) -> Effect {
    peer.expelled().await.map_or(Effect::Answer(None), Effect::Expel)
}

async fn handle(peer: Arc<Peer>, frame: ClientFrame, listening: usize) -> Effect {
    match frame {
        ClientFrame::Hello(_) => Effect::Answer(Some(ServerFrame::error(&Problem::invalid("type", "type: hello was said already")))),
        ClientFrame::Subscribe(frame) => match subscribe(&peer, &frame.topic, frame.after.as_ref(), listening).await {
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

async fn subscribe(peer: &Peer, topic: &str, after: Option<&After>, listening: usize) -> Result<LiveStream, Problem> {
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
    Ok(peer.workspace().subscribe(peer.actor(), topic::parse(topic, after)?).await?)
}

/// Writes a frame, if the client takes it in soon enough.
async fn write(app: &App, wire: &mut Wire, frame: Encoded) -> Result<(), End> {
    match timeout(app.timing().send, wire.send(frame)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Gone),
        Err(_) => Err(End::close(CLOSE_TOO_SLOW, "frames are not taken in")),
    }
}
