//! The heart of the helpdesk: what it is about ([`model`]), its rules ([`decide`]), what it asks of the world
//! (the traits), and the engine that drives them.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod ai;
pub mod bus;
pub mod clock;
pub mod command;
pub mod decide;
pub mod engine;
pub mod error;
pub mod id;
pub mod model;
pub mod retrieval;
pub mod store;
#[cfg(any(test, feature = "testing"))]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub mod testing;

pub use async_trait::async_trait;
pub use engine::Helpdesk;
pub use error::{Error, Refusal};
