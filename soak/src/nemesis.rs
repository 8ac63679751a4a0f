//! What goes wrong: servers die and freeze, the database restarts, its wire is cut and held up, the bus is gone.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::StdRng;
use tokio::time::sleep;

use crate::Failure;
use crate::client::Shared;
use crate::history::{Fault, Record};
use crate::server::{Cluster, Shutdown};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// SIGKILL, and a new start.
    Kill,
    /// SIGSTOP for a while.
    Freeze,
    /// SIGSTOP for longer than a lease of a job lasts.
    LongFreeze,
    /// All connections of the database are cut.
    Cut,
    /// Nothing gets through to the database, though all connections stand.
    Stall,
    /// The database restarts in good order.
    FastRestart,
    /// The database restarts as after a crash.
    ImmediateRestart,
    /// The bus is gone.
    Bus,
}

/// How hard it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Every kind once, each short.
    Quick,
    /// Any kind at any time, until the load is over.
    Full,
}

impl Kind {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Freeze => "freeze",
            Self::LongFreeze => "long freeze",
            Self::Cut => "cut",
            Self::Stall => "stall",
            Self::FastRestart => "fast restart",
            Self::ImmediateRestart => "immediate restart",
            Self::Bus => "bus",
        }
    }

    /// What can go wrong with the servers, in the order of a quick run: what takes longest to mend comes first.
    pub(crate) fn of_servers() -> Vec<Self> {
        vec![Self::Kill, Self::Freeze]
    }

    /// What can go wrong with all that they rest on.
    pub(crate) fn of_foundation(cluster: &Cluster) -> Vec<Self> {
        let mut kinds = Vec::new();
        if cluster.postgres.is_some() {
            kinds.extend([Self::ImmediateRestart, Self::Cut, Self::Stall, Self::FastRestart]);
        }
        if cluster.nats.is_some() {
            kinds.push(Self::Bus);
        }
        kinds
    }
}

/// Where and how long things go wrong.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    /// What they go wrong with.
    pub(crate) cluster: Arc<Cluster>,
    /// What the clients do meanwhile.
    pub(crate) shared: Arc<Shared>,
    /// How hard it is.
    pub(crate) pace: Pace,
    /// A server that is alone is killed only up to so many operations: one life must be long enough to tell whether memory
    /// grows.
    pub(crate) killed_until: u64,
}

/// Makes things go wrong, one after the other, each mended before the next. At a full pace it goes on until the load is
/// over, and has had every kind by then.
pub(crate) async fn rage(scene: Scene, kinds: Vec<Kind>, mut random: StdRng) -> Result<Vec<Kind>, Failure> {
    let Scene { cluster, shared, pace, killed_until } = scene;
    let mut due = kinds.clone();
    if pace == Pace::Full && kinds.contains(&Kind::Freeze) {
        due.push(Kind::LongFreeze);
    }
    due.reverse();
    let mut done = Vec::new();
    loop {
        let pause = if pace == Pace::Quick { 800..1_500 } else { 3_000..9_000 };
        sleep(Duration::from_millis(random.random_range(pause))).await;
        let kind = match due.pop() {
            Some(kind) => kind,
            None if kinds.is_empty() || pace == Pace::Quick || shared.is_over() => return Ok(done),
            None => kinds[random.random_range(0..kinds.len())],
        };
        let spared = cluster.nodes.len() == 1 && pace == Pace::Full && shared.tally.operations.load(Ordering::Relaxed) > killed_until;
        let kind = if kind == Kind::Kill && spared { Kind::Freeze } else { kind };
        let start = shared.recorder.now();
        strike(kind, &cluster, pace, &mut random).await.map_err(|failure| format!("{}: {failure}", kind.name()))?;
        let end = shared.recorder.now();
        shared.recorder.add(&Record::Fault(Fault { kind: kind.name().to_owned(), start, end }));
        done.push(kind);
    }
}

async fn strike(kind: Kind, cluster: &Cluster, pace: Pace, random: &mut StdRng) -> Result<(), Failure> {
    let mut pause = |quick: u64, full: std::ops::Range<u64>| match pace {
        Pace::Quick => Duration::from_millis(quick),
        Pace::Full => Duration::from_millis(random.random_range(full)),
    };
    match kind {
        Kind::Kill => {
            let down = pause(300, 0..3_000);
            // The last of several is spared, for the same reason.
            let among = (cluster.nodes.len() - 1).max(1);
            let mut node = cluster.nodes[random.random_range(0..among)].lock().await;
            node.kill().await?;
            sleep(down).await;
            node.start().await?;
        }
        Kind::Freeze | Kind::LongFreeze => {
            // While a server that is alone is frozen nothing happens at all.
            let longest = if cluster.nodes.len() == 1 { 6_000 } else { 20_000 };
            let frozen = if kind == Kind::Freeze { pause(2_200, 2_000..longest) } else { Duration::from_secs(34) };
            let node = cluster.nodes[random.random_range(0..cluster.nodes.len())].lock().await;
            node.pause().await?;
            sleep(frozen).await;
            node.resume().await?;
        }
        Kind::Cut => cluster.proxy.iter().for_each(crate::server::Proxy::cut),
        Kind::Stall => {
            let stalled = pause(1_500, 1_000..12_000);
            let Some(proxy) = &cluster.proxy else { return Ok(()) };
            proxy.stall(true);
            sleep(stalled).await;
            proxy.stall(false);
        }
        Kind::FastRestart | Kind::ImmediateRestart => {
            let how = if kind == Kind::FastRestart { Shutdown::Fast } else { Shutdown::Immediate };
            let Some(postgres) = &cluster.postgres else { return Ok(()) };
            postgres.lock().await.restart(how).await?;
        }
        Kind::Bus => {
            let gone = pause(3_000, 5_000..60_000);
            let Some(nats) = &cluster.nats else { return Ok(()) };
            let mut nats = nats.lock().await;
            nats.stop().await?;
            sleep(gone).await;
            nats.begin().await?;
        }
    }
    Ok(())
}
