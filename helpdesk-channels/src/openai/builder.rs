//! Building the driver.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use helpdesk_core::clock::{Clock, SystemClock};

use super::OpenAiResponder;
use super::call::{ApiKey, Endpoint, Fault, Parameters};
use crate::http::{self, Reach};

const OPENAI: &str = "https://api.openai.com/v1";

/// A driver that could not be built.
#[derive(Debug, thiserror::Error)]
#[error("the OpenAI assistant is not usable: {0}")]
pub struct BuildError(String);

/// How long the driver waits for the provider.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    pub(super) first_byte: Duration,
    pub(super) between_chunks: Duration,
}

/// Builds an [`OpenAiResponder`]. What is set here is what accounts fall back on, and is trusted.
#[must_use]
pub struct OpenAiResponderBuilder {
    base_url: String,
    api_key: Option<String>,
    parameters: Parameters,
    connect: Duration,
    patience: Patience,
    allow_private_addresses: bool,
    clock: Arc<dyn Clock>,
}

impl OpenAiResponderBuilder {
    pub(super) fn new() -> Self {
        Self {
            base_url: OPENAI.to_owned(),
            api_key: None,
            parameters: Parameters::default(),
            connect: Duration::from_secs(10),
            patience: Patience { first_byte: Duration::from_secs(30), between_chunks: Duration::from_secs(30) },
            allow_private_addresses: false,
            clock: Arc::new(SystemClock),
        }
    }

    /// Where the API is, with its version, such as `http://127.0.0.1:11434/v1`. Default: `https://api.openai.com/v1`.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// The API key. Default: none is sent, as local servers like it. Never sent to an address that an account brings.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// The model. An account that names none uses it; without either, answers fail with [`AiError::Permanent`](helpdesk_core::ai::AiError::Permanent).
    pub fn model(mut self, model: impl Into<String>) -> Self {
        self.parameters.model = Some(model.into());
        self
    }

    /// The sampling temperature, 0 to 2. Default: the provider's.
    pub const fn temperature(mut self, temperature: f32) -> Self {
        self.parameters.temperature = Some(temperature);
        self
    }

    /// The most tokens of an answer, sent as `max_completion_tokens`. Default: the provider's.
    pub const fn max_completion_tokens(mut self, tokens: u32) -> Self {
        self.parameters.max_completion_tokens = Some(tokens);
        self
    }

    /// The most tokens of an answer, sent as `max_tokens`, for servers that know only this older name.
    pub const fn max_tokens(mut self, tokens: u32) -> Self {
        self.parameters.max_tokens = Some(tokens);
        self
    }

    /// How long a connection may take. Default: 10 seconds.
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect = timeout;
        self
    }

    /// How long the first byte of the answer may take from the request on. Default: 30 seconds.
    pub const fn first_byte_timeout(mut self, timeout: Duration) -> Self {
        self.patience.first_byte = timeout;
        self
    }

    /// How long the provider may be silent in the middle of an answer. Default: 30 seconds.
    pub const fn chunk_timeout(mut self, timeout: Duration) -> Self {
        self.patience.between_chunks = timeout;
        self
    }

    /// Lets accounts name base URLs in the private network. Default: they are refused, so that no tenant reaches what only this
    /// machine can see. The base URL of this builder is never refused.
    pub const fn allow_private_addresses(mut self, allow: bool) -> Self {
        self.allow_private_addresses = allow;
        self
    }

    /// Where the time comes from, for providers that say when to come back by the clock. Default: the machine's.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The driver.
    ///
    /// # Errors
    /// [`BuildError`] for a base URL, key or parameter that cannot be used, and if the system has no certificates to trust.
    pub fn build(self) -> Result<OpenAiResponder, BuildError> {
        let fault = |fault: Fault| BuildError(fault.to_string());
        let endpoint = Endpoint::parse(&self.base_url).map_err(fault)?;
        let key = self.api_key.as_deref().map(ApiKey::new).transpose().map_err(fault)?;
        self.parameters.check().map_err(fault)?;
        let client = |reach| http::client(reach, self.connect).map_err(|error| BuildError(error.to_string()));
        let accounts = if self.allow_private_addresses { Reach::Anywhere } else { Reach::PublicOnly };
        Ok(OpenAiResponder {
            endpoint,
            key,
            parameters: self.parameters,
            patience: self.patience,
            own_client: client(Reach::Anywhere)?,
            account_client: client(accounts)?,
            account_reach: accounts,
            clock: self.clock,
        })
    }
}

impl fmt::Debug for OpenAiResponderBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenAiResponderBuilder").field("parameters", &self.parameters).finish_non_exhaustive()
    }
}
