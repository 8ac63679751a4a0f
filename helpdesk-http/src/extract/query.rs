//! The query of a request.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::fault::of_field;
use crate::problem::Problem;

/// The query, by name. Unknown names are refused as unknown fields are.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let text = parts.uri.query().unwrap_or_default();
        let reader = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(text.as_bytes()));
        serde_path_to_error::deserialize(reader).map(Self).map_err(|error| {
            let path = error.path().to_string();
            of_field(&path, &error.into_inner().to_string())
        })
    }
}

/// The length of a page: 1 to 200, 50 unless asked otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(value_type = u32, minimum = 1, maximum = 200, default = 50)]
pub(crate) struct Limit(pub(crate) u32);

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer) {
            Ok(limit @ 1..=200) => Ok(Self(limit)),
            _ => Err(D::Error::custom("must be a whole number from 1 to 200")),
        }
    }
}

/// A counter from outside (an entry's place, a version): what JSON numbers hold exactly, and so what stores can bind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ToSchema)]
#[schema(value_type = u64, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
pub(crate) struct Number(pub(crate) u64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u64::deserialize(deserializer) {
            Ok(number) if number < 1 << 53 => Ok(Self(number)),
            _ => Err(D::Error::custom("must be a whole number from 0 to 9007199254740991")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Page {
        #[serde(default)]
        limit: Limit,
        after: Option<Number>,
    }

    async fn take(query: &str) -> Result<Page, Problem> {
        let (mut parts, ()) = Request::get(format!("/?{query}")).body(()).unwrap().into_parts();
        Query::from_request_parts(&mut parts, &()).await.map(|Query(page)| page)
    }

    async fn fault(query: &str) -> (String, String) {
        let problem = serde_json::to_value(take(query).await.unwrap_err()).unwrap();
        (problem["code"].as_str().unwrap().to_owned(), problem["field"].as_str().unwrap().to_owned())
    }

    #[tokio::test]
    async fn limits_are_kept() {
        assert_eq!(take("").await.unwrap().limit, Limit(50));
        assert_eq!(take("limit=200&after=7").await.unwrap().after, Some(Number(7)));
        for bad in ["limit=0", "limit=201", "limit=-1", "limit=x", "limit=", "limit=4294967297"] {
            assert_eq!(fault(bad).await, ("invalid".to_owned(), "limit".to_owned()), "{bad}");
        }
        assert_eq!(fault("after=18446744073709551615").await.1, "after");
    }

    #[tokio::test]
    async fn unknown_and_double_names_are_refused() {
        assert_eq!(fault("page=2").await, ("unknown_field".to_owned(), "page".to_owned()));
        assert_eq!(fault("limit=1&limit=2").await, ("invalid".to_owned(), "limit".to_owned()));
    }
}
