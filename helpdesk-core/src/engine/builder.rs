//! Putting a helpdesk together.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::Notify;
use url::Url;

use super::keys::{Keys, SECRET_KEY_MINIMUM};
use super::{CountryLookup, Helpdesk, Inner, LocalBus};
use crate::ai::AiResponder;
use crate::bus::EventBus;
use crate::clock::{Clock, SystemClock};
use crate::error::Error;
use crate::id::{AssistantId, CommitId, IdGen, RandomIds, Version, WorkspaceId};
use crate::model::{Assistant, Availability, Record, RecordBody, RecordKey, Role, Settings, Workspace};
use crate::retrieval::RetrievalResponder;
use crate::store::{Commit, Guard, Key, Outcome, Store, Write};

/// What a new workspace begins with.
#[derive(Clone, Debug)]
pub struct NewWorkspace {
    /// Its id; none: a new one.
    pub id: Option<WorkspaceId>,
    /// What people call it.
    pub name: String,
    /// The driver of its first assistant; none: the first that the builder was given, else the keyless one.
    pub assistant_driver: Option<String>,
    /// Its settings. The default assistant is filled in.
    pub settings: Settings,
}

impl NewWorkspace {
    /// A workspace with this name and the library's default settings: the helpdesk is off.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self { id: None, name: name.into(), assistant_driver: None, settings: Settings::default() }
    }
}

/// An operator as the host knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorProfile {
    /// The host's id of this person.
    pub subject: String,
    /// The display name, used until the operator chooses one.
    pub name: String,
    /// Their address.
    pub email: Option<String>,
    /// What they may do. The host's word counts: a change is taken over.
    pub role: Role,
    /// Their availability when they are seen for the first time.
    pub availability: Availability,
}

impl OperatorProfile {
    /// An operator who is online from the first moment.
    pub fn new(subject: impl Into<String>, name: impl Into<String>, role: Role) -> Self {
        Self { subject: subject.into(), name: name.into(), email: None, role, availability: Availability::Online }
    }
}

/// Puts a [`Helpdesk`] together.
pub struct HelpdeskBuilder {
    store: Arc<dyn Store>,
    bus: Arc<dyn EventBus>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGen>,
    responders: HashMap<String, Arc<dyn AiResponder>>,
    first_driver: Option<String>,
    secret_key: Option<Vec<u8>>,
    public_url: Option<String>,
    country: Option<CountryLookup>,
    default_settings: Settings,
    default_name: String,
}

impl fmt::Debug for HelpdeskBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HelpdeskBuilder").field("store", &self.store).field("assistants", &self.responders.keys()).finish_non_exhaustive()
    }
}

