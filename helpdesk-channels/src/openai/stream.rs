//! The HTTP request of an attempt, and the reading of its stream.
//!
//! The request's types are async-openai's; its client is not used. It repeats requests on its own and drops `Retry-After`, which the
//! engine must see; it hides whether a stream ended or was cut, and buffers it without bound; it logs the text of what it cannot
//! parse; and lenient types would need its feature `byot`, which changes how it works for every other crate of the host.

use std::time::Duration;

use async_openai::types::chat::CreateChatCompletionRequest;
use futures_util::Stream;
use helpdesk_core::ai::{AiError, Delta};
use helpdesk_core::clock::Clock;
use reqwest::Response;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use tokio::time::{Instant, timeout, timeout_at};

use super::answer::AnswerBuilder;
use super::builder::Patience;
use super::call::Call;
use super::chunk::Chunk;
use super::event_stream::EventStream;
use super::fault;

/// As much of an error's body is read.
const ERROR_LIMIT: usize = 16 * 1024;
const ERROR_TIMEOUT: Duration = Duration::from_secs(5);

/// A stream that has begun.
pub(super) struct Reply {
    response: Response,
    patience: Patience,
    /// When the first byte must be there.
    first_byte: Instant,
}

/// Sends the request and waits for the head of the answer.
pub(super) async fn open(
    call: &Call<'_>,
    request: &CreateChatCompletionRequest,
    patience: Patience,
    clock: &dyn Clock,
) -> Result<Reply, AiError> {
    let first_byte = Instant::now() + patience.first_byte;
    let mut post = call.client.post(call.endpoint.url()).header(ACCEPT, "text/event-stream").json(request);
    if let Some(key) = &call.key {
        post = post.header(AUTHORIZATION, key.header());
    }
    let sent = timeout_at(first_byte, post.send()).await.map_err(|_| silent())?;
    let response = sent.map_err(|error| fault::transport(&error))?;
    if !response.status().is_success() {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = beginning(response).await;
        return Err(fault::refused(status, &headers, &body, clock.now()));
    }
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/json") || kind.starts_with("text/html") {
        let body = beginning(response).await;
        return Err(match serde_json::from_slice::<Chunk>(&body) {
            Ok(Chunk { error: Some(error), .. }) => fault::reported(&error),
            _ => AiError::Permanent { detail: "the answer is no stream; is the base URL right?".to_owned() },
        });
    }
    Ok(Reply { response, patience, first_byte })
}

/// Reads the stream to its end, or to the first fault.
pub(super) fn read(mut reply: Reply, mut answer: AnswerBuilder) -> impl Stream<Item = Result<Delta, AiError>> + Send {
    async_stream::try_stream! {
        let mut events = EventStream::default();
        let mut deadline = reply.first_byte;
        'reading: loop {
            let piece = timeout_at(deadline, reply.response.chunk()).await.map_err(|_| silent())?;
            deadline = Instant::now() + reply.patience.between_chunks;
            let (data, ended) = match piece {
                Ok(Some(piece)) => (events.push(&piece).map_err(|_| AiError::unavailable("the answer is endless"))?, false),
                Ok(None) => (std::mem::take(&mut events).finish().into_iter().collect(), true),
                // What comes after the model's last word is of no matter.
                Err(_) if answer.is_complete() => break,
                Err(error) => Err(fault::transport(&error))?,
            };
            for data in data {
                if data == "[DONE]" {
                    answer.complete();
                    break 'reading;
                }
                let text = answer.take(parse(&data)?)?;
                if !text.is_empty() {
                    yield Delta::Text(text);
                }
                if answer.is_full() {
                    break 'reading;
                }
            }
            if ended {
                break;
            }
        }
        // The connection is not needed while the engine commits.
        drop(reply);
        let (text, whole) = answer.finish()?;
        if !text.is_empty() {
            yield Delta::Text(text);
        }
        yield Delta::Done(whole);
    }
}

fn parse(data: &str) -> Result<Chunk, AiError> {
    let chunk: Chunk = serde_json::from_str(data).map_err(|_| AiError::unavailable("a malformed chunk"))?;
    match &chunk.error {
        Some(error) if !error.is_null() => Err(fault::reported(error)),
        _ => Ok(chunk),
    }
}

async fn beginning(mut response: Response) -> Vec<u8> {
    let mut body = Vec::new();
    // Whatever can be had of it in time; the status says the rest.
    let _ = timeout(ERROR_TIMEOUT, async {
        while let Ok(Some(piece)) = response.chunk().await {
            body.extend_from_slice(&piece[..piece.len().min(ERROR_LIMIT - body.len())]);
            if body.len() == ERROR_LIMIT {
                break;
            }
        }
    })
    .await;
    body
}

fn silent() -> AiError {
    AiError::unavailable("the provider did not answer in time")
}
