#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use helpdesk_core::*;

/// The axum router: the widget's API, the inbox's API, the live socket, and with the feature `ui` the pages.
#[cfg(feature = "http")]
pub use helpdesk_http as http;

#[cfg(feature = "nats")]
pub use helpdesk_store::NatsBus;
#[cfg(feature = "sqlite")]
pub use helpdesk_store::SqliteStore;
/// The buses over a server: their settings, and what they have in common.
#[cfg(any(feature = "nats", feature = "postgres"))]
pub use helpdesk_store::bus as buses;
/// The store on Postgres, shared by many nodes.
#[cfg(feature = "postgres")]
pub use helpdesk_store::postgres;
/// The store on one SQLite file.
#[cfg(feature = "sqlite")]
pub use helpdesk_store::sqlite;
#[cfg(feature = "postgres")]
pub use helpdesk_store::{PostgresBus, PostgresStore};

/// The assistant for OpenAI-compatible APIs.
#[cfg(feature = "openai")]
pub use helpdesk_channels::openai;

/// The pages of the guide, compiled as tests.
#[cfg(all(doctest, feature = "full"))]
mod guide {
    #[doc = include_str!("../docs/embedding.md")]
    struct Embedding;
}
