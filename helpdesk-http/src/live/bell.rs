//! What seldom happens to a socket rings a bell.
//!
//! A socket waits for many things, and nearly always it is news that come. To look after all the others each time touches
//! memory all over the place, for each of thousands of sockets; so they are looked after when they rang.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// The bell of a task. It has rung at first, and may ring in vain.
#[derive(Debug, Default)]
pub(super) struct Bell(Option<Arc<Cord>>);

/// What is pulled to ring, and to wake the task.
#[derive(Debug)]
struct Cord {
    task: Waker,
    rung: AtomicBool,
}

impl Wake for Cord {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        self.task.wake_by_ref();
    }
}

impl Bell {
    /// Waits for what comes often and for what seldom does. The latter is polled only after it rang: what it waits for has
    /// to keep the waker that it was given, even where the future that waits is dropped and made anew.
    ///
    /// # Cancel safety
    /// As both futures.
    pub(super) async fn hear<T>(&mut self, often: impl Future<Output = T>, seldom: impl Future<Output = T>) -> T {
        let (mut often, mut seldom) = (pin!(often), pin!(seldom));
        poll_fn(|context| {
            let cord = self.cord(context.waker());
            if cord.rung.load(Ordering::Relaxed) && cord.rung.swap(false, Ordering::Acquire) {
                let waker = Waker::from(Arc::clone(cord));
                if let Poll::Ready(done) = seldom.as_mut().poll(&mut Context::from_waker(&waker)) {
                    // What else there is, and what is waited for from now on, was not polled yet.
                    cord.rung.store(true, Ordering::Relaxed);
                    return Poll::Ready(done);
                }
            }
            often.as_mut().poll(context)
        })
        .await
    }

    /// The one that wakes this task, which is the same for as long as the future stays where it is.
    fn cord(&mut self, task: &Waker) -> &Arc<Cord> {
        let known = self.0.take().filter(|cord| cord.task.will_wake(task));
        self.0.insert(known.unwrap_or_else(|| Arc::new(Cord { task: task.clone(), rung: AtomicBool::new(true) })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::task::noop_waker;
    use std::cell::Cell;
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    /// Polls once, as a task that was woken does.
    fn woken(bell: &mut Bell, news: &mut UnboundedReceiver<u8>, calls: &mut UnboundedReceiver<u8>, looks: &Cell<u8>) -> Poll<u8> {
        let often = async { news.recv().await.unwrap() };
        let seldom = poll_fn(|context| {
            looks.set(looks.get() + 1);
            calls.poll_recv(context).map(Option::unwrap)
        });
        let waker = noop_waker();
        pin!(bell.hear(often, seldom)).poll(&mut Context::from_waker(&waker))
    }

    #[test]
    fn what_seldom_happens_is_looked_after_when_it_rang() {
        let (mut bell, looks) = (Bell::default(), Cell::new(0));
        let ((tell, mut news), (call, mut calls)) = (unbounded_channel(), unbounded_channel());
        let mut woken = || woken(&mut bell, &mut news, &mut calls, &looks);
        assert_eq!((woken(), looks.get()), (Poll::Pending, 1), "nobody waits unseen");
        tell.send(1).unwrap();
        tell.send(2).unwrap();
        assert_eq!((woken(), woken(), woken(), looks.get()), (Poll::Ready(1), Poll::Ready(2), Poll::Pending, 1));
        tell.send(3).unwrap();
        call.send(4).unwrap();
        assert_eq!((woken(), looks.get()), (Poll::Ready(4), 2), "news do not drown it");
        assert_eq!((woken(), looks.get()), (Poll::Ready(3), 3), "and it is waited for again");
        call.send(5).unwrap();
        call.send(6).unwrap();
        assert_eq!((woken(), woken(), woken(), looks.get()), (Poll::Ready(5), Poll::Ready(6), Poll::Pending, 6));
    }

    #[tokio::test]
    async fn another_task_is_woken_too() {
        let (mut bell, looks) = (Bell::default(), Cell::new(0));
        let ((_tell, mut news), (call, mut calls)) = (unbounded_channel(), unbounded_channel());
        assert!(woken(&mut bell, &mut news, &mut calls, &looks).is_pending());
        let listening = tokio::spawn(async move { bell.hear(async { news.recv().await }, async { calls.recv().await }).await });
        tokio::task::yield_now().await;
        call.send(7).unwrap();
        assert_eq!(listening.await.unwrap(), Some(7));
    }
}
