//! Chatting while the helpdesk is off: the answer streams in the response, and nothing is stored.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt as _};
use helpdesk_core::Error;
use helpdesk_core::engine::OffEvent;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Visitor;
use crate::dto::SignedEntry;
use crate::extract::{ClientName, Json};
use crate::problem::Problem;
use crate::state::App;

/// How often silence is commented on, so that proxies keep the line open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A transcript is longer than any other body, and comes back whole with each message.
const TRANSCRIPT_LIMIT: usize = 1024 * 1024;

/// What was said so far, and what is said now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Chat {
    /// Accepted; nothing is kept under it.
    #[serde(rename = "client_id")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64)]
    _client_id: Option<ClientName>,
    /// All entries so far, as they came, in order.
    transcript: Vec<SignedEntry>,
    /// The message.
    #[schema(min_length = 1, max_length = 10_000)]
    text: String,
}

/// More of the answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChatDelta {
    /// Unicode scalar values before this text.
    offset: u64,
    /// The text.
    text: String,
}

/// Says something while the helpdesk is off.
///
/// The events of the stream: `entry` (the visitor's message, signed), any number of `delta`, then `entry` (the whole
/// answer, signed) or `error` (a problem). Keep the entries and send them with the next message.
#[utoipa::path(post, path = "/api/v1/widget/chat", tag = "widget", request_body = Chat, responses(
    (status = 200, description = "The stream of `entry` (SignedEntry), `delta` (ChatDelta) and `error` (Problem)", body = ChatDelta, content_type = "text/event-stream"),
    (status = 422, description = "`transcript_invalid`: changed, reordered or cut; `invalid` with `field`", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn chat(
    State(app): State<App>,
    Visitor(visitor): Visitor,
    Json(body): Json<Chat, TRANSCRIPT_LIMIT>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    app.limiter().message(visitor.workspace().id(), visitor.id())?;
    let transcript: Vec<_> = body.transcript.into_iter().map(Into::into).collect();
    let events = visitor.chat_without_storage(&transcript, &body.text).await?;
    let events = events.map(|event| Ok(encode(event)));
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

fn encode(event: Result<OffEvent, Error>) -> Event {
    let encoded = match event {
        Ok(OffEvent::Entry(entry)) => Event::default().event("entry").json_data(SignedEntry::from(entry)),
        Ok(OffEvent::Delta { offset, text }) => Event::default().event("delta").json_data(ChatDelta { offset, text }),
        Err(error) => Event::default().event("error").json_data(Problem::from(error)),
    };
    // Plain values do not fail to be written as JSON.
    encoded.unwrap_or_else(|_| Event::default().event("error"))
}
