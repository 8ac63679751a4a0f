//! `socket_memory`, `memory`, `cold_start`: how much it holds, and how soon it is there.

use std::time::Instant;

use super::latency::subscribed;
use super::{Options, ingest};
use crate::connection::{Connection, request};
use crate::process::Server;
use crate::report::{Row, Target};
use crate::statistics::median;
use crate::{Failure, seed};

/// Idle sockets.
const SOCKETS: usize = 5_000;
const MANY_SOCKETS: usize = 9_000;

pub(super) async fn run(options: &Options) -> Result<Vec<Row>, Failure> {
    let many = seed::file(&options.folder, options.many()).await?.display().to_string();
    let mut starts = Vec::new();
    for _ in 0..options.rounds() {
        let begin = Instant::now();
        let server = Server::start(&["product", &many]).await?;
        let (status, _) = Connection::open(&server.address).await?.call(&request("GET", "/readyz", "", "")).await?;
        if status != 200 {
            return Err(format!("not ready: {status}").into());
        }
        starts.push(begin.elapsed().as_secs_f64() * 1000.0);
        server.stop().await?;
    }
    let server = Server::start(&["product", &many]).await?;
    let mut connection = Connection::open(&server.address).await?;
    let (_, conversation) = ingest::begin(&mut connection).await?;
    let mut sockets = Vec::new();
    // What the first ones cost is not what one costs.
    for _ in 0..100 {
        sockets.push(subscribed(&server, &conversation).await?);
    }
    let before = server.memory()?;
    for _ in 0..SOCKETS {
        sockets.push(subscribed(&server, &conversation).await?);
    }
    let each = (server.memory()? - before) / SOCKETS as f64;
    while sockets.len() < MANY_SOCKETS {
        sockets.push(subscribed(&server, &conversation).await?);
    }
    let whole = server.memory()? / 1024.0;
    server.stop().await?;
    let row = |bench, value, unit, must, aim, remark: String| Row {
        bench,
        value,
        floor: None,
        unit,
        must: Target::AtMost(must),
        aim: Target::AtMost(aim),
        remark,
    };
    Ok(vec![
        row("socket_memory", each, "KiB", 10.0, 4.0, format!("{SOCKETS} authenticated, subscribed sockets")),
        row("cold_start", median(&starts), "ms", 500.0, 100.0, format!("{} conversations", options.many())),
        row("memory", whole, "MB", 200.0, 80.0, format!("{MANY_SOCKETS} idle sockets, {} conversations", options.many())),
    ])
}
