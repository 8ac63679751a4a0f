//! `ingest_sqlite`, `ingest_p99`, `ingest_postgres`: durable messages a second over HTTP.

use serde_json::json;

use super::{Options, medians};
use crate::Failure;
use crate::connection::{Connection, request};
use crate::load::{self, Done};
use crate::postgres::TestPostgres;
use crate::process::{Server, cpu_of_family};
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
            let (product, cost) = of_sqlite(options, clients).await?;
            single.push(of_floor(options, clients, true).await?.rate);
            rate.push((product.rate, floor.rate));
            tail.push((product.p99, floor.p99));
            cpu.push(cost.server);
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
    let mut rows: Vec<(f64, Row)> = Vec::new();
    for (clients, must) in [(32, 0.7), (256, 1.0)] {
        let (mut rate, mut node, mut database) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..options.rounds() {
            let floor = Server::start(&["floor", "insert", &postgres.database().await]).await?;
            let done = of_route(options, clients, &floor).await?;
            floor.stop().await?;
            let (product, cost) = of_product(options, clients, &postgres.database().await, Some(postgres.process())).await?;
            rate.push((product.rate, done.rate));
            node.push(cost.server);
            database.push(cost.database);
        }
        let (value, floor) = medians(&rate);
        let row = Row {
            bench: "ingest_postgres",
            value,
            floor: Some(floor),
            unit: "sends/s",
            must: Target::AtLeast(must),
            aim: Target::AtLeast(2.0),
            remark: format!(
                "{clients} connections, {:.0} us of the server's processor a send and {:.0} of the database's",
                crate::statistics::median(&node),
                crate::statistics::median(&database)
            ),
        };
        rows.push((value / floor / must, row));
    }
    // The worse one counts, and tells of the other.
    rows.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let others: String =
        rows.iter().skip(1).map(|(_, row)| format!("; {:.2} at {}", row.value / row.floor.unwrap_or(1.0), row.remark)).collect();
    Ok(rows.into_iter().take(1).map(|(_, row)| Row { remark: row.remark.clone() + &others, ..row }).collect())
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

/// Microseconds of processor that a message cost.
struct Cost {
    server: f64,
    database: f64,
}

async fn of_sqlite(options: &Options, clients: u64) -> Result<(Done, Cost), Failure> {
    let folder = tempfile::tempdir_in(&options.folder)?;
    of_product(options, clients, &folder.path().join("product.db").display().to_string(), None).await
}

/// What it did at which cost; that of the database is told where it has processes of its own, by the first of them.
async fn of_product(options: &Options, clients: u64, database: &str, process: Option<u32>) -> Result<(Done, Cost), Failure> {
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
    let used = || Ok::<_, Failure>((server.cpu()?, process.map_or(Ok(0.0), cpu_of_family)?));
    let before = used()?;
    let done = load::run(connections, options.span(), &[201]).await?;
    let after = used()?;
    // What is sent before the measured span costs as well: a tenth of it.
    let messages = done.rate * options.span().as_secs_f64() * 1.1;
    let micros = |seconds: f64| seconds * 1e6 / messages;
    server.stop().await?;
    Ok((done, Cost { server: micros(after.0 - before.0), database: micros(after.1 - before.1) }))
}

/// A visitor who begins a conversation: their token, and its id.
pub(super) async fn begin(connection: &mut Connection) -> Result<(String, String), Failure> {
    let session = connection.json("POST", "/api/v1/widget/session", "", &json!({})).await?;
    let token = session["token"].as_str().ok_or("no token")?.to_owned();
    let started = connection.json("POST", "/api/v1/widget/conversations", &token, &json!({"text": "Hello"})).await?;
    Ok((token, started["conversation"]["id"].as_str().ok_or("no conversation")?.to_owned()))
}
