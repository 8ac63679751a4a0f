//! A run: servers, clients, nemesis, rest, judgement.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use clap::ValueEnum as _;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::task::JoinSet;
use tokio::time::sleep;
use uuid::Uuid;

use crate::client::{Account, Caller, Http, Shared, chat, manager, new_visitor, reopen, start_races, work};
use crate::history::{Record, Recorder};
use crate::memory::{self, Lives};
use crate::nemesis::{Kind, Pace, Scene, rage};
use crate::report::{self, Run};
use crate::server::{Cluster, Topology};
use crate::settle::settle;
use crate::{Failure, calm, checker, history};

/// How often the progress is told.
const PROGRESS: Duration = Duration::from_secs(5);

/// What is run.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// A few thousand operations, each fault once
    #[arg(long)]
    quick: bool,
    /// Only this one
    #[arg(long)]
    only: Option<Topology>,
    /// What chance begins with; a new one each time if it is not given
    #[arg(long)]
    seed: Option<u64>,
    /// Operations of each run
    #[arg(long)]
    operations: Option<u64>,
    /// The standalone server
    #[arg(long)]
    server: PathBuf,
    /// Where histories and logs go
    #[arg(long)]
    folder: PathBuf,
}

/// How much of everything.
#[derive(Clone, Copy, Debug)]
struct Size {
    operations: u64,
    visitors: usize,
    operators: usize,
    pace: Pace,
}

/// Runs every topology and prints the table.
pub(crate) async fn all(options: Options) -> Result<(), Failure> {
    let size = match options.quick {
        true => Size { operations: options.operations.unwrap_or(1_500), visitors: 24, operators: 6, pace: Pace::Quick },
        false => Size { operations: options.operations.unwrap_or(70_000), visitors: 120, operators: 12, pace: Pace::Full },
    };
    // The servers work in folders of their own.
    let server = std::path::absolute(&options.server)?;
    let seed = options.seed.unwrap_or_else(|| rand::rng().random_range(0..1_000_000));
    let mut runs = Vec::new();
    for topology in Topology::value_variants().iter().copied().filter(|topology| options.only.is_none_or(|only| only == *topology)) {
        let folder = options.folder.join(topology.name());
        let run = tokio::select! {
            run = one(topology, size, seed, &server, &folder) => run?,
            _ = tokio::signal::ctrl_c() => return Err("interrupted".into()),
        };
        let passed = run.passed();
        runs.push(run);
        if passed {
            std::fs::remove_dir_all(&folder)?;
        } else {
            eprintln!("the history and the logs of the servers are kept in {}", folder.display());
        }
    }
    report::table(&runs);
    if runs.iter().all(Run::passed) { Ok(()) } else { Err("a promise is broken, see above".into()) }
}

async fn one(topology: Topology, size: Size, seed: u64, server: &Path, folder: &Path) -> Result<Run, Failure> {
    let begin = Instant::now();
    println!("{}: seed {seed}, at least {} operations", topology.name(), size.operations);
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    let cluster = Arc::new(Cluster::start(topology, server, folder).await?);
    let ran = load(&cluster, topology, size, seed, folder, begin).await;
    cluster.stop().await?;
    let mut run = ran?;
    let records = history::read(&folder.join("history.jsonl"))?;
    let violations = checker::check(&records);
    report::violations(&violations);
    for end in records.iter().filter_map(|record| if let Record::Final(end) = record { Some(end) } else { None }) {
        run.entries += end.entries.len();
        run.given_up += end.entries.iter().filter(|entry| entry.is_failure()).count();
    }
    (run.violations, run.idle, run.whole) = (violations.len(), calm::idle_in_a_row(&records), begin.elapsed());
    println!("{}: {} records judged, {} violations, {:.0?} in all", topology.name(), records.len(), violations.len(), run.whole);
    Ok(run)
}

