//! The body of a request.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use futures_util::{FutureExt as _, StreamExt as _};
use helpdesk_core::engine::ClientId;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::fault::parse;
use crate::admission::{Admission, too_slow};
use crate::problem::Problem;

/// The largest JSON body, in bytes: far above the longest text, far below what hurts.
pub(crate) const BODY_LIMIT: usize = 256 * 1024;

/// How long a body may take to arrive.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// A JSON body of at most `LIMIT` bytes. Anything else is a problem that says so.
#[derive(Debug)]
pub(crate) struct Json<T, const LIMIT: usize = BODY_LIMIT>(pub(crate) T);

/// A JSON body that somebody else reads.
#[derive(Debug)]
pub(crate) struct RawJson(pub(crate) Bytes);

/// A body with nothing in it but perhaps a name for the request: absent, or an object.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Empty {
    /// Makes the request safe to repeat.
    #[schema(min_length = 1, max_length = 64)]
    pub(crate) client_id: Option<String>,
}

/// A `client_id` where nothing is kept, so that none is needed. Checked like any other.
#[derive(Clone, Debug)]
pub(crate) struct ClientName;

impl<'de> Deserialize<'de> for ClientName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        ClientId::new(&text).map(|_| Self).map_err(|invalid| D::Error::custom(invalid.fault))
    }
}

impl<S: Send + Sync, T: DeserializeOwned, const LIMIT: usize> FromRequest<S> for Json<T, LIMIT> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        require_json(&head.headers)?;
        let bytes = read(&head, body, LIMIT).await?;
        parse(&bytes).map(Self)
    }
}

impl<S: Send + Sync> FromRequest<S> for RawJson {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        require_json(&head.headers)?;
        read(&head, body, BODY_LIMIT).await.map(Self)
    }
}

impl<S: Send + Sync> FromRequest<S> for Empty {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        let bytes = read(&head, body, BODY_LIMIT).await?;
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        require_json(&head.headers)?;
        parse(&bytes)
    }
}

fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    if media.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "send the body as content-type: application/json"))
}

async fn read(head: &Parts, body: Body, limit: usize) -> Result<Bytes, Problem> {
    let announced = head.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large(limit));
    }
    let admission = head.extensions.get::<Admission>();
    let mut stream = body.into_data_stream();
    let mut whole = Vec::new();
    // Most bodies come with their head. For the others the request waits in another place.
    while let Some(chunk) = stream.next().now_or_never() {
        match chunk {
            Some(chunk) => append(&mut whole, chunk, limit, admission)?,
            None => return Ok(whole.into()),
        }
    }
    let slow = admission.map(Admission::wait).transpose()?;
    let rest = async {
        while let Some(chunk) = stream.next().await {
            append(&mut whole, chunk, limit, admission)?;
        }
        Ok::<(), Problem>(())
    };
    let patience = admission.map_or(PATIENCE, Admission::patience);
    tokio::time::timeout(patience, rest).await.map_err(|_| too_slow())??;
    if let (Some(admission), Some(slow)) = (admission, slow) {
        admission.proceed(slow)?;
    }
    Ok(whole.into())
}

fn append(whole: &mut Vec<u8>, chunk: Result<Bytes, axum::Error>, limit: usize, admission: Option<&Admission>) -> Result<(), Problem> {
    // A host may have set a lower limit of its own around us; its fault is about size too.
    let chunk = chunk.map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "malformed_json", "the body could not be read to its end"))?;
    let length = whole.len() + chunk.len();
    if length > limit {
        return Err(too_large(limit));
    }
    if let Some(admission) = admission {
        admission.make_room(length)?;
    }
    whole.extend_from_slice(&chunk);
    Ok(())
}

fn too_large(limit: usize) -> Problem {
    let detail = format!("the body is too large: at most {limit} bytes");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn take(content_type: Option<&str>, body: impl Into<Body>) -> Result<serde_json::Value, Problem> {
        let mut request = Request::post("/");
        if let Some(value) = content_type {
            request = request.header(header::CONTENT_TYPE, value);
        }
        Json::<_>::from_request(request.body(body.into()).unwrap(), &()).await.map(|Json(value)| value)
    }

    #[tokio::test]
    async fn only_json_that_says_so_is_taken() {
        assert!(take(Some("application/json"), "{}").await.is_ok());
        assert!(take(Some("Application/JSON; charset=utf-8"), "{}").await.is_ok());
        for media in [None, Some("text/plain"), Some("application/x-www-form-urlencoded")] {
            assert_eq!(take(media, "{}").await.unwrap_err().code(), "unsupported_media_type");
        }
    }

    #[tokio::test]
    async fn a_large_body_is_refused_whether_announced_or_not() {
        let large = vec![b' '; BODY_LIMIT + 1];
        assert_eq!(take(Some("application/json"), large.clone()).await.unwrap_err().code(), "body_too_large");
        let chunks = large.chunks(1000).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec())).collect::<Vec<_>>();
        let body = Body::from_stream(futures_util::stream::iter(chunks));
        assert_eq!(take(Some("application/json"), body).await.unwrap_err().code(), "body_too_large");
    }

    #[tokio::test]
    async fn an_empty_body_may_be_absent_but_holds_nothing() {
        let take = async |body: &'static str| {
            let request = Request::post("/").header(header::CONTENT_TYPE, "application/json").body(Body::from(body)).unwrap();
            Empty::from_request(request, &()).await
        };
        assert!(take("").await.is_ok());
        assert!(take("{}").await.is_ok());
        assert_eq!(take(r#"{"client_id":"c1"}"#).await.unwrap().client_id.as_deref(), Some("c1"));
        assert_eq!(take(r#"{"force":true}"#).await.unwrap_err().code(), "unknown_field");
    }
}
