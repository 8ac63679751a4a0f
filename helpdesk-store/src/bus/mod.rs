//! Event buses that carry hints between the nodes of one helpdesk, each behind the feature of its server.
//!
//! They implement [`helpdesk_core::bus::EventBus`]: a node's own listeners hear at once, other nodes through the server. What
//! is lost is found out and told; nothing depends on it, because the truth is in the store.

#[cfg(feature = "nats")]
mod envelope;
mod fan_out;
mod listener;

#[cfg(feature = "nats")]
pub mod nats;
#[cfg(feature = "postgres")]
pub mod postgres;

#[cfg(feature = "nats")]
pub use nats::NatsBus;
#[cfg(feature = "postgres")]
pub use postgres::PostgresBus;

/// Why a bus cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BusError {
    /// The server cannot be reached, or refuses.
    #[error("the bus cannot connect: {0}")]
    Connect(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What was asked for cannot be.
    #[error("the bus cannot be set up: {0}")]
    Configuration(String),
}
