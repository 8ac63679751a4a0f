//! What the clients talk to, and what that rests on: every server a process of its own, on loopback only.

mod cluster;
mod guard;
mod nats;
mod node;
mod postgres;
mod proxy;

use std::net::SocketAddr;

pub(crate) use cluster::{Cluster, Topology};
pub(crate) use node::OWNER;
pub(crate) use postgres::Shutdown;
pub(crate) use proxy::Proxy;

use crate::Failure;

/// An address on which nobody listens now.
fn free_address() -> Result<SocketAddr, Failure> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
