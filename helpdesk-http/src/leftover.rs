//! What is left of a request when its answer is ready.
//!
//! An answer that does not wait for the body (no credentials, no such route) leaves bytes on the connection. The server
//! would cut it, and a client that reuses connections would take the cut for the fate of its next request. So what is
//! left is read over, within limits; beyond them the answer says that the connection ends.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, Version, header};
use axum::response::Response;
use futures_util::StreamExt as _;
use http_body::{Frame, SizeHint};
use tokio::time::timeout;

/// How much is read over, in bytes, and for how long.
const LIMIT: usize = 4 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(2);

/// Reads the body of a request to its end, whatever the handler left of it.
pub(crate) async fn read_over<F: Future<Output = Response>>(request: Request, rest: impl FnOnce(Request) -> F) -> Response {
    let (head, body) = request.into_parts();
    if body.is_end_stream() {
        return rest(Request::from_parts(head, body)).await;
    }
    // Who waits to be asked for the body is not asked for what nobody wants.
    let (waits, version) = (head.headers.contains_key(header::EXPECT), head.version);
    let body = Shared(Arc::new(Mutex::new(body)));
    let mut response = rest(Request::from_parts(head, Body::new(body.clone()))).await;
    // Who is too slow, or too much, is not waited for.
    let patience = match response.status() {
        StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => Duration::ZERO,
        _ => PATIENCE,
    };
    if !body.is_end_stream() && (waits || !body.ends(patience).await) && version <= Version::HTTP_11 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// A body that outlives the handler that it was given to.
#[derive(Clone)]
struct Shared(Arc<Mutex<Body>>);

impl Shared {
    fn inner(&self) -> std::sync::MutexGuard<'_, Body> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it comes to its end within the limits.
    async fn ends(self, patience: Duration) -> bool {
        let read = async {
            let (mut rest, mut length) = (Body::new(self).into_data_stream(), 0);
            while let Some(chunk) = rest.next().await {
                length += chunk.map_or(LIMIT, |chunk| chunk.len());
                if length >= LIMIT {
                    return false;
                }
            }
            true
        };
        timeout(patience, read).await.unwrap_or(false)
    }
}

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut *self.inner()).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner().size_hint()
    }
}
