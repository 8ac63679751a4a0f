//! `fanout_rate`, `fanout_cpu`, `slow_readers`: one message to many sockets.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::latency::subscribed;
use super::{Options, ingest, medians};
use crate::Failure;
use crate::connection::{Connection, request};
use crate::process::Server;
use crate::report::{Row, Target};
use crate::socket::Socket;
use crate::statistics::{median, percentile};

const SOCKETS: usize = 5_000;
/// Sockets and pace where what counts is not how fast it can be.
const FEW: usize = 1_000;
const PACE: Duration = Duration::from_millis(100);
const SLOW: usize = 64;
/// As long as the product's frame of a note, in bytes.
const FRAME: usize = 1_500;

/// A server with sockets that look on.
pub(super) struct Audience {
    pub(super) server: Server,
    connection: Connection,
    publish: Box<dyn Fn(u64) -> Vec<u8> + Send>,
    published: u64,
    /// Says when each delivery came.
    deliveries: mpsc::UnboundedReceiver<Instant>,
    sockets: usize,
    tasks: JoinSet<()>,
}

impl Audience {
    pub(super) async fn of_product(options: &Options, sockets: usize) -> Result<(Self, tempfile::TempDir, String), Failure> {
        let folder = tempfile::tempdir_in(&options.folder)?;
        let file = folder.path().join("product.db").display().to_string();
        let server = Server::start(&["product", &file]).await?;
        let mut connection = Connection::open(&server.address).await?;
        let (_, conversation) = ingest::begin(&mut connection).await?;
        let mut open = Vec::new();
        for _ in 0..sockets {
            open.push(subscribed(&server, &conversation).await?);
        }
        let (path, token) = (format!("/api/v1/conversations/{conversation}/notes"), server.token.clone());
        let text = "x".repeat(200);
        let publish = move |number| request("POST", &path, &token, &json!({"client_id": format!("n{number}"), "text": text}).to_string());
        Ok((Self::listening(server, connection, Box::new(publish), open), folder, conversation))
    }

    async fn of_floor(sockets: usize) -> Result<Self, Failure> {
        let server = Server::start(&["floor", "fanout"]).await?;
        let connection = Connection::open(&server.address).await?;
        let mut open = Vec::new();
        for _ in 0..sockets {
            open.push(Socket::open(&server.address, "/ws").await?);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        let text = format!("{{\"rev\":{}}}", "x".repeat(FRAME));
        let publish = move |_| {
            let mut request = format!("POST /publish HTTP/1.1\r\nhost: bench\r\ncontent-length: {}\r\n\r\n", text.len()).into_bytes();
            request.extend(text.as_bytes());
            request
        };
        Ok(Self::listening(server, connection, Box::new(publish), open))
    }

    fn listening(server: Server, connection: Connection, publish: Box<dyn Fn(u64) -> Vec<u8> + Send>, open: Vec<Socket>) -> Self {
        let (told, deliveries) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        let sockets = open.len();
        for mut socket in open {
            let told = told.clone();
            tasks.spawn(async move { while socket.next_with("\"rev\"").await.is_ok() && told.send(Instant::now()).is_ok() {} });
        }
        Self { server, connection, publish, published: 0, deliveries, sockets, tasks }
    }

    /// Publishes and waits for all: the time that each delivery took, in milliseconds.
    async fn publish(&mut self) -> Result<Vec<f64>, Failure> {
        // Never the same twice: a repetition would be answered and told to nobody.
        let request = (self.publish)(self.published);
        self.published += 1;
        let sent = Instant::now();
        let (status, _) = self.connection.call(&request).await?;
        if status != 201 {
            return Err(format!("publishing was answered {status}").into());
        }
        let mut times = Vec::with_capacity(self.sockets);
        while times.len() < self.sockets {
            let came = self.deliveries.recv().await.ok_or("the sockets ended")?;
            times.push((came - sent).as_secs_f64() * 1000.0);
        }
        Ok(times)
    }

    /// Deliveries a second, one message at a time.
    async fn rate(&mut self, span: Duration) -> Result<f64, Failure> {
        self.publish().await?;
        let (begin, mut messages) = (Instant::now(), 0);
        while begin.elapsed() < span {
            messages += 1;
            self.publish().await?;
        }
        Ok((messages as usize * self.sockets) as f64 / begin.elapsed().as_secs_f64())
    }

    /// Paced: microseconds of processor a delivery, and the time in which 99 of a hundred came, in milliseconds.
    pub(super) async fn paced(&mut self, span: Duration) -> Result<(f64, f64), Failure> {
        self.publish().await?;
        let mut beat = tokio::time::interval(PACE);
        let (begin, before, mut messages, mut times) = (Instant::now(), self.server.cpu()?, 0, Vec::new());
        while begin.elapsed() < span {
            beat.tick().await;
            messages += 1;
            times.extend(self.publish().await?);
        }
        let cpu = (self.server.cpu()? - before) * 1e6 / (messages as usize * self.sockets) as f64;
        Ok((cpu, percentile(&mut times, 0.99)))
    }

    pub(super) async fn stop(mut self) -> Result<(), Failure> {
        self.tasks.shutdown().await;
        self.server.stop().await
    }
}

pub(super) async fn run(options: &Options) -> Result<Vec<Row>, Failure> {
    let (mut rates, mut costs) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds() {
        let mut floor = Audience::of_floor(SOCKETS).await?;
        let of_floor = floor.rate(options.span()).await?;
        floor.stop().await?;
        let (mut product, _folder, _) = Audience::of_product(options, SOCKETS).await?;
        rates.push((product.rate(options.span()).await?, of_floor));
        product.stop().await?;
        let (mut product, _folder, _) = Audience::of_product(options, FEW).await?;
        costs.push(product.paced(options.span()).await?.0);
        product.stop().await?;
    }
    let (value, floor) = medians(&rates);
    let rate = Row {
        bench: "fanout_rate",
        value,
        floor: Some(floor),
        unit: "deliveries/s",
        must: Target::AtLeast(0.8),
        aim: Target::AtLeast(1.5),
        remark: format!("{SOCKETS} subscribers of one conversation"),
    };
    let cpu = Row {
        bench: "fanout_cpu",
        value: median(&costs),
        floor: None,
        unit: "us",
        must: Target::AtMost(12.0),
        aim: Target::AtMost(8.0),
        remark: format!("{FEW} subscribers, a message each {} ms", PACE.as_millis()),
    };
    Ok(vec![rate, cpu])
}

/// With sockets among them that take nothing in, and without.
pub(super) async fn slow_readers(options: &Options) -> Result<Vec<Row>, Failure> {
    let mut rounds = Vec::new();
    for _ in 0..options.rounds() {
        let (mut alone, _folder, _) = Audience::of_product(options, FEW - SLOW).await?;
        let without = alone.paced(options.span()).await?.1;
        alone.stop().await?;
        let (mut beside, _folder, conversation) = Audience::of_product(options, FEW - SLOW).await?;
        let mut slow = Vec::new();
        for _ in 0..SLOW {
            slow.push(subscribed(&beside.server, &conversation).await?);
        }
        rounds.push((beside.paced(options.span()).await?.1, without));
        drop(slow);
        beside.stop().await?;
    }
    let (value, floor) = medians(&rounds);
    let (must, aim) = (Target::AtMost(1.25), Target::AtMost(1.05));
    let remark = format!("p99 with {SLOW} sockets that do not read among {FEW}, against without");
    Ok(vec![Row { bench: "slow_readers", value, floor: Some(floor), unit: "ms", must, aim, remark }])
}
