//! SQL stores of the helpdesk, each behind the feature of its database.
//!
//! They implement [`helpdesk_core::store::Store`] and know of nothing above it.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "sqlite")]
pub mod sqlite;

#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
