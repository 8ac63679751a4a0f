//! API tokens of the workspace.

use serde_json::json;

use crate::engine::OperatorHandle;
use crate::engine::token::mint;
use crate::error::Error;
#[cfg(doc)]
use crate::error::Refusal;
use crate::id::{TokenId, Version};
use crate::model::text;
use crate::model::{ApiToken, Invalid, RecordBody, RecordKey, RecordKind};

/// API tokens a workspace may have.
const TOKEN_LIMIT: u32 = 100;

/// A new API token.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What is kept of it.
    pub token: ApiToken,
    /// The token itself, which is never shown again.
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
    pub async fn create_token(&self, name: &str) -> Result<NewToken, Error> {
        let operator = self.administrator().await?;
        let name = text::line("name", name)?;
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
        self.put(&operator, Version::ZERO, RecordBody::Token(token.clone()), "token.created", json!({"name": token.name})).await?;
        Ok(NewToken { token, secret: minted.text })
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
        self.remove(&operator, key, version, "token.deleted", json!({"name": name})).await
    }
}
