//! `live_latency`: from the message of one side to the socket of the other.

use std::time::Instant;

use serde_json::json;

use super::{Options, ingest, medians};
use crate::Failure;
use crate::connection::{Connection, request};
use crate::process::Server;
use crate::report::{Row, Target};
use crate::socket::Socket;
use crate::statistics::median;

/// Messages that are timed.
const MESSAGES: u64 = 400;

pub(super) async fn run(options: &Options) -> Result<Vec<Row>, Failure> {
    let mut rounds = Vec::new();
    for _ in 0..options.rounds() {
        let floor = of_floor(options).await?;
        rounds.push((of_product(options).await?, floor));
    }
    let (value, floor) = medians(&rounds);
    let (must, aim) = (Target::AtMost(2.0), Target::AtMost(1.3));
    let remark = "one message at a time".to_owned();
    Ok(vec![Row { bench: "live_latency", value, floor: Some(floor), unit: "ms", must, aim, remark }])
}

async fn timed(connection: &mut Connection, socket: &mut Socket, requests: impl Iterator<Item = Vec<u8>>) -> Result<f64, Failure> {
    let mut times = Vec::new();
    for request in requests {
        let sent = Instant::now();
        let (answer, told) = tokio::join!(connection.call(&request), socket.next_with("\"message\""));
        told?;
        if answer?.0 != 201 {
            return Err("a message was refused".into());
        }
        times.push(sent.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(median(&times))
}

async fn of_floor(options: &Options) -> Result<f64, Failure> {
    let folder = tempfile::tempdir_in(&options.folder)?;
    let file = folder.path().join("floor.db").display().to_string();
    Server::start(&["product", &file]).await?.stop().await?;
    let server = Server::start(&["floor", "ingest", &file]).await?;
    let mut socket = Socket::open(&server.address, "/ws").await?;
    let mut connection = Connection::open(&server.address).await?;
    // The socket listens once its task has run.
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let requests = (1..=MESSAGES).map(|number| request("POST", &format!("/1/{number}"), "", "{}"));
    let time = timed(&mut connection, &mut socket, requests).await?;
    server.stop().await?;
    Ok(time)
}

async fn of_product(options: &Options) -> Result<f64, Failure> {
    let folder = tempfile::tempdir_in(&options.folder)?;
    let file = folder.path().join("product.db").display().to_string();
    let server = Server::start(&["product", &file]).await?;
    let mut connection = Connection::open(&server.address).await?;
    let (token, conversation) = ingest::begin(&mut connection).await?;
    let mut socket = subscribed(&server, &conversation).await?;
    let path = format!("/api/v1/widget/conversations/{conversation}/messages");
    let requests = (0..MESSAGES).map(|number| {
        let body = json!({"client_id": format!("m{number}"), "text": "Is anybody there?"}).to_string();
        request("POST", &path, &token, &body)
    });
    let time = timed(&mut connection, &mut socket, requests).await?;
    server.stop().await?;
    Ok(time)
}

/// An operator's socket that looks on.
pub(super) async fn subscribed(server: &Server, conversation: &str) -> Result<Socket, Failure> {
    subscribe(Socket::open(&server.address, "/api/v1/ws").await?, server, conversation).await
}

/// Introduces a socket, and has it look on.
pub(super) async fn subscribe(mut socket: Socket, server: &Server, conversation: &str) -> Result<Socket, Failure> {
    socket.send(&json!({"type": "hello", "protocol": 1, "token": server.token}).to_string()).await?;
    socket.next_with("welcome").await?;
    socket.send(&json!({"type": "subscribe", "topic": format!("conversation:{conversation}")}).to_string()).await?;
    socket.next_with("\"changed\"").await?;
    Ok(socket)
}
