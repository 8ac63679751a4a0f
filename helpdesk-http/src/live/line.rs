//! What is written to a socket, whoever writes it: one frame after the other, each to its end.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use futures_util::task::noop_waker_ref;
use futures_util::{SinkExt as _, StreamExt as _};
use helpdesk_core::engine::ConversationChange;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::encoded::Encoded;

/// The bytes of a socket and what is being written to it. `T` carries them.
#[derive(Debug)]
pub(super) struct Line<T> {
    /// The last frame and how much of it was written. Nothing else may be written before its end.
    last: Option<(Encoded, usize)>,
    /// A ping or a farewell came, and perhaps its answer was not written yet.
    owes: bool,
    /// Who is to write the rest of what an outlet began.
    task: Option<Waker>,
    socket: WebSocketStream<T>,
}

impl<T: AsyncRead + AsyncWrite + Unpin> Line<T> {
    /// Nothing was written yet.
    pub(super) const fn new(socket: WebSocketStream<T>) -> Self {
        Self { last: None, owes: false, task: None, socket }
    }

    /// The next message of the client. While a frame is half written none comes: reading may write an answer. Whoever
    /// polls this polls [`poll_cut_short`](Self::poll_cut_short) as well.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Message, Error>>> {
        if self.last.is_some() {
            return Poll::Pending;
        }
        let message = ready!(self.socket.poll_next_unpin(context));
        self.owes |= matches!(message, Some(Ok(Message::Ping(_) | Message::Close(_))));
        Poll::Ready(message)
    }

    /// Ready when a frame is half written.
    pub(super) fn poll_cut_short(&mut self, context: &Context<'_>) -> Poll<()> {
        if self.last.is_some() {
            return Poll::Ready(());
        }
        if !self.task.as_ref().is_some_and(|task| task.will_wake(context.waker())) {
            self.task = Some(context.waker().clone());
        }
        Poll::Pending
    }

    /// Writes the rest of what was begun and then this frame, which is taken once it is begun.
    pub(super) fn poll_send(&mut self, context: &mut Context<'_>, frame: &mut Option<Encoded>) -> Poll<Result<(), Error>> {
        loop {
            ready!(self.poll_finish(context))?;
            match frame.take() {
                Some(frame) => self.last = Some((frame, 0)),
                None => return Poll::Ready(Ok(())),
            }
        }
    }

    fn poll_finish(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.owes && self.last.is_none() {
            ready!(self.socket.poll_flush_unpin(context))?;
            self.owes = false;
        }
        while let Some((frame, written)) = &mut self.last {
            let rest = &frame.bytes()[*written..];
            if rest.is_empty() {
                self.last = None;
                break;
            }
            // One slice is written at less cost than a list of one.
            match ready!(Pin::new(self.socket.get_mut()).poll_write(context, rest))? {
                0 => return Poll::Ready(Err(Error::Io(io::ErrorKind::WriteZero.into()))),
                more => *written += more,
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Says what the protocol says rather than we.
    pub(super) fn poll_say(&mut self, context: &mut Context<'_>, words: &mut Option<Message>) -> Poll<Result<(), Error>> {
        if words.is_some() {
            ready!(self.socket.poll_ready_unpin(context))?;
        }
        if let Some(words) = words.take() {
            self.socket.start_send_unpin(words)?;
        }
        self.socket.poll_flush_unpin(context)
    }

    /// Writes a change that was encoded, if nothing is to be written before it and the socket takes something at once; whether
    /// it did. Of what it takes only a part the task writes the rest.
    pub(super) fn take(&mut self, change: &Arc<ConversationChange>) -> bool {
        let bytes = change.encoded();
        if self.last.is_some() || self.owes || bytes.is_empty() {
            return false;
        }
        // Where it would have to wait, or fails, the task finds out by itself.
        let mut context = Context::from_waker(noop_waker_ref());
        let Poll::Ready(Ok(written @ 1..)) = Pin::new(self.socket.get_mut()).poll_write(&mut context, bytes) else { return false };
        if written < bytes.len() {
            self.last = Some((Encoded::Shared(Arc::clone(change)), written));
            if let Some(task) = self.task.take() {
                task.wake();
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::future::{Future, poll_fn};
    use std::time::Duration;

    use futures_util::future::poll_immediate;
    use helpdesk_core::Helpdesk;
    use helpdesk_core::bus::LiveActor;
    use helpdesk_core::engine::{LiveEvent, LiveTopic, OperatorProfile, SessionRequest, SettingsEdit};
    use helpdesk_core::id::{Version, WorkspaceId};
    use helpdesk_core::model::{Audience, Role};
    use helpdesk_core::store::MemoryStore;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
    use tokio_tungstenite::tungstenite::protocol::Role as Side;

    use super::super::encode::encode_once;
    use super::*;

    /// A change, encoded.
    async fn change() -> Arc<ConversationChange> {
        let desk = Helpdesk::builder(MemoryStore::new()).build().await.unwrap();
        let workspace = desk.workspace(WorkspaceId::DEFAULT);
        let ana = workspace.ensure_operator(&OperatorProfile::new("ana", "Ana", Role::Owner)).await.unwrap();
        let on = SettingsEdit { helpdesk: Some(true), ..SettingsEdit::default() };
        workspace.operator(ana.id).update_settings(None, on).await.unwrap();
        let session = desk.begin_session(SessionRequest::default()).await.unwrap();
        let visitor = desk.authorise_visitor(&session.token).await.unwrap();
        let conversation = visitor.start("Hello").await.unwrap().conversation.id;
        let topic = LiveTopic::Conversation { conversation, after: Some(Version::ZERO) };
        let first = workspace.subscribe(LiveActor::Operator(ana.id), topic).await.unwrap().next().await;
        let Some(Ok(LiveEvent::Changed(change))) = first else { panic!("not a change: {first:?}") };
        encode_once(Audience::Team, &change);
        change
    }

    /// A line with room for so many bytes, and its other end.
    async fn line(room: usize) -> (Line<DuplexStream>, DuplexStream) {
        let (near, far) = duplex(room);
        (Line::new(WebSocketStream::from_raw_socket(near, Side::Server, None).await), far)
    }

    async fn read(far: &mut DuplexStream, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        soon(far.read_exact(&mut bytes)).await.unwrap();
        bytes
    }

    async fn soon<T>(what: impl Future<Output = T>) -> T {
        tokio::time::timeout(Duration::from_secs(10), what).await.expect("it is done within ten seconds")
    }

    async fn is_cut_short(line: &mut Line<DuplexStream>) -> bool {
        poll_immediate(poll_fn(|context| line.poll_cut_short(context))).await.is_some()
    }

    #[tokio::test]
    async fn what_does_not_fit_is_refused_and_nothing_of_it_is_written() {
        let change = change().await;
        let length = change.encoded().len();
        let (mut line, mut far) = line(length).await;
        assert!(line.take(&change), "there is room for one");
        assert!(!line.take(&change) && !is_cut_short(&mut line).await);
        assert_eq!(read(&mut far, length).await, change.encoded());
        assert!(line.take(&change), "and again once it was read");
        drop(line);
        let mut rest = Vec::new();
        soon(far.read_to_end(&mut rest)).await.unwrap();
        assert_eq!(rest, change.encoded());
    }

    #[tokio::test]
    async fn of_what_fits_in_part_the_task_is_woken_to_write_the_rest() {
        let change = change().await;
        let length = change.encoded().len();
        let (line, mut far) = line(length - 1).await;
        let line = std::sync::Mutex::new(line);
        let mut cut_short = Box::pin(poll_fn(|context| line.lock().unwrap().poll_cut_short(context)));
        assert!(poll_immediate(cut_short.as_mut()).await.is_none());
        let wait = async { assert!(line.lock().unwrap().take(&change)) };
        soon(futures_util::future::join(cut_short, wait)).await;
        let mut line = line.into_inner().unwrap();
        assert!(!line.take(&change), "nothing comes between its parts");
        assert!(poll_immediate(poll_fn(|context| line.poll_next(context))).await.is_none());
        let mut own = Some(Encoded::of(&"own").unwrap());
        let (sent, told) =
            soon(futures_util::future::join(poll_fn(|context| line.poll_send(context, &mut own)), read(&mut far, length + 7))).await;
        sent.unwrap();
        assert_eq!((&told[..length], &told[length..]), (change.encoded(), &b"\x81\x05\"own\""[..]));
        assert!(line.take(&change), "and all is as before");
    }

    #[tokio::test]
    async fn a_ping_is_answered_before_anything_is_told() {
        let change = change().await;
        let (mut line, mut far) = line(64 * 1024).await;
        far.write_all(&[0x89, 0x81, 0, 0, 0, 0, b'?']).await.unwrap();
        let message = soon(poll_fn(|context| line.poll_next(context))).await;
        assert!(matches!(message, Some(Ok(Message::Ping(_)))), "{message:?}");
        assert!(!line.take(&change));
        soon(poll_fn(|context| line.poll_send(context, &mut None))).await.unwrap();
        assert!(line.take(&change));
        assert_eq!(read(&mut far, 3).await, [0x8a, 1, b'?']);
        assert_eq!(read(&mut far, change.encoded().len()).await, change.encoded());
    }

    #[tokio::test]
    async fn whose_other_end_is_gone_refuses_and_the_task_finds_out() {
        let change = change().await;
        let (mut line, far) = line(64 * 1024).await;
        drop(far);
        assert!(!line.take(&change));
        let mut own = Some(Encoded::of(&"own").unwrap());
        assert!(soon(poll_fn(|context| line.poll_send(context, &mut own))).await.is_err());
    }
}
