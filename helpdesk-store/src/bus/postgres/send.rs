//! The task that sends. One a node, so that however much is said a node notifies a few times a second: at its end a
//! transaction that notifies holds a lock that all others want.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use helpdesk_core::bus::{Signal, Topic};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::Shared;
use super::outbox::{Outbox, notices};

/// How long signals are collected before they are sent.
const WINDOW: Duration = Duration::from_millis(5);
/// How often the table is written at most.
const TABLE: Duration = Duration::from_millis(200);
/// Signals that are sent at once.
const BATCH: usize = 1_000;
/// How often a node that has nothing to say says that it lives.
pub(super) const PULSE: Duration = Duration::from_secs(5);
/// How long sending may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait after sending failed.
const PAUSE: Duration = Duration::from_millis(500);
/// How often old rows are removed.
const EXPIRY: Duration = Duration::from_secs(30);

pub(super) async fn send(shared: Arc<Shared>, mut published: mpsc::Receiver<(Topic, Arc<Signal>)>) {
    let mut outbox = Outbox::default();
    let mut next = 1;
    let mut pulse = Instant::now();
    let mut table = Instant::now();
    let mut expiry = Instant::now() + EXPIRY;
    loop {
        if outbox.len() == 0 || !outbox.has_short() {
            let due = async {
                match outbox.has_long() {
                    true => sleep_until(table).await,
                    false => pending().await,
                }
            };
            tokio::select! {
                // The bus was dropped.
                item = published.recv() => match item {
                    Some((topic, signal)) => outbox.push(topic, signal),
                    None => return,
                },
                () = due => {}
                () = sleep_until(pulse) => {}
            }
        }
        let window = Instant::now() + WINDOW;
        while outbox.len() < BATCH
            && let Ok(Some((topic, signal))) = timeout_at(window, published.recv()).await
        {
            outbox.push(topic, signal);
        }
        let now = Instant::now();
        let with_table = now >= table;
        let (items, rows) = outbox.take(with_table);
        let lost = shared.lost.swap(false, Ordering::AcqRel);
        if items.is_empty() && now < pulse && !lost {
            continue;
        }
        if !rows.is_empty() {
            table = now + TABLE;
        }
        let payloads = match notices(shared.node, &mut next, lost, items) {
            Ok(payloads) => payloads,
            Err(error) => {
                tracing::error!(%error, "signals cannot be written");
                continue;
            }
        };
        match timeout(PATIENCE, shared.table.send(&shared.pool, shared.node, &rows, &payloads)).await {
            Ok(Ok(())) => pulse = now + PULSE,
            failed => {
                tracing::warn!(?failed, "signals could not be sent");
                shared.lost.store(true, Ordering::Release);
                tokio::time::sleep(PAUSE).await;
                pulse = Instant::now();
            }
        }
        if now >= expiry {
            expiry = now + EXPIRY;
            if let Ok(Err(error)) = timeout(PATIENCE, shared.table.expire(&shared.pool)).await {
                tracing::debug!(%error, "old rows of the bus could not be removed");
            }
        }
    }
}
