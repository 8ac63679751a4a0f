//! API tokens of the workspace.

use serde_json::json;

use super::{Change, Made, outcome_id};
use crate::engine::OperatorHandle;
use crate::engine::client_id::unreadable;
use crate::engine::token::mint;
use crate::error::Error;
#[cfg(doc)]
use crate::error::Refusal;
use crate::id::{TokenId, Version};
use crate::model::text;
use crate::model::{ApiToken, Invalid, RecordBody, RecordKey, RecordKind};

/// API tokens a workspace may have.
pub(in crate::engine) const TOKEN_LIMIT: u32 = 100;

/// A new API token.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What is kept of it.
    pub token: ApiToken,
    /// The token itself, which is never shown again but to who repeats the command under its `client_id`.
    pub secret: String,
}

impl OperatorHandle {
    /// The API tokens, without their secrets.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`].
    pub async fn tokens(&self) -> Result<Vec<ApiToken>, Error> {
        self.administrator().await?;
        let records = self.list(RecordKind::Token, None, TOKEN_LIMIT).await?;
        Ok(records.into_iter().filter_map(|record| if let RecordBody::Token(token) = record.body { Some(token) } else { None }).collect())
    }

    /// Makes an API token that acts as this operator.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming the field.
    pub async fn create_token(&self, name: &str) -> Result<Made<NewToken>, Error> {
        let operator = self.administrator().await?;
        let name = text::line("name", name)?;
        let named = self.named(&format!("token\n{name}"));
        if let Some(outcome) = self.made_before(named.as_ref()).await? {
            return Ok(Made::before(self.token_made_before(&outcome).await?));
        }
        if self.tokens().await?.len() >= TOKEN_LIMIT as usize {
            return Err(Invalid::new("name", format!("a workspace may have {TOKEN_LIMIT} tokens; delete one first")).into());
        }
        let inner = &self.desk().inner;
        let id = TokenId::generate(&*inner.ids);
        let minted = mint(self.workspace.id, id);
        let token = ApiToken {
            id,
            name,
            operator: operator.id,
            secret_hash: minted.secret_hash,
            last_four: minted.last_four,
            created_at: inner.clock.now(),
        };
        let outcome = [id.as_uuid().as_bytes(), inner.keys.seal(&minted.text).as_bytes()].concat();
        let change = Change::new("token.created", json!({"name": token.name})).keeping(named.as_ref(), &outcome);
        self.put(&operator, Version::ZERO, RecordBody::Token(token.clone()), change).await?;
        Ok(Made::now(NewToken { token, secret: minted.text }))
    }

    async fn token_made_before(&self, outcome: &[u8]) -> Result<NewToken, Error> {
        let (id, sealed) = outcome_id(outcome)?;
        let (_, body) = self.load(RecordKey::new(RecordKind::Token, id)).await?;
        let secret = std::str::from_utf8(sealed).ok().and_then(|sealed| self.desk().inner.keys.unseal(sealed));
        match (body, secret) {
            (RecordBody::Token(token), Some(secret)) => Ok(NewToken { token, secret }),
            _ => Err(unreadable("a token's secret, sealed with another key")),
        }
    }

    /// Removes an API token; it is worth nothing from then on.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn delete_token(&self, id: TokenId) -> Result<(), Error> {
        let operator = self.administrator().await?;
        let key = RecordKey::new(RecordKind::Token, id.as_uuid());
        let (version, body) = self.load(key).await?;
        let name = if let RecordBody::Token(token) = body { token.name } else { String::new() };
        self.remove(&operator, key, version, Change::new("token.deleted", json!({"name": name}))).await
    }
}
