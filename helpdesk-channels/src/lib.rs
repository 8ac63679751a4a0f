//! Adapters of the helpdesk to the outside world, one feature and one folder each.
//!
//! They implement the traits of `helpdesk-core` and know nothing of the store.
//!
//! - `openai`: the assistant for OpenAI-compatible APIs.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "openai")]
mod http;
#[cfg(feature = "openai")]
pub mod openai;
