//! A gate at which a fake waits until the test lets it pass.

use std::sync::Arc;

use tokio::sync::{Semaphore, watch};

/// Holds up whoever comes to it until the test lets them pass, one at a time or all.
///
/// # Clone
///
/// Clones are handles of the same gate.
#[derive(Clone, Debug)]
pub struct Gate {
    arrivals: Arc<watch::Sender<u64>>,
    passes: Arc<Semaphore>,
}

impl Gate {
    /// A closed gate.
    #[must_use]
    pub fn new() -> Self {
        Self { arrivals: Arc::new(watch::Sender::new(0)), passes: Arc::new(Semaphore::new(0)) }
    }

    /// Lets one pass: the one who waits longest, or the next who comes.
    pub fn let_one_pass(&self) {
        self.passes.add_permits(1);
    }

    /// Lets everybody pass from now on.
    pub fn open(&self) {
        self.passes.close();
    }

    /// Waits until so many have come to the gate, counted from its making; those who passed count too.
    pub async fn arrived(&self, count: u64) {
        let mut arrivals = self.arrivals.subscribe();
        arrivals.wait_for(|arrived| *arrived >= count).await.expect("the gate holds the other end");
    }

    /// Comes to the gate and waits to be let through.
    pub async fn pass(&self) {
        self.arrivals.send_modify(|arrived| *arrived += 1);
        // A closed semaphore is an open gate.
        if let Ok(permit) = self.passes.acquire().await {
            permit.forget();
        }
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn one_passes_at_a_time_until_the_gate_is_open() {
        let gate = Gate::new();
        assert!(gate.pass().now_or_never().is_none());
        gate.arrived(1).await;
        gate.let_one_pass();
        assert!(gate.pass().now_or_never().is_some());
        assert!(gate.pass().now_or_never().is_none());
        gate.open();
        assert!(gate.pass().now_or_never().is_some());
        assert!(gate.pass().now_or_never().is_some());
        gate.arrived(5).await;
    }
}
