//! Closed loops: so many connections, each with one request under way.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::Failure;
use crate::connection::Connection;
use crate::statistics::percentile;

/// What a load did.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    /// Answers a second.
    pub(crate) rate: f64,
    /// The time that half of the answers took at most, in milliseconds.
    pub(crate) p50: f64,
    /// And 99 of a hundred.
    pub(crate) p99: f64,
}

/// Runs a loop on each connection for `span`, after a tenth of it to warm up. `next` makes the n-th request of one.
pub(crate) async fn run<F>(connections: Vec<(Connection, F)>, span: Duration, accepted: &'static [u16]) -> Result<Done, Failure>
where
    F: FnMut(u64) -> Vec<u8> + Send + 'static,
{
    let begin = Instant::now() + span / 10;
    let end = begin + span;
    let mut loops = JoinSet::new();
    for (mut connection, mut next) in connections {
        loops.spawn(async move {
            let mut times = Vec::new();
            let mut number = 0;
            loop {
                let request = next(number);
                number += 1;
                let sent = Instant::now();
                let (status, answer) = connection.call(&request).await?;
                if !accepted.contains(&status) {
                    return Err::<_, Failure>(format!("{status}: {}", String::from_utf8_lossy(answer)).into());
                }
                let now = Instant::now();
                if now >= end {
                    return Ok(times);
                }
                if sent >= begin {
                    times.push((now - sent).as_secs_f64() * 1000.0);
                }
            }
        });
    }
    let mut times = Vec::new();
    while let Some(ended) = loops.join_next().await {
        times.extend(ended??);
    }
    Ok(Done { rate: times.len() as f64 / span.as_secs_f64(), p50: percentile(&mut times, 0.5), p99: percentile(&mut times, 0.99) })
}
