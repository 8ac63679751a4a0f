//! The task that hears what other nodes send, over one connection, and passes it on to this node's listeners.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use helpdesk_core::id::NodeId;
use sqlx::postgres::PgListener;
use tokio::time::{Instant, sleep, timeout};

use super::Shared;
use super::outbox::{Item, News, Notice};
use super::send::PULSE;

/// How long it may be silent, when even this node itself says every few seconds that it lives.
const SILENCE: Duration = Duration::from_secs(3 * PULSE.as_secs());
/// How long reading rows may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait before connecting again, from and to.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(3));
/// How long a node that is not heard is remembered.
const MEMORY: Duration = Duration::from_secs(600);

/// Opens the connection.
pub(super) async fn listen(shared: &Shared) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(&shared.pool).await?;
    // Connecting again is done here, where it is known that signals were lost.
    listener.eager_reconnect(false);
    listener.listen(&shared.table.channel).await?;
    Ok(listener)
}

pub(super) async fn hear(shared: Arc<Shared>, mut listener: PgListener) {
    loop {
        follow(&shared, &mut listener).await;
        if shared.pool.is_closed() {
            return;
        }
        drop(listener);
        let mut pause = PAUSES.0;
        listener = loop {
            match timeout(PATIENCE, listen(&shared)).await {
                Ok(Ok(listener)) => break listener,
                failed => tracing::warn!(error = ?failed.map(|result| result.err()), "the bus cannot connect to Postgres"),
            }
            if shared.pool.is_closed() {
                return;
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        };
        tracing::info!("signals were lost while Postgres was out of reach");
        shared.fan_out.tell_loss_to_all();
    }
}

/// Passes signals on until the connection is lost.
async fn follow(shared: &Shared, listener: &mut PgListener) {
    let mut nodes: HashMap<NodeId, (u64, Instant)> = HashMap::new();
    // In time even a connection that is cut without a word is found out.
    while let Ok(Ok(Some(notification))) = timeout(SILENCE, listener.try_recv()).await {
        let notice: Notice = match serde_json::from_str(notification.payload()) {
            Ok(notice) => notice,
            Err(error) => {
                // A newer node speaks of what this one does not know.
                tracing::debug!(%error, "a notification cannot be read");
                continue;
            }
        };
        if notice.node == shared.node {
            continue;
        }
        let now = Instant::now();
        if !nodes.contains_key(&notice.node) {
            nodes.retain(|_, (_, heard)| now - *heard < MEMORY);
        }
        let before = nodes.insert(notice.node, (notice.number, now));
        if notice.lost || before.is_some_and(|(before, _)| notice.number > before + 1) {
            shared.fan_out.tell_loss_to_all();
        }
        pass_on(shared, notice).await;
    }
}

async fn pass_on(shared: &Shared, notice: Notice) {
    let wanted: Vec<Item> = notice.items.into_iter().filter(|item| shared.fan_out.hears(item.topic)).collect();
    let numbers: Vec<u64> = wanted.iter().filter_map(|item| if let News::Row(number) = item.news { Some(number) } else { None }).collect();
    let mut rows = HashMap::new();
    if !numbers.is_empty() {
        match timeout(PATIENCE, shared.table.read(&shared.pool, notice.node, &numbers)).await {
            Ok(Ok(read)) => rows.extend(read),
            failed => tracing::warn!(error = ?failed.map(|result| result.err()), "signals could not be read"),
        }
    }
    for Item { topic, news } in wanted {
        match news {
            News::Signal(signal) => shared.fan_out.tell(topic, signal),
            News::Row(number) => match rows.remove(&number) {
                Some(signals) => signals.into_iter().for_each(|signal| shared.fan_out.tell(topic, signal)),
                None => shared.fan_out.tell_loss(topic),
            },
        }
    }
}
