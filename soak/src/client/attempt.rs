//! One request, and what is known when it ended.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use crate::Failure;

/// How long an answer may take. A server that is stopped in its tracks is given up after that.
const PATIENCE: Duration = Duration::from_secs(4);

/// The connections of all clients.
#[derive(Clone, Debug)]
pub(crate) struct Http(reqwest::Client);

/// How a request ended without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// It never reached a server.
    Unsent,
    /// It may have.
    Unanswered,
}

impl Http {
    /// Connections that trust nobody: everything is on loopback, without TLS.
    pub(crate) fn new() -> Result<Self, Failure> {
        let _installed_before = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder().no_proxy().timeout(PATIENCE).connect_timeout(Duration::from_secs(1));
        Ok(Self(builder.redirect(reqwest::redirect::Policy::none()).build()?))
    }

    /// Asks.
    pub(crate) async fn ask(&self, method: Method, url: &str, token: &str, body: Option<&Value>) -> Result<(u16, Value), Lost> {
        let mut request = self.0.request(method, url);
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        self.send(request).await
    }

    /// Reads something that must be there.
    pub(crate) async fn get(&self, url: &str, token: &str) -> Result<Value, Failure> {
        match self.ask(Method::GET, url, token, None).await {
            Ok((200, body)) => Ok(body),
            other => Err(format!("GET {url}: {other:?}").into()),
        }
    }

    /// A request to be filled in.
    pub(super) fn post(&self, url: &str) -> reqwest::RequestBuilder {
        self.0.post(url)
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<(u16, Value), Lost> {
        let lost = |error: reqwest::Error| if error.is_connect() { Lost::Unsent } else { Lost::Unanswered };
        let answer = request.send().await.map_err(lost)?;
        let status = answer.status().as_u16();
        let body = answer.bytes().await.map_err(|_| Lost::Unanswered)?;
        if body.is_empty() {
            return Ok((status, Value::Null));
        }
        Ok((status, serde_json::from_slice(&body).map_err(|_| Lost::Unanswered)?))
    }
}
