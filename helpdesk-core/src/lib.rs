//! The heart of the helpdesk: what it is about ([`model`]), its rules ([`decide`]), what it asks of the world
//! (the traits), and the engine that drives them.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod ai;
pub mod bus;
pub mod clock;
pub mod command;
pub mod decide;
pub mod error;
pub mod id;
pub mod model;
pub mod retrieval;
pub mod store;

pub use async_trait::async_trait;
pub use error::{Error, Refusal};
