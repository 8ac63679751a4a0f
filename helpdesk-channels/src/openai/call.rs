//! What one call uses: the driver's own values, overridden by an account's.

use std::fmt;

use helpdesk_core::ai::AiError;
use helpdesk_core::model::Account;
use reqwest::header::HeaderValue;
use serde::Deserialize;
use url::Url;

use super::OpenAiResponder;
use crate::http::{self, Reach};

/// The name of the account's secret.
const API_KEY: &str = "api_key";

/// A value that cannot be used: which, and how to mend it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Fault(String);

impl From<Fault> for AiError {
    fn from(fault: Fault) -> Self {
        Self::Permanent { detail: format!("the account's configuration: {fault}") }
    }
}

/// The address of the chat completions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint(Url);

impl Endpoint {
    /// The endpoint of a base URL, with or without a slash at its end.
    pub(super) fn parse(base_url: &str) -> Result<Self, Fault> {
        let fault = |what: &str| Fault(format!("`base_url` {what}"));
        let mut url = Url::parse(base_url.trim()).map_err(|error| fault(&format!("is no URL: {error}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(fault("must begin with http:// or https://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(fault("must not carry credentials; they belong in the API key"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(fault("must have no query and no fragment"));
        }
        let path = format!("{}/chat/completions", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Ok(Self(url))
    }

    pub(super) fn url(&self) -> Url {
        self.0.clone()
    }
}

/// An API key, ready to be sent, never to be shown.
#[derive(Clone)]
pub(super) struct ApiKey(HeaderValue);

impl ApiKey {
    pub(super) fn new(key: &str) -> Result<Self, Fault> {
        let key = key.trim();
        let unusable = || Fault("the API key is empty or has characters that cannot be sent".to_owned());
        if key.is_empty() {
            return Err(unusable());
        }
        let mut value = HeaderValue::from_str(&format!("Bearer {key}")).map_err(|_| unusable())?;
        value.set_sensitive(true);
        Ok(Self(value))
    }

    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(hidden)")
    }
}

/// The parameters of the model.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Parameters {
    pub(super) model: Option<String>,
    pub(super) temperature: Option<f32>,
    pub(super) max_completion_tokens: Option<u32>,
    pub(super) max_tokens: Option<u32>,
}

impl Parameters {
    pub(super) fn check(&self) -> Result<(), Fault> {
        if self.model.as_ref().is_some_and(|model| model.trim().is_empty() || model.len() > 200) {
            return Err(Fault("`model` must have 1 to 200 characters".to_owned()));
        }
        if self.temperature.is_some_and(|temperature| !(0.0..=2.0).contains(&temperature)) {
            return Err(Fault("`temperature` must be between 0 and 2".to_owned()));
        }
        if self.max_completion_tokens == Some(0) || self.max_tokens == Some(0) {
            return Err(Fault("the most tokens of an answer must be at least 1".to_owned()));
        }
        if self.max_completion_tokens.is_some() && self.max_tokens.is_some() {
            return Err(Fault("`max_completion_tokens` and `max_tokens` are two names of one thing: set one".to_owned()));
        }
        Ok(())
    }

    /// These, with what is missing filled from others.
    fn or(self, others: &Self) -> Self {
        // The two names of the limit are one value: an account that sets one means neither of the others.
        let limit = if self.max_completion_tokens.is_some() || self.max_tokens.is_some() { &self } else { others };
        Self {
            max_completion_tokens: limit.max_completion_tokens,
            max_tokens: limit.max_tokens,
            model: self.model.or_else(|| others.model.clone()),
            temperature: self.temperature.or(others.temperature),
        }
    }
}

/// What an account may configure; anything else is refused, so that a misspelt name is not silently without effect.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountConfiguration {
    base_url: Option<String>,
    model: Option<String>,
    temperature: Option<f32>,
    max_completion_tokens: Option<u32>,
    max_tokens: Option<u32>,
}

impl AccountConfiguration {
    fn of(account: &Account) -> Result<Self, Fault> {
        if account.configuration.is_null() {
            return Ok(Self::default());
        }
        Self::deserialize(&account.configuration).map_err(|error| Fault(error.to_string()))
    }
}

/// All that one call needs to know of where it goes.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) client: &'a reqwest::Client,
    pub(super) endpoint: Endpoint,
    pub(super) key: Option<ApiKey>,
    pub(super) model: String,
    pub(super) parameters: Parameters,
}

impl OpenAiResponder {
    /// The call that this account wants.
    pub(super) fn call(&self, account: &Account) -> Result<Call<'_>, AiError> {
        let mut call = if account.id.is_some() { self.call_of_account(account)? } else { self.own_call() };
        call.model = call.parameters.model.take().ok_or_else(|| Fault("no `model` is set".to_owned()))?;
        Ok(call)
    }

    fn own_call(&self) -> Call<'_> {
        Call {
            client: &self.own_client,
            endpoint: self.endpoint.clone(),
            key: self.key.clone(),
            model: String::new(),
            parameters: self.parameters.clone(),
        }
    }

    fn call_of_account(&self, account: &Account) -> Result<Call<'_>, Fault> {
        let configuration = AccountConfiguration::of(account)?;
        if let Some(name) = account.secrets.keys().find(|name| *name != API_KEY) {
            return Err(Fault(format!("unknown secret `{name}`, expected `{API_KEY}`")));
        }
        let mut call = self.own_call();
        let endpoint = configuration.base_url.as_deref().map(Endpoint::parse).transpose()?;
        if let Some(endpoint) = endpoint.filter(|endpoint| *endpoint != self.endpoint) {
            if self.account_reach == Reach::PublicOnly {
                http::refuse_private(&endpoint.0).map_err(|private| Fault(format!("`base_url`: {private}, which is not allowed")))?;
            }
            call.client = &self.account_client;
            call.endpoint = endpoint;
            // Whoever names the address would read the host's key there.
            call.key = None;
        }
        if let Some(key) = account.secrets.get(API_KEY) {
            call.key = Some(ApiKey::new(key)?);
        }
        let parameters = Parameters {
            model: configuration.model,
            temperature: configuration.temperature,
            max_completion_tokens: configuration.max_completion_tokens,
            max_tokens: configuration.max_tokens,
        };
        parameters.check()?;
        call.parameters = parameters.or(&self.parameters);
        Ok(call)
    }
}

