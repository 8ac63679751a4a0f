//! The flags, each with its environment variable.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use clap::{Parser, ValueEnum};
use helpdesk::Helpdesk;
use url::Url;

use super::Failure;
use super::database::Database;

/// The model that is asked for where none is named.
const DEFAULT_MODEL: &str = "gpt-4.1-mini";
/// The shortest owner token and secret key.
const SECRET_MINIMUM: usize = 32;

/// A helpdesk as a server: live chat with an assistant, human takeover, and an inbox for the team. One process on one file,
/// or many on one Postgres.
#[derive(Debug, Parser)]
#[command(name = "standalone", version)]
pub(crate) struct Flags {
    /// Where to listen; port 0 picks a free one. The first line on standard output names the URL
    #[arg(long, env = "HELPDESK_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    pub(crate) listen: SocketAddr,

    /// The database: an SQLite file, made where there is none; or a Postgres that many of these servers share, such as
    /// postgres://user@host/database
    #[arg(long, env = "HELPDESK_DATABASE_URL", value_name = "URL", default_value = "sqlite://helpdesk.db", hide_env_values = true)]
    database_url: Secret,

    /// What tells the servers on one Postgres of each other's news: `postgres`, which is the default there, or a NATS
    /// server, such as nats://host:4222
    #[arg(long, env = "HELPDESK_EVENT_BUS", value_name = "BUS", hide_env_values = true)]
    event_bus: Option<Secret>,

    /// The OpenAI-compatible API that answers, such as http://127.0.0.1:11434/v1. Without it and without a key, the
    /// keyless assistant answers from the help articles
    #[arg(long, env = "OPENAI_BASE_URL", value_name = "URL")]
    openai_base_url: Option<String>,

    /// The key for that API
    #[arg(long, env = "OPENAI_API_KEY", value_name = "KEY", hide_env_values = true)]
    openai_api_key: Option<Secret>,

    /// The model to ask
    #[arg(long, env = "OPENAI_MODEL", value_name = "NAME")]
    openai_model: Option<String>,

    /// Where the world reaches this server's root, such as https://support.example
    #[arg(long, env = "HELPDESK_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,

    /// A bearer token with the owner's rights, for programs: any text of 32 characters or more
    #[arg(long, env = "HELPDESK_OWNER_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    owner_token: Option<Secret>,

    /// How to log to standard error; RUST_LOG chooses what
    #[arg(long, env = "HELPDESK_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,

    /// What visitors' tokens are signed and account secrets sealed with: any text of 32 characters or more. Default: the
    /// file helpdesk.key beside an SQLite database, made at the first start; on Postgres all servers must be given the same
    #[arg(long, env = "HELPDESK_SECRET_KEY", value_name = "KEY", hide_env_values = true)]
    secret_key: Option<Secret>,
}

/// How to log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line, for programs.
    Json,
}

/// The OpenAI-compatible API to ask.
pub(crate) struct OpenAi {
    pub(crate) base_url: Option<String>,
    pub(crate) api_key: Option<Secret>,
    pub(crate) model: String,
}

