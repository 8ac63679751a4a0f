//! Letting operators in.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::http::header::{COOKIE, ORIGIN};
use axum::http::request::Parts;
use helpdesk_core::engine::{Helpdesk, OperatorHandle, OperatorProfile};
use helpdesk_core::id::{OperatorId, WorkspaceId};
use helpdesk_core::model::Role;

use super::{OperatorIdentity, bearer};
use crate::problem::Problem;
use crate::state::App;

/// How long the host's word on an operator is believed without asking the store.
const REMEMBERED: Duration = Duration::from_secs(10);
/// How many operators are remembered.
const REMEMBERED_LIMIT: usize = 4096;

/// The operator who sent a request.
#[derive(Debug)]
pub(crate) struct Caller {
    /// Acts as them.
    pub(crate) handle: OperatorHandle,
    /// What the host said, where it was the host who knew them.
    pub(crate) identity: Option<OperatorIdentity>,
}

/// Whether a page of ours must have sent the request, for the host's word on its operator to count.
///
/// A host may answer from a cookie, or from anything else that browsers add by themselves, and need not look at the
/// token that came along. So a token excuses only where pages of others could not have sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vouching {
    /// The request only reads, or has an `Authorization` header: browsers send none for other people's pages.
    Needless,
    /// A frame holds the token, and whatever page opened the socket wrote it. Programs are let in with it; browsers,
    /// which say their origin, only from our pages.
    OfBrowsers,
    /// The request changes something, or opens a connection, and nothing but the host's word speaks for it.
    Always,
}

impl Vouching {
    fn is_due(self, request: &Parts) -> bool {
        match self {
            Self::Needless => false,
            Self::OfBrowsers => [ORIGIN, COOKIE].iter().any(|name| request.headers.contains_key(name)),
            Self::Always => true,
        }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let token = bearer(&parts.headers);
        let vouching = if parts.method.is_safe() || token.is_some() { Vouching::Needless } else { Vouching::Always };
        authorise_operator(app, parts, token, vouching).await
    }
}

/// Lets an operator in by an API token.
pub(crate) async fn authorise_program(app: &App, token: &str) -> Result<Caller, Problem> {
    let known = app.desk().verify_api_token(token).await?;
    let (workspace, operator) = known.ok_or_else(|| Problem::unauthorized("this API token is not good; make a new one in the settings"))?;
    Ok(Caller { handle: app.desk().workspace(workspace).operator(operator.id), identity: None })
}

/// Lets an operator in by an API token or by the host's word.
///
/// An API token proves itself wherever it came from; the host's word may need a page of ours besides.
pub(crate) async fn authorise_operator(app: &App, request: &Parts, token: Option<&str>, vouching: Vouching) -> Result<Caller, Problem> {
    if let Some(token) = token.filter(|token| Helpdesk::is_api_token(token)) {
        return authorise_program(app, token).await;
    }
    let known = app.operators().authenticate(request).await.map_err(|error| {
        tracing::error!(%error, "the host's OperatorAuth failed");
        Problem::busy()
    })?;
    let identity = known.ok_or_else(|| unknown(app))?;
    if vouching.is_due(request) && !app.origins().vouch_for(request) {
        return Err(Problem::forbidden("requests with cookies are taken only from pages of this site; programs send an API token"));
    }
    let workspace = app.desk().workspace(identity.workspace);
    let key = (identity.workspace, identity.subject.clone(), identity.role);
    let operator = match app.operator_cache().get(&key) {
        Some(operator) => operator,
        None => {
            let mut profile = OperatorProfile::new(&identity.subject, &identity.name, identity.role);
            profile.email.clone_from(&identity.email);
            let operator = workspace.ensure_operator(&profile).await?;
            app.operator_cache().put(key, operator.id);
            operator.id
        }
    };
    Ok(Caller { handle: workspace.operator(operator), identity: Some(identity) })
}

fn unknown(app: &App) -> Problem {
    let problem = Problem::unauthorized("sign in, or send an API token as authorization: Bearer");
    match app.operators().login_url() {
        Some(url) => problem.with("login_url", url),
        None => problem,
    }
}

type Key = (WorkspaceId, String, Role);

/// Operators whom the host named a moment ago.
#[derive(Debug, Default)]
pub(crate) struct OperatorCache {
    known: Mutex<HashMap<Key, (Instant, OperatorId)>>,
}

impl OperatorCache {
    fn get(&self, key: &Key) -> Option<OperatorId> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(key).filter(|(since, _)| since.elapsed() < REMEMBERED).map(|(_, operator)| *operator)
    }

    fn put(&self, key: Key, operator: OperatorId) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED_LIMIT {
            known.retain(|_, (since, _)| since.elapsed() < REMEMBERED);
        }
        if known.len() < REMEMBERED_LIMIT {
            known.insert(key, (Instant::now(), operator));
        }
    }
}
