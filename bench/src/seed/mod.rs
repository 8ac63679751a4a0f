//! Fills a store with lifelike data: contacts, conversations, tickets and read pointers of three years, from a seed.
//!
//! Stories are told by the product's own rules ([`story`]) and written through the product's own store, one commit each,
//! many at a time. So counters, change numbers, names and indexes are those of a desk that has lived, on every store.

mod calendar;
mod story;
#[cfg(test)]
mod tests;
mod words;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use clap::Args;
use helpdesk::clock::{Clock as _, SystemClock};
use helpdesk::engine::OperatorProfile;
use helpdesk::id::WorkspaceId;
use helpdesk::model::{Contact, Operator, Record, RecordKey, RecordKind, Role, Settings};
use helpdesk::store::{Outcome, Store};
use helpdesk::{Helpdesk, PostgresStore, SqliteStore};
use rand::RngExt as _;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::Failure;
use calendar::Calendar;
use story::{Teller, Told};

/// The workspace of a single tenant, as the tables hold it.
pub(crate) const WORKSPACE: [u8; 16] = *WorkspaceId::DEFAULT.as_uuid().as_bytes();

/// Commits that are under way at once.
const UNDER_WAY: usize = 512;
/// A contact comes again only after so many conversations of others: the one before is stored by then.
const REST: usize = 4 * UNDER_WAY;
/// The team.
const TEAM: [&str; 20] = [
    "Ana", "Ben", "Cleo", "Dario", "Emre", "Fatima", "Goran", "Hana", "Igor", "Jun", "Kofi", "Lotte", "Miro", "Nadia", "Oskar", "Priya",
    "Rosa", "Sven", "Tomas", "Yara",
];

/// What is seeded, and where.
#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    /// Conversations
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) conversations: u64,
    /// Messages, about: they are shared out among the conversations
    #[arg(long, default_value_t = 20_000_000)]
    pub(crate) messages: u64,
    /// An empty database: sqlite://file.db or postgres://...
    #[arg(long, default_value = "sqlite://target/seeded.db")]
    pub(crate) database_url: String,
    /// The same seed at the same time makes the same data
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

/// What was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    pub(crate) conversations: u64,
    pub(crate) messages: u64,
    pub(crate) seconds: f64,
}

/// Fills the database of these options, and tells how it goes.
pub(crate) async fn run(options: Options) -> Result<(), Failure> {
    let now = SystemClock.now();
    let written = if options.database_url.starts_with("postgres") {
        let store = PostgresStore::connect(&options.database_url).await?;
        let written = fill(Arc::new(store.clone()), &options, now).await;
        store.close().await;
        written?
    } else {
        let store = SqliteStore::connect(&options.database_url).await?;
        let written = fill(Arc::new(store.clone()), &options, now).await;
        store.close().await;
        written?
    };
    let Written { conversations, messages, seconds } = written;
    println!("{conversations} conversations and {messages} messages in {seconds:.1} s: {:.0} messages/s", messages as f64 / seconds);
    Ok(())
}

/// A file with so many conversations of five messages in `folder`, made if it is not there yet.
pub(crate) async fn file(folder: &Path, conversations: u64) -> Result<PathBuf, Failure> {
    let file = folder.join(format!("lifelike-{conversations}.db"));
    if !file.exists() {
        let unfinished = folder.join("unfinished.db");
        for end in ["", "-wal", "-shm", ".helpdesk-lock"] {
            let _ = std::fs::remove_file(format!("{}{end}", unfinished.display()));
        }
        let database_url = format!("sqlite://{}", unfinished.display());
        run(Options { conversations, messages: conversations * 5, database_url, seed: 1 }).await?;
        std::fs::rename(&unfinished, &file)?;
    }
    Ok(file)
}