/// The flags are checked here and not by clap's parsers: those would repeat a refused secret on the screen. What is empty,
/// as unset variables of a deployment often are, counts as not given.
impl Flags {
    /// The OpenAI-compatible API, if one was named.
    pub(crate) fn openai(&self) -> Option<OpenAi> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let base_url = given(&self.openai_base_url);
        let api_key = self.openai_api_key.clone().filter(|key| !key.is_empty());
        let model = given(&self.openai_model).unwrap_or_else(|| DEFAULT_MODEL.to_owned());
        (base_url.is_some() || api_key.is_some()).then_some(OpenAi { base_url, api_key, model })
    }

    /// The database, and the bus between those who share it.
    pub(crate) fn database(&self) -> Result<Database, Failure> {
        let event_bus = self.event_bus.as_ref().map(Secret::expose).filter(|bus| !bus.is_empty());
        Database::chosen(self.database_url.expose(), event_bus)
    }

    /// Where the world reaches this server's root.
    pub(crate) fn public_url(&self) -> Result<Option<Url>, Failure> {
        let Some(text) = self.public_url.as_deref().filter(|text| !text.is_empty()) else { return Ok(None) };
        let url = Url::parse(text).map_err(|error| format!("--public-url: {error}"))?;
        let bare = matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if bare { Ok(Some(url)) } else { Err("--public-url must be the http or https address of the server's root, without a path".into()) }
    }

    /// The bearer token that acts as the owner.
    pub(crate) fn owner_token(&self) -> Result<Option<Secret>, Failure> {
        let Some(token) = long_secret("--owner-token (HELPDESK_OWNER_TOKEN)", &self.owner_token)? else { return Ok(None) };
        let text = token.expose();
        let sendable = text.chars().all(|character| character == ' ' || character.is_ascii_graphic()) && text.trim() == text;
        if !sendable {
            return Err("--owner-token must be of visible ASCII characters: it is sent in a header".into());
        }
        if Helpdesk::is_api_token(text) {
            return Err("--owner-token looks like an API token of the inbox's settings; those need no flag".into());
        }
        Ok(Some(token))
    }

    /// What visitors' tokens are signed with, if it is not to be kept in a file beside the database.
    pub(crate) fn secret_key(&self) -> Result<Option<Secret>, Failure> {
        let key = long_secret("--secret-key (HELPDESK_SECRET_KEY)", &self.secret_key)?;
        match (key, self.database()?) {
            (None, Database::Server { .. }) => Err(format!(
                "--secret-key (HELPDESK_SECRET_KEY) is missing: on Postgres no file keeps it, because all servers on one database \
                 must have the same. Give any text of {SECRET_MINIMUM} characters or more"
            )
            .into()),
            (key, _) => Ok(key),
        }
    }
}

fn long_secret(flag: &str, secret: &Option<Secret>) -> Result<Option<Secret>, Failure> {
    match secret.as_ref().map(|secret| secret.expose().chars().count()) {
        None | Some(0) => Ok(None),
        Some(SECRET_MINIMUM..) => Ok(secret.clone()),
        Some(count) => Err(format!("{flag} has {count} characters; it needs {SECRET_MINIMUM} or more").into()),
    }
}

/// A text that no log shows.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(arguments: &[&str]) -> Flags {
        Flags::try_parse_from([&["standalone"], arguments].concat()).unwrap()
    }

    #[test]
    fn an_owner_token_is_long_and_fits_a_header() {
        let token = |text: &str| flags(&["--owner-token", text]).owner_token();
        assert_eq!(token("").unwrap(), None);
        assert_eq!(token(&"x".repeat(32)).unwrap().unwrap().expose().len(), 32);
        for refused in ["x".repeat(31), "é".repeat(32), format!("{}\n", "x".repeat(40)), format!("hdt_{}", "x".repeat(40))] {
            let error = token(&refused).unwrap_err().to_string();
            assert!(error.contains("--owner-token") && !error.contains("xxx"), "{error}");
        }
    }

    #[test]
    fn a_public_url_is_a_root() {
        let url = |text: &str| flags(&["--public-url", text]).public_url();
        assert_eq!(url("https://support.example").unwrap().unwrap().as_str(), "https://support.example/");
        assert!(url("").unwrap().is_none());
        for refused in ["support.example", "https://support.example/helpdesk", "ftp://support.example"] {
            assert!(url(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn an_address_or_a_key_is_enough_to_ask_an_api() {
        assert!(flags(&["--openai-base-url", "", "--openai-api-key", "", "--openai-model", "m"]).openai().is_none());
        let openai = flags(&["--openai-base-url", "http://127.0.0.1:11434/v1"]).openai().unwrap();
        assert_eq!((openai.model.as_str(), openai.api_key), (DEFAULT_MODEL, None));
    }
}
