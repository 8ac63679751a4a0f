//! SQL stores of the helpdesk and event buses between its nodes, each behind the feature of its server.
//!
//! They implement [`helpdesk_core::store::Store`] and [`helpdesk_core::bus::EventBus`], and know of nothing above them.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "nats")]
pub mod bus;
#[cfg(feature = "sqlite")]
pub mod sqlite;

#[cfg(feature = "nats")]
pub use bus::NatsBus;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
