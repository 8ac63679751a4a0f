//! Everything put together.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use helpdesk_core::engine::Helpdesk;
use tokio_util::sync::CancellationToken;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::admission::{self, Admissions};
use crate::auth::{OperatorAuth, OperatorCache, Origins};
use crate::limits::{Limiter, Limits};
use crate::live::{Sockets, Timing};
use crate::problem::Problem;
use crate::rows::Rows;
use crate::state::{App, ClientAddress, Shared};
use crate::{cross_origin, guard, health, inbox, leftover, live, openapi, pages, widget};

/// The router of a helpdesk with all defaults, to be nested under any path of a host's router.
///
/// The host's workers ([`Helpdesk::spawn_workers`]) do the rest. See [`RouterBuilder`] for what can be chosen.
pub fn router<S>(desk: Helpdesk, operators: impl OperatorAuth) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    RouterBuilder::new(desk, operators).build()
}

/// Puts a router together.
pub struct RouterBuilder {
    desk: Helpdesk,
    operators: Box<dyn OperatorAuth>,
    client_address: ClientAddress,
    trusted_origins: Vec<String>,
    limits: Limits,
    timing: Timing,
    draining: CancellationToken,
}

impl fmt::Debug for RouterBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RouterBuilder")
            .field("desk", &self.desk)
            .field("trusted_origins", &self.trusted_origins)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl RouterBuilder {
    /// A router for this helpdesk and these operators.
    pub fn new(desk: Helpdesk, operators: impl OperatorAuth) -> Self {
        Self {
            desk,
            operators: Box::new(operators),
            client_address: Arc::new(connected_address),
            trusted_origins: Vec::new(),
            limits: Limits::default(),
            timing: Timing::default(),
            draining: CancellationToken::new(),
        }
    }

    /// How to tell the address of a client from the head of its request. Default: the peer of the connection, where the
    /// host serves with `into_make_service_with_connect_info::<SocketAddr>()`; behind a proxy that is the proxy's.
    #[must_use]
    pub fn client_ip(mut self, tell: impl Fn(&Parts) -> Option<IpAddr> + Send + Sync + 'static) -> Self {
        self.client_address = Arc::new(tell);
        self
    }

    /// Origins whose pages may act with the host's cookies, besides the one that a request is sent to and the
    /// helpdesk's public address: `https://admin.example`.
    #[must_use]
    pub fn trusted_origins<T: Into<String>>(mut self, origins: impl IntoIterator<Item = T>) -> Self {
        self.trusted_origins.extend(origins.into_iter().map(Into::into));
        self
    }

    /// How often visitors may do what costs something.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Cancelled by the host when it goes down: open sockets are told to come again (close code 1012), event streams end.
    /// Cancel it before the server's graceful shutdown, which waits for them.
    #[must_use]
    pub fn draining(mut self, token: CancellationToken) -> Self {
        self.draining = token;
        self
    }

    #[cfg(test)]
    pub(crate) fn timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// The router.
    pub fn build<S>(self) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let public = self.desk.public_url().map(ToString::to_string);
        let Api { widget, others, document } = Api::routes();
        let app = App::new(Shared {
            document,
            origins: Origins::of(self.trusted_origins.iter().chain(&public).map(String::as_str)),
            desk: self.desk,
            operators: self.operators,
            operator_cache: OperatorCache::default(),
            client_address: self.client_address,
            limiter: Limiter::new(&self.limits),
            admissions: Admissions::new(&self.limits, self.timing.body),
            limits: self.limits,
            rows: Rows::default(),
            sockets: Sockets::default(),
            timing: self.timing,
            draining: self.draining,
        });
        let around = from_fn_with_state(app.clone(), around);
        // The layers go around the answers to wrong methods too: a preflight is one. Both at once, since every layer of a
        // router is cloned and boxed with every request.
        let widget = widget.method_not_allowed_fallback(method_not_allowed).layer((around.clone(), cross_origin::of_the_widget()));
        let others = others
            .route("/api/v1", any(not_found))
            .route("/api/v1/{*rest}", any(not_found))
            .route("/hooks/{*rest}", any(not_found))
            .route("/docs/", get(openapi::docs))
            .route("/docs/{*path}", get(openapi::docs))
            .merge(pages::routes())
            .method_not_allowed_fallback(method_not_allowed)
            .layer(around);
        // In this order: the answer to unknown paths is that of the router that is merged, and no page of others may read it.
        widget.merge(others).with_state(app)
    }
}

/// What is around every route. One layer, because each is cloned, boxed and polled anew with every request.
async fn around(State(app): State<App>, request: Request, next: Next) -> Response {
    let admitted = |request| admission::admit(app, request, |request| guard::caught(next.run(request)));
    leftover::read_over(request, |request| guard::around(request, admitted)).await
}

/// Every route of the API, and their documentation.
struct Api {
    /// What pages of other origins may call.
    widget: Router<App>,
    others: Router<App>,
    document: OpenApi,
}

impl Api {
    fn routes() -> Self {
        let widget = OpenApiRouter::with_openapi(openapi::beginning()).merge(widget::routes()).merge(live::routes());
        let (widget, mut document) = widget.split_for_parts();
        let server = OpenApiRouter::new().routes(routes!(health::live)).routes(routes!(health::ready)).routes(routes!(openapi::docs_root));
        let (others, documented) = inbox::routes().routes(routes!(openapi::document)).merge(server).split_for_parts();
        document.merge(documented);
        Self { widget, others, document: openapi::completed(document) }
    }
}

/// The OpenAPI document as JSON, for generators of clients.
#[must_use]
pub fn openapi_json() -> String {
    // Plain values with text keys do not fail to be written as JSON.
    serde_json::to_string_pretty(&Api::routes().document).unwrap_or_default()
}

fn connected_address(request: &Parts) -> Option<IpAddr> {
    request.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip())
}

async fn not_found() -> Problem {
    Problem::not_found()
}

async fn method_not_allowed() -> Response {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this route takes other methods; `allow` names them").into_response()
}