#[cfg(test)]
mod tests {
    use helpdesk_core::id::{AccountId, WorkspaceId};
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    fn driver() -> OpenAiResponder {
        OpenAiResponder::builder()
            .base_url("http://127.0.0.1:9/v1/")
            .api_key("sk-own")
            .model("own")
            .temperature(0.5)
            .max_tokens(7)
            .build()
            .unwrap()
    }

    fn account(configuration: Value) -> Account {
        let mut account = Account::fixed(WorkspaceId::DEFAULT, OpenAiResponder::DRIVER);
        account.id = Some("00000000-0000-7000-8000-000000000001".parse::<AccountId>().unwrap());
        account.configuration = configuration;
        account
    }

    fn key_of(call: &Call<'_>) -> Option<String> {
        call.key.as_ref().map(|key| key.header().to_str().unwrap().to_owned())
    }

    #[test]
    fn the_fixed_account_uses_the_drivers_own_values() {
        let driver = driver();
        let mut fixed = Account::fixed(WorkspaceId::DEFAULT, OpenAiResponder::DRIVER);
        fixed.configuration = json!({"model": "ignored"});
        let call = driver.call(&fixed).unwrap();
        assert_eq!(call.endpoint.url().as_str(), "http://127.0.0.1:9/v1/chat/completions");
        assert_eq!((call.model.as_str(), key_of(&call).as_deref()), ("own", Some("Bearer sk-own")));
    }

    #[test]
    fn an_account_overrides_what_it_names() {
        let driver = driver();
        let mut own_key = account(json!({"model": "theirs", "max_completion_tokens": 9}));
        own_key.secrets.insert(API_KEY.to_owned(), "sk-theirs".to_owned());
        let call = driver.call(&own_key).unwrap();
        assert_eq!((call.model.as_str(), key_of(&call).as_deref()), ("theirs", Some("Bearer sk-theirs")));
        assert_eq!(
            (call.parameters.temperature, call.parameters.max_completion_tokens, call.parameters.max_tokens),
            (Some(0.5), Some(9), None)
        );
        let empty = account(Value::Null);
        assert_eq!(driver.call(&empty).unwrap().model, "own");
    }

    #[test]
    fn the_drivers_key_never_goes_to_an_accounts_address() {
        let driver = driver();
        let elsewhere = account(json!({"base_url": "https://api.example/v1"}));
        assert!(driver.call(&elsewhere).unwrap().key.is_none());
        let same = account(json!({"base_url": "http://127.0.0.1:9/v1"}));
        assert_eq!(key_of(&driver.call(&same).unwrap()).as_deref(), Some("Bearer sk-own"));
    }

    #[rstest]
    #[case(json!({"modle": "x"}), "unknown field `modle`")]
    #[case(json!({"temperature": 3}), "between 0 and 2")]
    #[case(json!({"temperature": "hot"}), "invalid type")]
    #[case(json!({"model": " "}), "`model` must have")]
    #[case(json!({"max_tokens": 0}), "at least 1")]
    #[case(json!({"max_tokens": 1, "max_completion_tokens": 1}), "set one")]
    #[case(json!({"base_url": "ftp://x"}), "http://")]
    #[case(json!({"base_url": "x"}), "is no URL")]
    #[case(json!({"base_url": "https://u:p@x.example"}), "credentials")]
    #[case(json!({"base_url": "https://x.example?a=b"}), "no query")]
    #[case(json!({"base_url": "http://10.0.0.1/v1"}), "private network")]
    #[case(json!([1]), "invalid")]
    fn what_cannot_be_used_is_refused_with_its_reason(#[case] configuration: Value, #[case] reason: &str) {
        let error = driver().call(&account(configuration)).unwrap_err();
        assert!(!error.is_retryable() && error.to_string().contains(reason), "{error}");
    }

    #[test]
    fn secrets_are_checked_and_never_shown() {
        let driver = driver();
        let mut misspelt = account(Value::Null);
        misspelt.secrets.insert("apikey".to_owned(), "sk-secret".to_owned());
        let error = driver.call(&misspelt).unwrap_err().to_string();
        assert!(error.contains("unknown secret `apikey`") && !error.contains("sk-secret"));
        let mut broken = account(Value::Null);
        broken.secrets.insert(API_KEY.to_owned(), "sk-\nsecret".to_owned());
        assert!(!driver.call(&broken).unwrap_err().to_string().contains("secret"));
        assert!(!format!("{driver:?} {:?}", OpenAiResponder::builder().api_key("sk-own")).contains("sk-own"));
    }
}
