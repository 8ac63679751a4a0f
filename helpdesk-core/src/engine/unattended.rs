//! Work that goes on whether or not anybody looks.
//!
//! A stream is polled only when its listener takes the next event; behind a client that reads slowly that may be much
//! later, or never. What the stream had begun to read by then must not stand still with it: it holds what others wait
//! for, a connection of the store's pool, a place in the queue for one, the meeting of those who listen.

use std::future::Future;

use tokio_util::task::AbortOnDropHandle;

/// Does it in a task of its own, from now on, and answers what it came to. Who waits for that holds no more than a handle:
/// streams are many, and most of them read nothing.
///
/// # Cancel safety
/// Dropped, it ends the work as if that had been dropped itself.
pub(super) fn unattended<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> impl Future<Output = T> {
    let task = AbortOnDropHandle::new(tokio::spawn(work));
    async move {
        match task.await {
            Ok(done) => done,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime goes down, and all that waits goes with it.
                Err(_) => std::future::pending().await,
            },
        }
    }
}
