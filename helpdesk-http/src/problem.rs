//! What went wrong, as RFC 9457 problem details with a stable `code`.
//!
//! Every error that leaves the router is made here. Nothing of a fault's inside (statements, addresses, message text)
//! may reach `detail`; what only operators of the server should see is logged instead.

use std::borrow::Cow;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use helpdesk_core::model::Invalid;
use helpdesk_core::store::{StorageFault, StoreError};
use helpdesk_core::{Error, Refusal};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// The media type of problem details.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// A refused or failed request. Small, since it is the error of everything.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: Box<str>,
    field: Option<Box<str>>,
    more: Option<Box<Map<String, Value>>>,
    /// Whole seconds.
    retry_after: Option<u32>,
}

/// A problem as it is sent.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
struct Sent<'a> {
    /// Always `about:blank`: the `code` says what it is.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'static str,
    /// The phrase of the status.
    #[schema(example = "Not Found")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 404)]
    status: u16,
    /// What it is: stable, for programs.
    #[schema(example = "not_found")]
    code: &'static str,
    /// What it is and how to mend it, for people.
    detail: &'a str,
    /// The field concerned, with dots for nesting.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    /// More, by code: `claimed_by: {id, name}`, `current`, `login_url`.
    #[serde(flatten)]
    #[schema(additional_properties, value_type = std::collections::HashMap<String, Value>)]
    more: Option<&'a Map<String, Value>>,
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let sent = Sent {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            code: self.code,
            detail: &self.detail,
            field: self.field.as_deref(),
            more: self.more.as_deref(),
        };
        sent.serialize(serializer)
    }
}

impl PartialSchema for Problem {
    fn schema() -> RefOr<Schema> {
        Sent::schema()
    }
}

impl ToSchema for Problem {
    fn name() -> Cow<'static, str> {
        Sent::name()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Sent::schemas(schemas);
    }
}

