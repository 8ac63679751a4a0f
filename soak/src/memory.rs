//! How much memory the servers take, over time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, interval};

use crate::server::Cluster;

/// How often it is looked at.
const PERIOD: Duration = Duration::from_secs(1);
/// A life shorter than this says nothing: caches fill, and allocators settle.
const SHORTEST: Duration = Duration::from_secs(150);

/// What servers took, by server and life.
pub(crate) type Lives = BTreeMap<(usize, u32), Vec<(Instant, u64)>>;

/// Looks until it is asked for what it saw.
pub(crate) fn watch(cluster: Arc<Cluster>) -> oneshot::Sender<oneshot::Sender<Lives>> {
    let (stop, mut stopped) = oneshot::channel::<oneshot::Sender<Lives>>();
    tokio::spawn(async move {
        let (mut lives, mut ticks) = (Lives::new(), interval(PERIOD));
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                asked = &mut stopped => {
                    _ = asked.map(|asked| asked.send(lives));
                    return;
                }
            }
            for (number, node) in cluster.nodes.iter().enumerate() {
                // Who is being started or killed holds it.
                let Some((process, life)) = node.try_lock().ok().and_then(|node| node.process()) else { continue };
                if let Some(bytes) = resident(process) {
                    lives.entry((number, life)).or_default().push((Instant::now(), bytes));
                }
            }
        }
    });
    stop
}

fn resident(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

/// What a server took in the second and the last quarter of its life: medians, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Growth {
    /// How long it lived.
    pub(crate) lived: Duration,
    /// In the second quarter.
    pub(crate) before: u64,
    /// In the last quarter.
    pub(crate) after: u64,
}

/// The growth of the longest life, if that was long enough to tell.
pub(crate) fn growth(lives: &Lives) -> Option<Growth> {
    let lived = |samples: &Vec<(Instant, u64)>| match samples.as_slice() {
        [(first, _), .., (last, _)] => *last - *first,
        _ => Duration::ZERO,
    };
    let samples = lives.values().max_by_key(|samples| lived(samples)).filter(|samples| lived(samples) >= SHORTEST)?;
    let quarter = samples.len() / 4;
    let median = |part: &[(Instant, u64)]| {
        let mut sizes: Vec<u64> = part.iter().map(|(_, size)| *size).collect();
        sizes.sort_unstable();
        sizes.get(sizes.len() / 2).copied().unwrap_or(0)
    };
    Some(Growth { lived: lived(samples), before: median(&samples[quarter..2 * quarter]), after: median(&samples[3 * quarter..]) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_life_is_judged_by_its_second_and_last_quarter() {
        let begin = Instant::now();
        let life = |seconds: u64, size: fn(u64) -> u64| -> Vec<(Instant, u64)> {
            (0..=seconds).map(|second| (begin + Duration::from_secs(second), size(second))).collect()
        };
        let lives =
            Lives::from([((0, 1), life(80, |_| 7)), ((1, 1), life(200, |second| if second < 40 { 1 } else { 10 + second / 150 * 5 }))]);
        assert_eq!(growth(&lives), Some(Growth { lived: Duration::from_secs(200), before: 10, after: 15 }));
        assert_eq!(growth(&Lives::from([((0, 1), life(149, |_| 7))])), None);
    }
}
