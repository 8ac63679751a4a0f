//! The readers: connections that answer questions, each on a thread of its own.
//!
//! A question is a closure. It crosses to a thread once and its whole answer comes back at once, so a thread that is busy
//! goes on to the next question without being woken.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use helpdesk_core::store::StoreError;
use tokio::sync::{oneshot, watch};

use super::connection;
use super::read::{Parsed, Source};
use crate::sql::fault::{Fault, unavailable};

/// The most questions that wait; who comes later waits for a place.
const WAITING: usize = 1_024;

type Question = Box<dyn FnOnce(&mut Reader) + Send>;

/// The callers' side of the readers.
#[derive(Debug)]
pub(super) struct Readers {
    /// None once the store is closed.
    questions: Mutex<Option<flume::Sender<Question>>>,
    /// Nothing is ever sent; closed when the threads are done.
    ended: watch::Receiver<()>,
}

impl Readers {
    /// Starts so many threads. They end when this side is dropped, after what waits.
    pub(super) fn start(count: u32, file: &std::path::Path, patience: Duration, parsed: &Arc<Parsed>) -> Result<Self, StoreError> {
        let (questions, asked) = flume::bounded::<Question>(WAITING);
        let (running, ended) = watch::channel(());
        for _ in 0..count {
            let (asked, running) = (asked.clone(), running.clone());
            let mut reader = Reader { file: file.to_owned(), patience, parsed: Arc::clone(parsed), source: None };
            std::thread::Builder::new()
                .name("helpdesk-reader".to_owned())
                .spawn(move || {
                    for question in asked {
                        // The caller hears that there is no answer; the others must not lose their reader.
                        if catch_unwind(AssertUnwindSafe(|| question(&mut reader))).is_err() {
                            reader.source = None;
                        }
                    }
                    drop(reader);
                    drop(running);
                })
                .map_err(|error| unavailable(format!("a reader has no thread: {error}")))?;
        }
        Ok(Self { questions: Mutex::new(Some(questions)), ended })
    }

    /// Asks the next reader that is free.
    ///
    /// # Cancel safety
    ///
    /// A question whose caller is gone before its turn is not asked.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Source) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let question: Question = Box::new(move |reader| {
            if !reply.is_closed() {
                let _gone = reply.send(reader.answer(question));
            }
        });
        let closed = || unavailable("the store is closed");
        let questions = self.questions.lock().unwrap_or_else(PoisonError::into_inner).clone().ok_or_else(closed)?;
        questions.send_async(question).await.map_err(|_| closed())?;
        answer.await.map_err(|_| unavailable("the question was lost"))?
    }

    /// Answers what waits and ends the threads.
    pub(super) async fn close(&self) {
        self.questions.lock().unwrap_or_else(PoisonError::into_inner).take();
        let _ended = self.ended.clone().changed().await;
    }
}

/// A thread's own.
struct Reader {
    file: PathBuf,
    patience: Duration,
    parsed: Arc<Parsed>,
    /// Absent before the first question and after a failure.
    source: Option<Source>,
}

impl Reader {
    fn answer<T>(&mut self, question: impl FnOnce(&mut Source) -> Result<T, Fault>) -> Result<T, StoreError> {
        let mut source = match self.source.take() {
            Some(source) => source,
            None => Source::new(connection::to_read(&self.file, self.patience)?, Arc::clone(&self.parsed)),
        };
        let answer = question(&mut source);
        if !matches!(answer, Err(Fault::Sqlite(_))) {
            self.source = Some(source);
        }
        Ok(answer?)
    }
}
