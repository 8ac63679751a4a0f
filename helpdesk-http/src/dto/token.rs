//! API tokens.

use chrono::{DateTime, Utc};
use helpdesk_core::model;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// An API token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Token {
    /// Its id.
    pub(crate) id: Uuid,
    /// What it is for.
    pub(crate) name: String,
    /// When it was made.
    pub(crate) created_at: DateTime<Utc>,
    /// Its last four characters, to tell tokens apart.
    pub(crate) last_four: String,
}

impl From<&model::ApiToken> for Token {
    fn from(token: &model::ApiToken) -> Self {
        Self { id: token.id.as_uuid(), name: token.name.clone(), created_at: token.created_at, last_four: token.last_four.clone() }
    }
}
