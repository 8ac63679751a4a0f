//! Who is let in when many come at once.
//!
//! A request takes one of a bounded number of places, or is told at once to come again. While its body trickles in it
//! holds none: it waits among a bounded number of others, for a bounded time, and of each network only so many wait. So
//! neither a store that stalls nor clients that are slow on purpose make the server hold more than it has room for.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::limits::{Limits, network};
use crate::problem::Problem;
use crate::state::App;

/// What every body may hold, in bytes; messages are shorter.
const SMALL: usize = 16 * 1024;
/// What the bodies that are longer may hold together.
const LARGE: usize = 64 * 1024 * 1024;

/// The places of a router.
#[derive(Debug)]
pub(crate) struct Admissions {
    places: Arc<Semaphore>,
    room: Arc<Semaphore>,
    waiting: Arc<Mutex<Waiting>>,
    at_once: usize,
    of_network: usize,
    patience: Duration,
}

#[derive(Debug, Default)]
struct Waiting {
    all: usize,
    by_network: HashMap<IpAddr, usize>,
}

impl Admissions {
    /// By these limits; a body may take so long.
    pub(crate) fn new(limits: &Limits, patience: Duration) -> Self {
        Self {
            places: Arc::new(Semaphore::new(limits.requests_at_once)),
            room: Arc::new(Semaphore::new(LARGE)),
            waiting: Arc::default(),
            at_once: limits.slow_bodies,
            of_network: limits.slow_bodies_per_address,
            patience,
        }
    }
}

/// One request's place.
#[derive(Clone, Debug)]
pub(crate) struct Admission(Arc<Held>);

#[derive(Debug)]
struct Held {
    app: App,
    network: Option<IpAddr>,
    place: Mutex<Option<OwnedSemaphorePermit>>,
    room: Mutex<Option<OwnedSemaphorePermit>>,
}

/// A request that waits for the rest of its body.
#[derive(Debug)]
pub(crate) struct Slow {
    waiting: Arc<Mutex<Waiting>>,
    network: Option<IpAddr>,
}

/// Lets a request in, or sends it away at once.
pub(crate) async fn admit<F: Future<Output = Response>>(app: App, request: Request, rest: impl FnOnce(Request) -> F) -> Response {
    // Who asks how the server is must hear it; what browsers ask ahead of a request costs nothing.
    if matches!(request.uri().path(), "/healthz" | "/readyz") || request.method() == Method::OPTIONS {
        return rest(request).await;
    }
    let Ok(place) = Arc::clone(&app.admissions().places).try_acquire_owned() else {
        let mut response = turned_away().into_response();
        // A widget on another site could not read this without leave, and would take the server for unreachable.
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        response.headers_mut().insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
        return response;
    };
    let (mut head, body) = request.into_parts();
    let network = app.client_address(&head).map(network);
    let held = Held { app, network, place: Mutex::new(Some(place)), room: Mutex::default() };
    let admission = Admission(Arc::new(held));
    head.extensions.insert(admission.clone());
    let response = rest(Request::from_parts(head, body)).await;
    // Given up, and not only dropped: who opened a socket or a stream keeps the head of its request.
    admission.leave();
    response
}

fn turned_away() -> Problem {
    metrics::counter!("helpdesk_http_turned_away_total").increment(1);
    Problem::busy()
}

impl Admission {
    fn leave(&self) {
        drop(self.0.place().take());
        drop(self.0.room().take());
    }

    /// How long a body may take.
    pub(crate) fn patience(&self) -> Duration {
        self.0.app.admissions().patience
    }

    /// The body does not come at once: gives the place up until it is there.
    pub(crate) fn wait(&self) -> Result<Slow, Problem> {
        let admissions = self.0.app.admissions();
        let mut waiting = admissions.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let of_network = self.0.network.and_then(|network| waiting.by_network.get(&network)).copied().unwrap_or_default();
        if waiting.all >= admissions.at_once || of_network >= admissions.of_network {
            return Err(turned_away());
        }
        waiting.all += 1;
        if let Some(network) = self.0.network {
            waiting.by_network.insert(network, of_network + 1);
        }
        drop(self.0.place().take());
        Ok(Slow { waiting: Arc::clone(&admissions.waiting), network: self.0.network })
    }

    /// The body is there: takes a place again.
    pub(crate) fn proceed(&self, slow: Slow) -> Result<(), Problem> {
        drop(slow);
        let place = Arc::clone(&self.0.app.admissions().places).try_acquire_owned().map_err(|_| turned_away())?;
        *self.0.place() = Some(place);
        Ok(())
    }

    /// Room for a body of this length, until the request is answered.
    pub(crate) fn make_room(&self, length: usize) -> Result<(), Problem> {
        let mut room = self.0.room();
        let held = room.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = length.saturating_sub(SMALL).saturating_sub(held);
        if more > 0 {
            let more = u32::try_from(more).map_err(|_| turned_away())?;
            let more = Arc::clone(&self.0.app.admissions().room).try_acquire_many_owned(more).map_err(|_| turned_away())?;
            match room.as_mut() {
                Some(room) => room.merge(more),
                None => *room = Some(more),
            }
        }
        Ok(())
    }
}

impl Held {
    fn room(&self) -> std::sync::MutexGuard<'_, Option<OwnedSemaphorePermit>> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(&self) -> std::sync::MutexGuard<'_, Option<OwnedSemaphorePermit>> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slow {
    fn drop(&mut self) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.all -= 1;
        if let Some(network) = self.network
            && let Some(count) = waiting.by_network.get_mut(&network)
        {
            *count -= 1;
            if *count == 0 {
                waiting.by_network.remove(&network);
            }
        }
    }
}

/// The body did not come in time.
pub(crate) fn too_slow() -> Problem {
    Problem::new(StatusCode::REQUEST_TIMEOUT, "timeout", "the body took too long to arrive; send it again")
}
