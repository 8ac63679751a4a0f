//! Connections that go on after an answer that did not wait for the body.

use helpdesk_core::store::MemoryStore;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::desk::Desk;
use super::line::Server;

/// Reads the head and the body of an answer.
async fn answer(connection: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(connection.read_u8().await.expect("the connection ended"));
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |length| length.parse().unwrap());
    connection.read_exact(&mut vec![0; length]).await.unwrap();
    head
}

#[tokio::test]
async fn an_answer_that_needs_no_body_leaves_the_connection_as_it_was() {
    let desk = Desk::open(MemoryStore::new()).await;
    let server = Server::of(&desk).await;
    for (request, status) in [
        ("POST /api/v1/tokens HTTP/1.1\r\ncontent-type: application/json", "401"),
        ("POST /api/v1/none HTTP/1.1\r\ncontent-type: application/json", "404"),
        ("POST /api/v1/widget/session HTTP/1.1\r\ncontent-type: text/plain", "415"),
        ("POST /api/v1/widget/session HTTP/1.1\r\ncontent-type: application/json", "413"),
    ] {
        let mut connection = TcpStream::connect(server.address).await.unwrap();
        let body = vec![b' '; if status == "413" { 2_000_000 } else { 16 }];
        for _ in 0..3 {
            let head = format!("{request}\r\nhost: desk\r\ncontent-length: {}\r\n\r\n", body.len());
            connection.write_all(head.as_bytes()).await.unwrap();
            tokio::task::yield_now().await;
            connection.write_all(&body).await.unwrap();
            let head = answer(&mut connection).await;
            assert!(head.starts_with(&format!("http/1.1 {status}")) && !head.contains("connection: close"), "{head}");
        }
    }
}

#[tokio::test]
async fn where_the_body_does_not_come_the_answer_says_that_the_connection_ends() {
    let desk = Desk::open(MemoryStore::new()).await;
    let server = Server::of(&desk).await;
    for expect in ["", "expect: 100-continue\r\n"] {
        let mut connection = TcpStream::connect(server.address).await.unwrap();
        let head = format!("POST /api/v1/tokens HTTP/1.1\r\nhost: desk\r\n{expect}content-length: 16\r\n\r\n");
        connection.write_all(head.as_bytes()).await.unwrap();
        let head = answer(&mut connection).await;
        assert!(head.starts_with("http/1.1 401") && head.contains("connection: close"), "{head}");
        assert_eq!(connection.read_to_end(&mut Vec::new()).await.unwrap(), 0);
    }
}
