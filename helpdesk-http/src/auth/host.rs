//! What a host tells of its operators.

use std::error::Error;
use std::fmt;

use axum::http::request::Parts;
use helpdesk_core::async_trait;
use helpdesk_core::id::WorkspaceId;
use helpdesk_core::model::Role;

/// An operator as the host knows them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct OperatorIdentity {
    /// The tenant they work for.
    pub workspace: WorkspaceId,
    /// The host's own id of this person: stable, never given to somebody else.
    pub subject: String,
    /// The display name, used until the operator chooses one.
    pub name: String,
    /// Their address.
    pub email: Option<String>,
    /// What they may do. The host's word counts: a change takes effect within 10 seconds.
    pub role: Role,
    /// Where the inbox sends the operator to sign out of the host.
    pub logout_url: Option<String>,
    /// A token that the host wants back with requests of its own pages; the inbox only passes it on.
    pub csrf: Option<String>,
}

impl OperatorIdentity {
    /// An operator of the default workspace.
    pub fn new(subject: impl Into<String>, name: impl Into<String>, role: Role) -> Self {
        Self {
            workspace: WorkspaceId::DEFAULT,
            subject: subject.into(),
            name: name.into(),
            email: None,
            role,
            logout_url: None,
            csrf: None,
        }
    }

    /// Of this workspace.
    #[must_use]
    pub const fn workspace(mut self, workspace: WorkspaceId) -> Self {
        self.workspace = workspace;
        self
    }

    /// With this address.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Signs out here.
    #[must_use]
    pub fn logout_url(mut self, url: impl Into<String>) -> Self {
        self.logout_url = Some(url.into());
        self
    }
}

/// The host could not tell who is asking: its database is away, for example. Answered with 503.
#[derive(Debug)]
pub struct AuthError(Box<dyn Error + Send + Sync>);

impl AuthError {
    /// A failure of the host's own.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the host could not authenticate the request: {}", self.0)
    }
}

impl Error for AuthError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

/// Maps requests to operators: the host's own log-in, seen from the helpdesk.
///
/// # Contract
///
/// - Called with the head of every request to the inbox's API that carries no API token, and again at least every 10
///   seconds for each open socket, with the head of its upgrade. It should be quick.
/// - Extensions that the host's own layers put into the request are there.
/// - `Ok(None)` is "nobody we know" and answered with 401. Errors are for faults of the host's.
/// - Where it believes a cookie, nothing more is to be done: requests that change something, and sockets, are let through
///   only from pages of the same origin, or of a listed one. A socket that a browser opened needs such a page even
///   where its first frame holds a token, which the host finds in `Authorization`.
///
/// # Examples
///
/// ```
/// use axum::http::request::Parts;
/// use helpdesk_core::{async_trait, model::Role};
/// use helpdesk_http::{AuthError, OperatorAuth, OperatorIdentity};
///
/// #[derive(Clone)]
/// struct User { id: u64, name: String }
///
/// struct HostUsers;
///
/// #[async_trait]
/// impl OperatorAuth for HostUsers {
///     async fn authenticate(&self, request: &Parts) -> Result<Option<OperatorIdentity>, AuthError> {
///         // A layer of the host put the user of its session there.
///         let user = request.extensions.get::<User>();
///         Ok(user.map(|user| OperatorIdentity::new(user.id.to_string(), &user.name, Role::Operator)))
///     }
/// }
/// ```
#[async_trait]
pub trait OperatorAuth: Send + Sync + 'static {
    /// Who sent this request, if it is an operator.
    ///
    /// # Errors
    /// [`AuthError`] if the host cannot tell.
    async fn authenticate(&self, request: &Parts) -> Result<Option<OperatorIdentity>, AuthError>;

    /// Where somebody who is not signed in can do so. The inbox offers it.
    fn login_url(&self) -> Option<String> {
        None
    }
}

/// A host without operators of its own: only API tokens are believed.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoOperators;

#[async_trait]
impl OperatorAuth for NoOperators {
    async fn authenticate(&self, _: &Parts) -> Result<Option<OperatorIdentity>, AuthError> {
        Ok(None)
    }
}
