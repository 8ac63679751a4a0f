//! The live protocol as server-sent events, where sockets are blocked.

use std::convert::Infallible;
use std::sync::Arc;

use async_stream::stream;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt as _};
use serde::Deserialize;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::task::AbortOnDropHandle;
use utoipa::IntoParams;

use super::encode::{audience, frame};
use super::frame::{After, ServerFrame};
use super::peer::Peer;
use super::topic;
use crate::extract::Query;
use crate::problem::Problem;
use crate::state::App;

/// What to listen to.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Listen {
    /// `conversation:{id}` or `queue`.
    topic: String,
    /// The last version of the conversation, or the last cursor of the queue; none: only what is new.
    after: Option<String>,
}

/// The frames of one topic, as server-sent events: `data` holds the frame.
#[utoipa::path(get, path = "/api/v1/events", tag = "live", params(Listen), responses(
    (status = 200, description = "The stream; each `data` is a `ServerFrame`", body = ServerFrame, content_type = "text/event-stream"),
))]
pub(crate) async fn stream(
    State(app): State<App>,
    peer: Peer,
    Query(listen): Query<Listen>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let after = listen.after.map(After::Cursor);
    let topic = topic::parse(&listen.topic, after.as_ref())?;
    let (workspace, actor) = (peer.workspace().clone(), peer.actor());
    let place = app.sockets().enter(app.limits(), workspace.id(), actor)?;
    let mut events = workspace.subscribe(actor, topic).await?;
    let presence = workspace.enter(actor, None).await;
    let timing = app.timing();
    let name = listen.topic;
    let frames = stream! {
        let _held = (place, presence);
        let peer = Arc::new(peer);
        // Whether the client may still be here: found out in a task of its own, because this stream stands still while
        // the client does not read.
        let mut looking: Option<AbortOnDropHandle<Option<Problem>>> = None;
        let mut authorise = interval_at(Instant::now() + timing.authorise, timing.authorise);
        authorise.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                event = events.next() => match event {
                    Some(Ok(event)) => yield frame(&workspace, audience(actor), &name, event),
                    Some(Err(error)) => {
                        yield ServerFrame::error_of_topic(name, &Problem::from(error));
                        return;
                    }
                    None => return,
                },
                _ = authorise.tick(), if looking.is_none() => {
                    let peer = Arc::clone(&peer);
                    looking = Some(AbortOnDropHandle::new(tokio::spawn(async move { peer.expelled().await })));
                }
                expelled = async { match looking.as_mut() { Some(looking) => looking.await, None => std::future::pending().await } } => {
                    looking = None;
                    if let Some(problem) = expelled.ok().flatten() {
                        yield ServerFrame::error_of_topic(name, &problem);
                        return;
                    }
                }
                () = app.draining().cancelled() => return,
            }
        }
    };
    let events = frames.map(|frame| Ok(Event::default().json_data(frame).unwrap_or_default()));
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(timing.keep_alive)))
}
