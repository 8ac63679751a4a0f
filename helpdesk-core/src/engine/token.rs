//! API tokens: credentials for programs, `hdt_{workspace}_{token}_{secret}`.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::Helpdesk;
use super::keys::{random, sha256_hex};
use crate::error::{Error, Refusal};
use crate::id::{TokenId, WorkspaceId};
use crate::model::Operator;

const PREFIX: &str = "hdt_";

/// A new token's text, which is shown once, and what is kept of it.
pub(super) struct Minted {
    pub(super) text: String,
    pub(super) secret_hash: String,
    pub(super) last_four: String,
}

pub(super) fn mint(workspace: WorkspaceId, token: TokenId) -> Minted {
    // Hexadecimal: the underscore parts the text, and base64url has it among its letters.
    let secret = sha256_hex(&random::<32>());
    Minted {
        secret_hash: sha256_hex(secret.as_bytes()),
        last_four: secret[secret.len() - 4..].to_owned(),
        text: format!("{PREFIX}{}_{}_{secret}", workspace.as_uuid().simple(), token.as_uuid().simple()),
    }
}

/// A new secret for signing identities, 256 bits.
pub(super) fn mint_identity_secret() -> String {
    URL_SAFE_NO_PAD.encode(random::<32>())
}

impl Helpdesk {
    /// Whether a text looks like an API token, good or not.
    #[must_use]
    pub fn is_api_token(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    /// The operator as whom an API token acts; none if it is not good, was deleted, or the operator is disabled.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn verify_api_token(&self, text: &str) -> Result<Option<(WorkspaceId, Arc<Operator>)>, Error> {
        let mut parts = text.strip_prefix(PREFIX).unwrap_or_default().splitn(3, '_');
        let mut uuid = || parts.next().and_then(|part| Uuid::try_parse(part).ok());
        let (Some(workspace), Some(token)) = (uuid(), uuid()) else { return Ok(None) };
        let Some(secret) = parts.next() else { return Ok(None) };
        let workspace = WorkspaceId::from_uuid(workspace);
        let token = match self.workspace(workspace).recent_token(TokenId::from_uuid(token)).await {
            Ok(token) => token,
            Err(Error::Refused(Refusal::NotFound)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let same: bool = sha256_hex(secret.as_bytes()).as_bytes().ct_eq(token.secret_hash.as_bytes()).into();
        if !same {
            return Ok(None);
        }
        match self.workspace(workspace).recent_operator(token.operator).await {
            Ok(operator) if !operator.disabled => Ok(Some((workspace, operator))),
            Ok(_) => Ok(None),
            Err(error) if error.refusal().is_some() => Ok(None),
            Err(error) => Err(error),
        }
    }
}
