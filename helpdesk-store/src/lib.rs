//! SQL stores of the helpdesk and event buses between its nodes, each behind the feature of its server.
//!
//! They implement [`helpdesk_core::store::Store`] and [`helpdesk_core::bus::EventBus`], and know of nothing above them.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(any(feature = "nats", feature = "postgres"))]
pub mod bus;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod sql;
#[cfg(feature = "sqlite")]
pub mod sqlite;

#[cfg(feature = "nats")]
pub use bus::NatsBus;
#[cfg(feature = "postgres")]
pub use bus::PostgresBus;
#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
