//! API tokens: credentials for programs.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::id::{OperatorId, TokenId};

/// An API token as it is kept: a hash, never the secret. It acts with the rights of the operator who made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiToken {
    /// Its id, part of the token's text.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// As whom it acts.
    pub operator: OperatorId,
    /// SHA-256 of the secret, hexadecimal.
    pub secret_hash: String,
    /// The last four characters, so that people can tell tokens apart.
    pub last_four: String,
    /// When it was made.
    pub created_at: Timestamp,
}