impl HelpdeskBuilder {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        let keyless: Arc<dyn AiResponder> = Arc::new(RetrievalResponder::new());
        Self {
            store,
            bus: Arc::new(LocalBus::new()),
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
            responders: HashMap::from([(keyless.driver().to_owned(), keyless)]),
            first_driver: None,
            secret_key: None,
            public_url: None,
            country: None,
            default_settings: Settings::default(),
            default_name: "Support".to_owned(),
        }
    }

    /// Registers a driver of assistants. The first one answers for the default workspace; the keyless one is always there.
    #[must_use]
    pub fn assistant(mut self, responder: impl AiResponder) -> Self {
        let driver = responder.driver().to_owned();
        self.first_driver.get_or_insert_with(|| driver.clone());
        self.responders.insert(driver, Arc::new(responder));
        self
    }

    /// The bus between nodes. Default: within the process.
    #[must_use]
    pub fn bus(mut self, bus: impl EventBus) -> Self {
        self.bus = Arc::new(bus);
        self
    }

    /// The clock. Default: the machine's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Where ids come from. Default: random UUIDs of version 7.
    #[must_use]
    pub fn ids(mut self, ids: Arc<dyn IdGen>) -> Self {
        self.ids = ids;
        self
    }

    /// The secret behind visitors' tokens and sealed account secrets, at least 32 bytes, the same on every node and over
    /// restarts. Default: a random one, with which visitors are forgotten at a restart.
    #[must_use]
    pub fn secret_key(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.secret_key = Some(key.into());
        self
    }

    /// Where the world reaches the helpdesk, such as `https://shop.example/helpdesk`.
    #[must_use]
    pub fn public_url(mut self, url: impl Into<String>) -> Self {
        self.public_url = Some(url.into());
        self
    }

    /// How to tell a visitor's country from their address. Default: from the browser's time zone.
    #[must_use]
    pub fn country(mut self, lookup: impl Fn(IpAddr) -> Option<String> + Send + Sync + 'static) -> Self {
        self.country = Some(Arc::new(lookup));
        self
    }

    /// The settings with which the default workspace is made at the first start. Later starts leave it as it is.
    #[must_use]
    pub fn default_settings(mut self, settings: Settings) -> Self {
        self.default_settings = settings;
        self
    }

    /// The name with which the default workspace is made at the first start.
    #[must_use]
    pub fn default_name(mut self, name: impl Into<String>) -> Self {
        self.default_name = name.into();
        self
    }

    /// Checks everything and makes the default workspace if the store has none.
    ///
    /// # Errors
    /// [`Error::Configuration`] naming what cannot work; [`Error::Store`] if the store is not ready.
    pub async fn build(self) -> Result<Helpdesk, Error> {
        let keys = match &self.secret_key {
            Some(key) if key.len() < SECRET_KEY_MINIMUM => {
                return Err(Error::Configuration(format!("secret_key has {} bytes; it needs at least {SECRET_KEY_MINIMUM}", key.len())));
            }
            Some(key) => Keys::derive(key),
            None => {
                tracing::warn!("no secret_key was given: visitors will be forgotten at the next restart");
                Keys::random()
            }
        };
        let public_url = self.public_url.map(|url| Url::parse(&url).map_err(|error| Error::Configuration(format!("public_url: {error}"))));
        self.store.ready().await?;
        let desk = Helpdesk {
            inner: Arc::new(Inner {
                store: self.store,
                bus: self.bus,
                heartbeat: LocalBus::new(),
                watched: Default::default(),
                clock: self.clock,
                ids: self.ids,
                responders: self.responders,
                keys,
                public_url: public_url.transpose()?,
                country: self.country,
                articles: Default::default(),
                drafts: Default::default(),
                presence: Default::default(),
                followers: Default::default(),
                queue_steps: Default::default(),
                recent: Default::default(),
                visitor_tokens: Default::default(),
                queues: Default::default(),
                running: Default::default(),
                wake: Notify::new(),
            }),
        };
        let default = NewWorkspace {
            id: Some(WorkspaceId::DEFAULT),
            name: self.default_name,
            assistant_driver: self.first_driver,
            settings: self.default_settings,
        };
        desk.create_workspace(default).await?;
        Ok(desk)
    }
}

impl Helpdesk {
    /// Makes a workspace with its settings and one assistant. One that exists is left as it is.
    ///
    /// # Errors
    /// [`Error::Configuration`] for a driver that was not registered; [`Error::Store`].
    pub async fn create_workspace(&self, new: NewWorkspace) -> Result<WorkspaceId, Error> {
        let inner = &self.inner;
        let id = new.id.unwrap_or_else(|| WorkspaceId::generate(&*inner.ids));
        if inner.store.record(id, RecordKey::WORKSPACE).await?.is_some() {
            return Ok(id);
        }
        let driver = new.assistant_driver.unwrap_or_else(|| RetrievalResponder::DRIVER.to_owned());
        if !inner.responders.contains_key(&driver) {
            return Err(Error::Configuration(format!("no assistant driver is registered under the name {driver:?}")));
        }
        let assistant = Assistant::new(AssistantId::generate(&*inner.ids), "Assistant", driver);
        let settings = Settings { default_assistant: Some(assistant.id), ..new.settings };
        let workspace = Workspace { id, name: new.name, created_at: inner.clock.now() };
        let mut commit = Commit::new(CommitId::generate(&*inner.ids), id);
        commit.guards.push(Guard { key: Key::Record(RecordKey::WORKSPACE), version: Version::ZERO });
        let bodies =
            [RecordBody::Workspace(workspace), RecordBody::Settings(Box::new(settings)), RecordBody::Assistant(Box::new(assistant))];
        commit.writes.extend(bodies.map(|body| Write::Record(Box::new(Record { version: Version(1), body }))));
        match inner.store.commit(commit).await? {
            // Two nodes started at once: the other one made it.
            Outcome::Committed(_) | Outcome::Already(_) | Outcome::Conflict(_) => Ok(id),
            Outcome::Refused | Outcome::LeaseLost | Outcome::Taken(_) => Err(Error::Busy),
        }
    }
}
