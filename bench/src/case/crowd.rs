//! `crowd_p99`, `crowd_memory`: 10,000 sockets that are silent, 1,000 that are told something ten times a second, and 64
//! among them that take nothing in.

use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::fanout::Audience;
use super::latency::{subscribe, subscribed};
use super::{Options, ingest};
use crate::Failure;
use crate::connection::Connection;
use crate::report::{Row, Target};
use crate::socket::Socket;
use crate::statistics::median;

const IDLE: usize = 10_000;
const BUSY: usize = 1_000;
const SLOW: usize = 64;
/// Files that a process needs for that, with some to spare.
const FILES: u64 = 16_384;
/// A socket of which nothing is heard for a minute is closed.
const PING: Duration = Duration::from_secs(25);
/// Replays that a slow socket asks for: together more than any buffer on the way holds.
const REPLAYS: usize = 120;

pub(super) async fn run(options: &Options) -> Result<Vec<Row>, Failure> {
    allow_files()?;
    let (mut with, mut without, mut memory, mut idle_only) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..options.rounds() {
        let (mut audience, _folder, conversation) = Audience::of_product(options, BUSY).await?;
        let mut connection = Connection::open(&audience.server.address).await?;
        let (_, quiet) = ingest::begin(&mut connection).await?;
        let before = audience.server.memory()?;
        let mut idle = JoinSet::new();
        for _ in 0..IDLE {
            idle.spawn(stay(subscribed(&audience.server, &quiet).await?));
        }
        idle_only.push((audience.server.memory()? - before) / IDLE as f64);
        without.push(audience.paced(options.span()).await?.1);
        let mut slow = Vec::new();
        for _ in 0..SLOW {
            slow.push(stuck(&audience, &conversation).await?);
        }
        with.push(audience.paced(options.span()).await?.1);
        memory.push(audience.server.memory()? / 1024.0);
        if let Some(ended) = idle.try_join_next() {
            return Err(format!("a silent socket ended: {ended:?}").into());
        }
        drop(slow);
        idle.shutdown().await;
        audience.stop().await?;
    }
    let crowd = format!("{IDLE} silent, {BUSY} busy and {SLOW} stuck sockets");
    let each = median(&idle_only);
    Ok(vec![
        Row {
            bench: "crowd_p99",
            value: median(&with),
            floor: Some(median(&without)),
            unit: "ms",
            must: Target::AtMost(1.25),
            aim: Target::AtMost(1.05),
            remark: format!("p99 of deliveries, {crowd}, against the same without the stuck"),
        },
        Row {
            bench: "crowd_memory",
            value: median(&memory),
            floor: None,
            unit: "MB",
            must: Target::AtMost(200.0),
            aim: Target::AtMost(80.0),
            remark: format!("the whole server, {crowd}; {each:.1} KiB each silent one"),
        },
    ])
}

/// A socket that is open and says no more than it must.
async fn stay(mut socket: Socket) -> Result<(), Failure> {
    loop {
        let next = Instant::now() + PING;
        tokio::select! {
            frame = socket.next() => drop(frame?),
            () = sleep_until(next) => socket.send(&json!({"type": "ping"}).to_string()).await?,
        }
    }
}

/// A socket that asks for much and reads nothing of it.
async fn stuck(audience: &Audience, conversation: &str) -> Result<Socket, Failure> {
    let narrow = Socket::open_narrow(&audience.server.address, "/api/v1/ws").await?;
    let mut socket = subscribe(narrow, &audience.server, conversation).await?;
    let again = json!({"type": "subscribe", "topic": format!("conversation:{conversation}"), "after": 0}).to_string();
    for _ in 0..REPLAYS {
        socket.send(&again).await?;
    }
    Ok(socket)
}

/// Raises the limit on open files of this process, and so of the servers that it starts, as far as it may.
fn allow_files() -> Result<(), Failure> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let now = getrlimit(Resource::Nofile);
    if now.current.is_none_or(|current| current >= FILES) {
        return Ok(());
    }
    if now.maximum.is_some_and(|maximum| maximum < FILES) {
        return Err(format!("a process may open {:?} files here, and {FILES} are needed: raise the hard limit", now.maximum).into());
    }
    Ok(setrlimit(Resource::Nofile, Rlimit { current: Some(FILES), ..now })?)
}
