//! What all handlers share.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use axum::http::request::Parts;
use helpdesk_core::engine::Helpdesk;
use tokio_util::sync::CancellationToken;
use utoipa::openapi::OpenApi;

use crate::admission::Admissions;
use crate::auth::{OperatorAuth, OperatorCache, Origins};
use crate::limits::{Limiter, Limits};
use crate::live::{Sockets, Timing};
use crate::rows::Rows;

/// How the host tells the address of a client.
pub(crate) type ClientAddress = Arc<dyn Fn(&Parts) -> Option<IpAddr> + Send + Sync>;

/// The router's state. Cheap to clone.
#[derive(Clone)]
pub(crate) struct App(Arc<Shared>);

/// What [`App`] is made of.
pub(crate) struct Shared {
    pub(crate) document: OpenApi,
    pub(crate) desk: Helpdesk,
    pub(crate) operators: Box<dyn OperatorAuth>,
    pub(crate) operator_cache: OperatorCache,
    pub(crate) origins: Origins,
    pub(crate) client_address: ClientAddress,
    pub(crate) limits: Limits,
    pub(crate) limiter: Limiter,
    pub(crate) rows: Rows,
    pub(crate) sockets: Sockets,
    pub(crate) admissions: Admissions,
    pub(crate) timing: Timing,
    pub(crate) draining: CancellationToken,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("desk", &self.0.desk).finish_non_exhaustive()
    }
}

impl App {
    pub(crate) fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }

    pub(crate) fn desk(&self) -> &Helpdesk {
        &self.0.desk
    }

    /// What the routes say of themselves.
    pub(crate) fn document(&self) -> &OpenApi {
        &self.0.document
    }

    pub(crate) fn operators(&self) -> &dyn OperatorAuth {
        &*self.0.operators
    }

    pub(crate) fn operator_cache(&self) -> &OperatorCache {
        &self.0.operator_cache
    }

    pub(crate) fn origins(&self) -> &Origins {
        &self.0.origins
    }

    pub(crate) fn client_address(&self, request: &Parts) -> Option<IpAddr> {
        (self.0.client_address)(request)
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    pub(crate) fn limiter(&self) -> &Limiter {
        &self.0.limiter
    }

    pub(crate) fn rows(&self) -> &Rows {
        &self.0.rows
    }

    pub(crate) fn sockets(&self) -> &Sockets {
        &self.0.sockets
    }

    pub(crate) fn admissions(&self) -> &Admissions {
        &self.0.admissions
    }

    pub(crate) fn timing(&self) -> Timing {
        self.0.timing
    }

    /// Cancelled when the server goes down.
    pub(crate) fn draining(&self) -> &CancellationToken {
        &self.0.draining
    }
}
