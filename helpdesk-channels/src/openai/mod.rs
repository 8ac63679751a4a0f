//! The assistant for OpenAI-compatible APIs: OpenAI itself, and the many servers that speak its chat completions.
//!
//! # Accounts
//! A workspace's account may set `base_url`, `model`, `temperature` (0 to 2) and one of `max_completion_tokens` and `max_tokens`, and the
//! secret `api_key`; what it leaves out is the builder's. An address of its own never gets the builder's key, and must not be in a
//! private network unless [`allow_private_addresses`](OpenAiResponderBuilder::allow_private_addresses) says so.
//!
//! # Faults
//! The driver makes one attempt; the engine repeats it, not before the provider wants it. Rate limits, overload, timeouts, and answers
//! that are empty, cut or withheld are [`AiError::Unavailable`]; a wrong key, an unknown model, no quota and a wrong configuration are
//! [`AiError::Permanent`].
//!
//! Neither texts nor keys are logged.

mod answer;
mod builder;
mod call;
mod chunk;
mod citation_marks;
mod escalation;
mod event_stream;
mod fault;
mod hidden_text;
mod prompt;
mod request;
mod stream;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use helpdesk_core::ai::{AiError, AiResponder, AnswerStream, Turn};
use helpdesk_core::clock::Clock;
use helpdesk_core::model::Account;

use self::answer::AnswerBuilder;
use self::builder::Patience;
pub use self::builder::{BuildError, OpenAiResponderBuilder};
use self::call::{ApiKey, Endpoint, Parameters};
use crate::http::Reach;

/// An assistant that asks a model behind an OpenAI-compatible API.
///
/// # Examples
/// ```
/// use helpdesk_channels::openai::OpenAiResponder;
///
/// let assistant = OpenAiResponder::builder().base_url("http://127.0.0.1:11434/v1").model("llama3.2").build()?;
/// # Ok::<(), helpdesk_channels::openai::BuildError>(())
/// ```
pub struct OpenAiResponder {
    endpoint: Endpoint,
    key: Option<ApiKey>,
    parameters: Parameters,
    patience: Patience,
    own_client: reqwest::Client,
    account_client: reqwest::Client,
    account_reach: Reach,
    clock: Arc<dyn Clock>,
}

impl OpenAiResponder {
    /// The name by which assistants name this driver.
    pub const DRIVER: &str = "openai";

    /// Begins a driver.
    pub fn builder() -> OpenAiResponderBuilder {
        OpenAiResponderBuilder::new()
    }
}

#[async_trait]
impl AiResponder for OpenAiResponder {
    fn driver(&self) -> &str {
        Self::DRIVER
    }

    /// # Cancel safety
    /// Dropping the future or the stream aborts the HTTP request.
    async fn respond(&self, account: &Account, turn: Turn) -> Result<AnswerStream, AiError> {
        let call = self.call(account)?;
        let request = request::compose(&call, &turn);
        let reply = stream::open(&call, &request, self.patience, self.clock.as_ref()).await?;
        Ok(stream::read(reply, AnswerBuilder::new(&turn)).boxed())
    }
}

impl fmt::Debug for OpenAiResponder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenAiResponder")
            .field("endpoint", &self.endpoint)
            .field("parameters", &self.parameters)
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
