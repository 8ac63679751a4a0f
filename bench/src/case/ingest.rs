//! `ingest_sqlite`, `ingest_p99`, `ingest_postgres`: durable messages a second over HTTP.

use serde_json::json;

use super::{Options, medians};
use crate::Failure;
use crate::connection::{Connection, request};
use crate::load::{self, Done};
use crate::postgres::TestPostgres;
use crate::process::Server;
use crate::report::{Row, Target};

const TEXT: &str = "Where is my parcel? It was to be here on Tuesday, and nobody answers the telephone.";

/// At 32 and 256 connections; of the rate the worse ratio counts.
pub(super) async fn run(options: &Options) -> Result<Vec<Row>, Failure> {
    let mut rates: Option<Row> = None;
    let mut p99 = None;
    for clients in [32, 256] {
        let (mut rate, mut tail, mut single, mut cpu) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..options.rounds() {
            let floor = of_floor(options, clients, false).await?;
            let (product, micros) = of_sqlite(options, clients).await?;
            single.push(of_floor(options, clients, true).await?.rate);
            rate.push((product.rate, floor.rate));
            tail.push((product.p99, floor.p99));
            cpu.push(micros);
        }
        let (value, floor) = medians(&rate);
        let row = Row {
            bench: "ingest_sqlite",
            value,
            floor: Some(floor),
            unit: "sends/s",
            must: Target::AtLeast(0.5),
            aim: Target::AtLeast(0.8),
            remark: format!(
                "{clients} connections, {:.0} us of processor a send, {:.2} of the single-row floor",
                crate::statistics::median(&cpu),
                value / crate::statistics::median(&single)
            ),
        };
        if rates.as_ref().is_none_or(|other| row.ratio() < other.ratio()) {
            rates = Some(row);
        }
        let (value, floor) = medians(&tail);
        let remark = format!("{clients} connections");
        let (must, aim) = (Target::AtMost(2.0), Target::AtMost(1.2));
        p99 = Some(Row { bench: "ingest_p99", value, floor: Some(floor), unit: "ms", must, aim, remark });
    }
    Ok(rates.into_iter().chain(p99).collect())
}

/// On Postgres, against one INSERT a request. At 32 connections a batch cannot make up for as much.
pub(super) async fn run_on_postgres(options: &Options) -> Result<Vec<Row>, Failure> {
    let postgres = TestPostgres::start();
    let mut worst: Option<(f64, Row)> = None;
    for (clients, must) in [(32, 0.7), (256, 1.0)] {
        let (mut rate, mut cpu) = (Vec::new(), Vec::new());
        for _ in 0..options.rounds() {
            let floor = Server::start(&["floor", "insert", &postgres.database().await]).await?;
            let done = of_route(options, clients, &floor).await?;
            floor.stop().await?;
            let (product, micros) = of_product(options, clients, &postgres.database().await).await?;
            rate.push((product.rate, done.rate));
            cpu.push(micros);
        }
        let (value, floor) = medians(&rate);
        let row = Row {
            bench: "ingest_postgres",
            value,
            floor: Some(floor),
            unit: "sends/s",
            must: Target::AtLeast(must),
            aim: Target::AtLeast(2.0),
            remark: format!("{clients} connections, {:.0} us of the server's processor a send", crate::statistics::median(&cpu)),
        };
        let reached = value / floor / must;
        if worst.as_ref().is_none_or(|(other, _)| reached < *other) {
            worst = Some((reached, row));
        }
    }
    Ok(worst.map(|(_, row)| row).into_iter().collect())
}

async fn of_floor(options: &Options, clients: u64, single: bool) -> Result<Done, Failure> {
    let folder = tempfile::tempdir_in(&options.folder)?;
    let file = folder.path().join("floor.db").display().to_string();
    // The product makes its tables, and is not needed any more.
    Server::start(&["product", &file]).await?.stop().await?;
    let mut arguments = vec!["floor", "ingest", &file];
    arguments.extend(single.then_some("--single"));
    let server = Server::start(&arguments).await?;
    let done = of_route(options, clients, &server).await?;
    server.stop().await?;
    Ok(done)
}

/// What a bare route does.
async fn of_route(options: &Options, clients: u64, server: &Server) -> Result<Done, Failure> {
    let body = json!({"client_id": "00000000-0000", "text": TEXT}).to_string();
    let mut connections = Vec::new();
    for client in 1..=clients {
        let body = body.clone();
        let next = move |number: u64| request("POST", &format!("/{client}/{}", number + 1), "", &body);
        connections.push((Connection::open(&server.address).await?, next));
    }
    load::run(connections, options.span(), &[201]).await
}

async fn of_sqlite(options: &Options, clients: u64) -> Result<(Done, f64), Failure> {
    let folder = tempfile::tempdir_in(&options.folder)?;
    of_product(options, clients, &folder.path().join("product.db").display().to_string()).await
}

/// What it did, and the microseconds of processor that it used for a message.
async fn of_product(options: &Options, clients: u64, database: &str) -> Result<(Done, f64), Failure> {
    let server = Server::start(&["product", database]).await?;
    let mut connections = Vec::new();
    for _ in 0..clients {
        let mut connection = Connection::open(&server.address).await?;
        let (token, conversation) = begin(&mut connection).await?;
        let path = format!("/api/v1/widget/conversations/{conversation}/messages");
        let next = move |number: u64| {
            let body = json!({"client_id": format!("m{number}"), "text": TEXT}).to_string();
            request("POST", &path, &token, &body)
        };
        connections.push((connection, next));
    }
    let before = server.cpu()?;
    let done = load::run(connections, options.span(), &[201]).await?;
    // What is sent before the measured span costs as well: a tenth of it.
    let messages = done.rate * options.span().as_secs_f64() * 1.1;
    let micros = (server.cpu()? - before) * 1e6 / messages;
    server.stop().await?;
    Ok((done, micros))
}

/// A visitor who begins a conversation: their token, and its id.
pub(super) async fn begin(connection: &mut Connection) -> Result<(String, String), Failure> {
    let session = connection.json("POST", "/api/v1/widget/session", "", &json!({})).await?;
    let token = session["token"].as_str().ok_or("no token")?.to_owned();
    let started = connection.json("POST", "/api/v1/widget/conversations", &token, &json!({"text": "Hello"})).await?;
    Ok((token, started["conversation"]["id"].as_str().ok_or("no conversation")?.to_owned()))
}