/// The load and the nemesis, until all is quiet again.
async fn load(cluster: &Arc<Cluster>, topology: Topology, size: Size, seed: u64, folder: &Path, begin: Instant) -> Result<Run, Failure> {
    let http = Http::new()?;
    if topology == Topology::Nats {
        reopen(&http, &cluster.urls[0]).await?;
    }
    let mut managers = Vec::new();
    for number in 0..=size.operators {
        managers.push(manager(&http, &cluster.urls[0], number).await?);
    }
    let mut visitors = Vec::new();
    for number in 0..size.visitors {
        visitors.push(new_visitor(&http, &cluster.urls[0], number).await?);
    }
    let operators: Vec<Uuid> = managers.iter().map(|account| account.actor).collect();
    let known: HashMap<Uuid, Account> = visitors.iter().map(|account| (account.actor, account.clone())).collect();
    let recorder = Recorder::create(&folder.join("history.jsonl"))?;
    let shared = Shared::new(cluster.urls.clone(), http, recorder, operators);
    let watching = memory::watch(Arc::clone(cluster));
    let started = Instant::now();

    let chance = |number: u64| StdRng::seed_from_u64(seed.wrapping_mul(1_000_003).wrapping_add(number));
    let mut callers = managers.into_iter().chain(visitors).enumerate().map(|(number, account)| {
        let process = u32::try_from(number).unwrap_or(u32::MAX);
        Caller::new(process, account, &shared, chance(number as u64 + 1))
    });
    let operators: Vec<Caller> = callers.by_ref().take(size.operators).collect();
    let starter = callers.next().ok_or("nobody starts races")?;
    let (races, starting) = start_races(starter);
    let mut clients = JoinSet::new();
    for operator in operators {
        clients.spawn(work(operator, races.clone()));
    }
    for visitor in callers {
        clients.spawn(chat(visitor));
    }

    let scene = Scene { cluster: Arc::clone(cluster), shared: Arc::clone(&shared), pace: size.pace, killed_until: size.operations / 3 };
    let mut nemeses = JoinSet::new();
    // Servers die while the database does: each nemesis knows nothing of the other.
    nemeses.spawn(rage(scene.clone(), Kind::of_servers(), chance(u64::MAX)));
    nemeses.spawn(rage(scene, Kind::of_foundation(cluster), chance(u64::MAX - 1)));
    let mut faults = Vec::new();
    let mut told = Instant::now();
    loop {
        tokio::select! {
            Some(done) = nemeses.join_next() => faults.extend(done??),
            () = sleep(Duration::from_millis(100)) => {}
        }
        let operations = shared.tally.operations.load(Ordering::Relaxed);
        if told.elapsed() > PROGRESS {
            told = Instant::now();
            let unknown = shared.tally.unknown.load(Ordering::Relaxed);
            println!("{}: {operations} operations, {unknown} unknown, {:.0?}", topology.name(), started.elapsed());
        }
        if operations >= size.operations && (nemeses.is_empty() || size.pace == Pace::Full) {
            break;
        }
    }
    shared.over.store(true, Ordering::Relaxed);
    while let Some(done) = nemeses.join_next().await {
        faults.extend(done??);
    }
    let mut listening = clients.join_all().await;
    listening.push(starting.await?);
    let load = started.elapsed();
    println!("{}: the load is over after {load:.0?}, waiting for rest", topology.name());
    let conversations = settle(&shared, &listening, &known).await?;
    shared.recorder.finish()?;
    let (ask, lives) = tokio::sync::oneshot::channel::<Lives>();
    let _watches = watching.send(ask);
    let growth = memory::growth(&lives.await?);

    let tally = &shared.tally;
    let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    Ok(Run {
        name: topology.name(),
        seed,
        operations: count(&tally.operations),
        done: count(&tally.done),
        refused: count(&tally.refused),
        unknown: count(&tally.unknown),
        repeated: count(&tally.repeated),
        races: count(&tally.races),
        conversations,
        entries: 0,
        given_up: 0,
        frames: count(&tally.frames),
        reconnects: count(&tally.reconnects),
        faults,
        load,
        whole: begin.elapsed(),
        growth,
        violations: 0,
        idle: 0,
    })
}
