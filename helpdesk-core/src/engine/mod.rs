//! The engine: loads, decides, commits, tells; and works off the jobs.
//!
//! [`Helpdesk`] is the one handle that hosts hold. From it come actor-scoped handles ([`ContactHandle`],
//! [`OperatorHandle`]) whose every command is checked against the rights of its actor, workers for the jobs, and live
//! streams. It must not know HTTP, SQL or a provider.

mod administration;
mod articles;
mod builder;
mod client_id;
mod contact;
mod details;
mod draft_view;
mod drafts;
mod execute;
mod identity;
mod keys;
mod live;
mod local_bus;
mod off;
mod operator;
mod outliving;
mod presence;
mod queues;
mod readings;
mod recent;
mod relink;
mod running;
mod session;
mod token;
mod turn;
mod unattended;
mod visitor_tokens;
mod worker;
mod workspace;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use tokio::sync::Notify;
use url::Url;

pub use administration::{ArticleEdit, AssistantEdit, Changed, HumanSupportEdit, Made, NewToken, SettingsEdit};
pub use builder::{HelpdeskBuilder, NewWorkspace, OperatorProfile};
pub use client_id::ClientId;
pub use contact::ContactHandle;
pub use details::Details;
pub use execute::Done;
pub use live::{LiveEvent, LiveStream, LiveTopic, Outlet, QueueChange};
pub use local_bus::LocalBus;
pub use off::{OffEvent, OffStream, SignedEntry, SignedSpeaker};
pub use operator::OperatorHandle;
pub use presence::PresenceGuard;
pub use readings::ConversationChange;
pub use session::{ContactEdit, PublicKey, Session, SessionRequest, VisitorClaims};
pub use worker::Workers;
pub use workspace::WorkspaceHandle;

use crate::ai::AiResponder;
use crate::bus::EventBus;
use crate::clock::Clock;
use crate::id::{IdGen, WorkspaceId};
use crate::store::Store;

/// Tells the country of a visitor from what the host knows: the client's address, as the HTTP layer saw it.
pub type CountryLookup = Arc<dyn Fn(std::net::IpAddr) -> Option<String> + Send + Sync>;

/// An embedded helpdesk. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Helpdesk {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn Store>,
    bus: Arc<dyn EventBus>,
    /// Hints of this node's own heartbeat; see [`live`].
    heartbeat: LocalBus,
    watched: live::Watched,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGen>,
    responders: HashMap<String, Arc<dyn AiResponder>>,
    keys: keys::Keys,
    public_url: Option<Url>,
    country: Option<CountryLookup>,
    articles: articles::ArticleCache,
    drafts: drafts::Drafts,
    presence: presence::Registry,
    followers: Arc<live::Followers>,
    queue_steps: live::AllSteps,
    recent: recent::Recent,
    visitor_tokens: visitor_tokens::VisitorTokens,
    queues: queues::Queues,
    running: running::Running,
    wake: Notify,
}

impl fmt::Debug for Helpdesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Helpdesk")
            .field("store", &self.inner.store)
            .field("bus", &self.inner.bus)
            .field("assistants", &self.inner.responders.keys())
            .finish_non_exhaustive()
    }
}

impl Helpdesk {
    /// Begins to put a helpdesk together on this store.
    pub fn builder(store: impl Store) -> HelpdeskBuilder {
        HelpdeskBuilder::new(Arc::new(store))
    }

    /// A workspace, by id. No I/O: whether it exists shows at the first command.
    #[must_use]
    pub fn workspace(&self, id: WorkspaceId) -> WorkspaceHandle {
        WorkspaceHandle { desk: self.clone(), id }
    }

    /// The store that it runs on.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.inner.store
    }

    /// The clock that it runs by.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// Where the world reaches it, if the builder was told.
    #[must_use]
    pub fn public_url(&self) -> Option<&Url> {
        self.inner.public_url.as_ref()
    }

    /// Whether the store can be reached and has the right schema.
    ///
    /// # Errors
    /// [`crate::store::StoreError`] with what is wrong.
    pub async fn ready(&self) -> Result<(), crate::Error> {
        Ok(self.inner.store.ready().await?)
    }
}