/// Fills an empty store with the three years before `now`.
async fn fill(store: Arc<dyn Store>, options: &Options, now: DateTime<Utc>) -> Result<Written, Failure> {
    let begin = Instant::now();
    let (records, operators) = team(&store).await?;
    let teller = Teller::new(options.seed, records, operators, now);
    let (told, mut stories) = mpsc::channel(UNDER_WAY);
    let wanted = options.clone();
    let telling = tokio::task::spawn_blocking(move || tell_all(teller, &wanted, now, &told));
    let (mut conversations, mut messages, mut under_way) = (0, 0, JoinSet::new());
    while let Some(Told { commit, messages: some, .. }) = stories.recv().await {
        if under_way.len() >= UNDER_WAY {
            stored(under_way.join_next().await)?;
        }
        let store = Arc::clone(&store);
        under_way.spawn(async move { store.commit(commit).await });
        (conversations, messages) = (conversations + 1, messages + some);
        if conversations % (options.conversations / 20).max(1) == 0 {
            let seconds = begin.elapsed().as_secs_f64();
            eprintln!("{conversations} conversations, {messages} messages, {seconds:.0} s");
        }
    }
    while !under_way.is_empty() {
        stored(under_way.join_next().await)?;
    }
    telling.await??;
    Ok(Written { conversations, messages, seconds: begin.elapsed().as_secs_f64() })
}

fn stored(done: Option<Result<Result<Outcome, helpdesk::store::StoreError>, tokio::task::JoinError>>) -> Result<(), Failure> {
    match done {
        None => Ok(()),
        Some(done) => match done?? {
            Outcome::Committed(_) => Ok(()),
            other => Err(format!("a story was refused: {other:?}").into()),
        },
    }
}

/// Tells all stories, in the order in which they began.
fn tell_all(mut teller: Teller, options: &Options, now: DateTime<Utc>, told: &mpsc::Sender<Told>) -> Result<(), Failure> {
    let calendar = Calendar::until(now);
    let mut left = options.messages;
    let mut resting: VecDeque<Contact> = VecDeque::new();
    for number in 0..options.conversations {
        let share = (number as f64 + 0.5) / options.conversations as f64;
        let at = calendar.at(share, teller.dice());
        let mean = left as f64 / (options.conversations - number) as f64;
        let length = length(mean, teller.dice());
        // One in five was here before.
        let comes_again = resting.len() > REST && teller.dice().random_bool(0.2);
        let known = if comes_again { resting.pop_front() } else { None };
        let story = teller.tell(at, length, known)?;
        left = left.saturating_sub(story.messages);
        resting.extend(story.returns.clone());
        if resting.len() > 2 * REST {
            resting.pop_front();
        }
        if told.blocking_send(story).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// Most conversations are short and a few very long.
fn length(mean: f64, dice: &mut rand::rngs::StdRng) -> u64 {
    // An exponential distribution above the shortest conversation there is: a question and its answer.
    let even: f64 = dice.random_range(f64::EPSILON..1.0);
    (2.0 - even.ln() * (mean - 2.0).max(0.0)).round() as u64
}

/// Who is in the team.
fn profiles() -> impl Iterator<Item = OperatorProfile> {
    TEAM.into_iter().enumerate().map(|(place, name)| {
        let role = if place == 0 { Role::Owner } else { Role::Operator };
        OperatorProfile::new(format!("seeded-{}", name.to_lowercase()), name, role)
    })
}

/// A desk that is on, and its team. Refuses a store that has conversations.
async fn team(store: &Arc<dyn Store>) -> Result<(Vec<Record>, Vec<Operator>), Failure> {
    let mut settings = Settings { helpdesk: true, ..Settings::default() };
    settings.human_support.enabled = true;
    let desk = Helpdesk::builder(Arc::clone(store)).secret_key([7; 32]).default_settings(settings).build().await?;
    let workspace = desk.workspace(WorkspaceId::DEFAULT);
    let mut operators = Vec::new();
    for profile in profiles() {
        operators.push(workspace.ensure_operator(&profile).await?);
    }
    let first = operators.first().ok_or("no team")?.id;
    if store.counts(WorkspaceId::DEFAULT, first).await?.all > 0 {
        return Err("the database holds conversations already: seed an empty one".into());
    }
    let mut records = store.records(WorkspaceId::DEFAULT, RecordKind::Assistant, None, 1).await?;
    records.extend(store.record(WorkspaceId::DEFAULT, RecordKey::SETTINGS).await?);
    Ok((records, operators))
}
