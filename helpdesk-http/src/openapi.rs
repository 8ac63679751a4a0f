//! The OpenAPI document: what the routes say of themselves, and what holds for all of them.

use std::sync::Arc;

use axum::Json;
use axum::extract::{OriginalUri, RawPathParams, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{self, ContentBuilder, Ref, RefOr, ResponseBuilder, Schema, ServerBuilder};

use crate::problem::{MEDIA_TYPE, Problem};
use crate::state::App;

#[derive(OpenApi)]
#[openapi(
    info(title = "Helpdesk", description = "Live chat with an AI assistant, clean human takeover, tickets and a team inbox."),
    tags(
        (name = "widget", description = "What a visitor can do. Bearer: the token of `POST widget/session`."),
        (name = "inbox", description = "What an operator can do. Bearer: an API token; or whatever the host accepts."),
        (name = "settings", description = "What owners and managers change."),
        (name = "server", description = "The server itself, for whoever runs it."),
        (name = "live", description = "One protocol for both sides, over a WebSocket, or over events and POST."),
    ),
    components(schemas(
        Problem, crate::dto::SignedEntry, crate::dto::View, crate::dto::Sort, crate::dto::Status, crate::live::ServerFrame,
        crate::live::Hello, crate::live::Subscribe, crate::live::Unsubscribe, crate::live::Send, crate::live::Typing, crate::live::Read, crate::live::Ping,
    ))
)]
struct Document;

/// What there is to say before the routes say theirs.
pub(crate) fn beginning() -> openapi::OpenApi {
    Document::openapi()
}

/// The problems that a route may answer, by what kind of request it takes.
const READING: &[(StatusCode, &str)] = &[
    (StatusCode::UNAUTHORIZED, "`unauthorized`"),
    (StatusCode::FORBIDDEN, "`forbidden`"),
    (StatusCode::NOT_FOUND, "`not_found`: absent, or somebody else's"),
    (StatusCode::UNPROCESSABLE_ENTITY, "`invalid` or `unknown_field`, with `field`"),
    (StatusCode::TOO_MANY_REQUESTS, "`rate_limited`, with `Retry-After`"),
    (StatusCode::INTERNAL_SERVER_ERROR, "`internal`: a fault of the server"),
    (StatusCode::SERVICE_UNAVAILABLE, "`busy`, with `Retry-After`"),
];
const OPENING: &[(StatusCode, &str)] = &[
    (StatusCode::UPGRADE_REQUIRED, "`upgrade_required`: this is a WebSocket"),
    (StatusCode::SERVICE_UNAVAILABLE, "`busy`, with `Retry-After`: too many sockets wait for their `hello`"),
];
const REMOVING: &[(StatusCode, &str)] = &[(
    StatusCode::CONFLICT,
    "Refused for the state that things are in: `conversation_resolved`, `human_support_off`, `helpdesk_off`, `version_conflict`",
)];
const WRITING: &[(StatusCode, &str)] = &[
    (StatusCode::BAD_REQUEST, "`malformed_json`"),
    (StatusCode::PAYLOAD_TOO_LARGE, "`body_too_large`"),
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, "`unsupported_media_type`"),
];

/// Adds what holds for all routes: problems, credentials, where the server is.
pub(crate) fn completed(mut document: openapi::OpenApi) -> openapi::OpenApi {
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    // Relative to the document itself, and so right wherever the host nests the router.
    document.servers = Some(vec![ServerBuilder::new().url("../..").build()]);
    let bearer = |what: &str| SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(what)).build());
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description("session", "Whatever the host's own log-in sets.")));
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("visitor", bearer("The token of `POST widget/session`."));
    components.add_security_scheme("api_token", bearer("An API token, or a bearer token that the host accepts."));
    components.add_security_scheme("host", cookie);
    for schema in components.schemas.values_mut() {
        name_frame(schema);
    }
    for (path, item) in &mut document.paths.paths {
        let operations = [("get", &mut item.get), ("post", &mut item.post), ("patch", &mut item.patch), ("delete", &mut item.delete)];
        for (method, operation) in operations {
            let Some(operation) = operation else { continue };
            operation.operation_id = Some(operation_id(method, path));
            operation.security = Some(credentials(path));
            // What goes wrong on a socket is said on the socket.
            let sets: &[&[_]] = match method {
                _ if is_open(path) => &[],
                _ if path.ends_with("/ws") => &[OPENING],
                "get" => &[READING],
                "delete" => &[READING, REMOVING],
                _ => &[READING, REMOVING, WRITING],
            };
            for (status, description) in sets.iter().copied().flatten() {
                let response = || RefOr::T(problem(description));
                operation.responses.responses.entry(status.as_str().to_owned()).or_insert_with(response);
            }
        }
    }
    document
}