impl Problem {
    /// A problem of this status and code.
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into().into(), field: None, more: None, retry_after: None }
    }

    /// Nobody proved who is asking.
    pub(crate) fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
    }

    /// Known, but not allowed.
    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// Absent, or somebody else's; nobody may learn which.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", Refusal::NotFound.to_string())
    }

    /// A field that cannot be taken as it is.
    pub(crate) fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail).field(field)
    }

    /// Too many requests.
    pub(crate) fn rate_limited(wait: Duration) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", "too many requests; slow down and try again").retry_after(wait)
    }

    /// Too much load for now.
    pub(crate) fn busy() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "busy; try again in a moment").retry_after(Duration::from_secs(1))
    }

    /// What everything is stored on fails. The store itself tells the operator of the server, and how to mend it.
    pub(crate) fn storage(fault: StorageFault) -> Self {
        let (detail, wait) = match fault {
            StorageFault::Full => ("the server's storage is full: nothing new can be saved for now; try again later", 10),
            StorageFault::ReadOnly => ("the server's storage takes no changes for now; try again later", 10),
            StorageFault::Failing => ("the server's storage fails for now; try again later", 10),
            StorageFault::Damaged => ("the server's storage is damaged where this is kept, and has to be mended; try again later", 60),
        };
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail).retry_after(Duration::from_secs(wait))
    }

    /// A fault of ours; what it was is in the log.
    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something went wrong on the server; it was logged")
    }

    /// Names the field.
    pub(crate) fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into()).filter(|field| !field.is_empty()).map(Into::into);
        self
    }

    /// Adds a member.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.get_or_insert_default().insert(name.to_owned(), value.into());
        self
    }

    /// Says when to come back.
    pub(crate) fn retry_after(mut self, wait: Duration) -> Self {
        // Rounded up: never an invitation to come too early.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.retry_after = Some(u32::try_from(seconds).unwrap_or(u32::MAX).max(1));
        self
    }

    /// The stable code.
    pub(crate) const fn code(&self) -> &'static str {
        self.code
    }

    /// The sentence for people.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// The HTTP status.
    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    fn refused(refusal: &Refusal) -> Self {
        let detail = refusal.to_string();
        let code = refusal.code();
        match refusal {
            Refusal::NotFound => Self::not_found(),
            Refusal::Forbidden(_) => Self::new(StatusCode::FORBIDDEN, code, detail),
            Refusal::AlreadyClaimed { by } => {
                Self::new(StatusCode::CONFLICT, code, detail).with("claimed_by", serde_json::json!({"id": by.id, "name": by.name}))
            }
            Refusal::VersionConflict { current } => Self::new(StatusCode::CONFLICT, code, detail).with("current", *current),
            Refusal::IdentityRequired | Refusal::IdentityInvalid | Refusal::TokenInvalid => {
                Self::new(StatusCode::UNAUTHORIZED, code, detail)
            }
            Refusal::TranscriptInvalid => Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail).field("transcript"),
            Refusal::ClientIdReused => Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail).field("client_id"),
            Refusal::Invalid(Invalid { field, .. }) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail).field(field),
            // What is refused for the state that things are in, known today or added later.
            _ => Self::new(StatusCode::CONFLICT, code, detail),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match &error {
            Error::Refused(refusal) => Self::refused(refusal),
            Error::Busy => Self::busy(),
            Error::Ai(fault) => {
                tracing::warn!(error = %fault, "the assistant failed");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "assistant_unavailable",
                    "the assistant cannot answer right now; try again later",
                )
                .retry_after(Duration::from_secs(5))
            }
            Error::Store(StoreError::Storage { fault, .. }) => {
                // One for each request would fill what may be full already.
                tracing::debug!(%error, "a request met a fault of the storage");
                Self::storage(*fault)
            }
            _ if error.is_retryable() => {
                tracing::warn!(%error, "a request met a fault that may pass");
                Self::busy()
            }
            _ => {
                tracing::error!(%error, "a request failed");
                Self::internal()
            }
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::refused(&refusal)
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        Self::refused(&Refusal::Invalid(invalid))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (self.status(), body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status() == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use helpdesk_core::id::OperatorId;
    use helpdesk_core::model::OperatorRef;

    fn shown(problem: &Problem) -> Value {
        serde_json::to_value(problem).unwrap()
    }

    #[test]
    fn a_lost_claim_names_the_winner() {
        let id: OperatorId = "00000000-0000-7000-8000-000000000007".parse().unwrap();
        let by = OperatorRef { id, name: "Ana".to_owned() };
        insta::assert_json_snapshot!(shown(&Problem::from(Refusal::AlreadyClaimed { by })), @r#"
        {
          "claimed_by": {
            "id": "00000000-0000-7000-8000-000000000007",
            "name": "Ana"
          },
          "code": "already_claimed",
          "detail": "already claimed by Ana",
          "status": 409,
          "title": "Conflict",
          "type": "about:blank"
        }
        "#);
    }

    #[test]
    fn an_invalid_input_names_its_field() {
        let problem = Problem::from(Invalid::new("human_support.threshold.at_least", "must be at least 1"));
        assert_eq!(problem.status(), 422);
        assert_eq!(shown(&problem)["field"], "human_support.threshold.at_least");
    }

    #[test]
    fn waits_are_rounded_up_to_whole_seconds() {
        let response = Problem::rate_limited(Duration::from_millis(1200)).into_response();
        assert_eq!(response.headers()[header::RETRY_AFTER], "2");
        let response = Problem::rate_limited(Duration::from_millis(1)).into_response();
        assert_eq!(response.headers()[header::RETRY_AFTER], "1");
        assert_eq!(response.headers()[header::CONTENT_TYPE], MEDIA_TYPE);
    }

    #[test]
    fn the_inside_of_a_fault_stays_inside() {
        let error = Error::Configuration("postgres://secret".to_owned());
        assert!(!shown(&Problem::from(error)).to_string().contains("secret"));
    }
}
