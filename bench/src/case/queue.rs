//! `queue_flat`, `queue_rate`: pages of the queue.

use super::{Options, medians};
use crate::connection::{Connection, request};
use crate::load::{self, Done};
use crate::process::Server;
use crate::report::{Row, Target};
use crate::{Failure, seed};

const FEW: u64 = 10_000;
const CLIENTS: usize = 16;

pub(super) async fn run(options: &Options) -> Result<Vec<Row>, Failure> {
    let few = seed::file(&options.folder, FEW).await?.display().to_string();
    let many = seed::file(&options.folder, options.many()).await?.display().to_string();
    let (mut flat, mut rate) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds() {
        let floor = pages(options, &["floor", "queue", &many], CLIENTS).await?;
        let product = pages(options, &["product", &many], CLIENTS).await?;
        rate.push((product.rate, floor.rate));
        flat.push((pages(options, &["product", &many], 1).await?.p50, pages(options, &["product", &few], 1).await?.p50));
    }
    let (value, floor) = medians(&flat);
    let flat = Row {
        bench: "queue_flat",
        value,
        floor: Some(floor),
        unit: "ms",
        must: Target::AtMost(1.3),
        aim: Target::AtMost(1.1),
        remark: format!("{} conversations against {FEW}", options.many()),
    };
    let (value, floor) = medians(&rate);
    let rate = Row {
        bench: "queue_rate",
        value,
        floor: Some(floor),
        unit: "pages/s",
        must: Target::AtLeast(0.6),
        aim: Target::AtLeast(0.85),
        remark: format!("25 rows, {CLIENTS} connections"),
    };
    Ok(vec![flat, rate])
}

async fn pages(options: &Options, arguments: &[&str], clients: usize) -> Result<Done, Failure> {
    let server = Server::start(arguments).await?;
    let page = match server.token.as_str() {
        "" => request("GET", "/", "", ""),
        token => request("GET", "/api/v1/conversations?view=all&limit=25", token, ""),
    };
    let mut connections = Vec::new();
    for _ in 0..clients {
        let page = page.clone();
        connections.push((Connection::open(&server.address).await?, move |_| page.clone()));
    }
    let done = load::run(connections, options.span(), &[200]).await?;
    server.stop().await?;
    Ok(done)
}