/// The `type` of a client's frame has one value, which its schema gives as the example.
fn name_frame(schema: &mut RefOr<Schema>) {
    let RefOr::T(Schema::Object(frame)) = schema else { return };
    let Some(RefOr::T(Schema::Object(kind))) = frame.properties.get_mut("type") else { return };
    if let Some(name) = kind.example.take() {
        kind.enum_values = Some(vec![name]);
    }
}

/// `post /api/v1/conversations/{id}/claim` is `post_conversations_by_id_claim`.
fn operation_id(method: &str, path: &str) -> String {
    let parts = path.trim_start_matches("/api/v1/").split('/').map(|part| match part.strip_prefix('{') {
        Some(parameter) => format!("by_{}", parameter.trim_end_matches('}')),
        None => part.replace('-', "_"),
    });
    std::iter::once(method.to_owned()).chain(parts).collect::<Vec<_>>().join("_")
}

/// What says the same to everybody.
fn is_open(path: &str) -> bool {
    !path.starts_with("/api/v1/") || path.ends_with("/openapi.json")
}

fn credentials(path: &str) -> Vec<SecurityRequirement> {
    let schemes: &[&str] = match path {
        path if is_open(path) || path.ends_with("/widget/session") || path.ends_with("/ws") => return vec![SecurityRequirement::default()],
        path if path.contains("/widget/") => &["visitor"],
        path if path.ends_with("/events") || path.ends_with("/frames") => &["visitor", "api_token", "host"],
        _ => &["api_token", "host"],
    };
    schemes.iter().map(|scheme| SecurityRequirement::new(*scheme, Vec::<String>::new())).collect()
}

fn problem(description: &str) -> openapi::Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(description).content(MEDIA_TYPE, content).build()
}

/// This document.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "server", responses((status = 200, description = "The document", body = serde_json::Value)))]
pub(crate) async fn document(State(app): State<App>, OriginalUri(own): OriginalUri) -> Response {
    // With the place where the host nests the router.
    let place = own.path().strip_suffix("/api/v1/openapi.json").filter(|place| !place.is_empty()).unwrap_or("/");
    let mut document = app.document().clone();
    document.servers = Some(vec![ServerBuilder::new().url(place).build()]);
    ([(header::CACHE_CONTROL, "no-cache")], Json(document)).into_response()
}

/// The page of the documentation loads its own files, and fetches from here only.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// This API, to be read and tried by people.
///
/// Leads on to the page, whose own files are relative to it.
#[utoipa::path(get, path = "/docs", tag = "server", responses((status = 307, description = "The page")))]
pub(crate) async fn docs_root(request: axum::extract::Request) -> Response {
    let own = request.uri().path().rsplit('/').next().unwrap_or("docs");
    let place = HeaderValue::from_str(&format!("{own}/")).unwrap_or_else(|_| HeaderValue::from_static("docs/"));
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, place)]).into_response()
}

/// The files of the documentation's page.
pub(crate) async fn docs(parameters: RawPathParams) -> Response {
    // By name: the host may nest the router below parameters of its own.
    let path = parameters.iter().filter(|(name, _)| *name == "path").last().map_or("", |(_, path)| path);
    let config = Arc::new(utoipa_swagger_ui::Config::from("../api/v1/openapi.json"));
    match utoipa_swagger_ui::serve(path, config) {
        Ok(Some(file)) => {
            let mut response = ([(header::CONTENT_TYPE, file.content_type)], file.bytes).into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(DOCS_POLICY));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            if file.gzpipped {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            response
        }
        Ok(None) => Problem::not_found().into_response(),
        Err(error) => {
            tracing::error!(%error, "the documentation's page cannot be served");
            Problem::internal().into_response()
        }
    }
}
