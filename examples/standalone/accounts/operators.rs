//! What the helpdesk is told of who sent a request.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use helpdesk::async_trait;
use helpdesk::http::{AuthError, OperatorAuth, OperatorIdentity};

use super::{Accounts, User};

impl User {
    /// The helpdesk's name for this user.
    pub(crate) fn subject(&self) -> String {
        subject(self.id)
    }
}

/// The helpdesk's name for the user of this id.
pub(super) fn subject(user: i64) -> String {
    user.to_string()
}

impl Accounts {
    /// Who sent a request: the owner by the owner token, anybody by their session.
    ///
    /// A request that brings another token is nobody's, whatever cookie the browser added: else a page of somebody
    /// else's could make a request with the cookie look like one of a program.
    pub(super) async fn user_of(&self, headers: &HeaderMap) -> Result<Option<User>, sqlx::Error> {
        match headers.get(header::AUTHORIZATION) {
            Some(value) if self.is_owner_token(value) => self.owner().await,
            Some(_) => Ok(None),
            None => self.session_user(headers).await,
        }
    }

    fn is_owner_token(&self, authorization: &HeaderValue) -> bool {
        let sent = authorization.to_str().ok().and_then(|value| value.split_once(' '));
        let token = sent.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
        token.zip(self.0.owner_token).is_some_and(|(token, owner_token)| owner_token.is_of(token))
    }
}

#[async_trait]
impl OperatorAuth for Accounts {
    async fn authenticate(&self, request: &Parts) -> Result<Option<OperatorIdentity>, AuthError> {
        let user = self.user_of(&request.headers).await.map_err(AuthError::new)?;
        Ok(user.map(|user| {
            let mut identity = OperatorIdentity::new(user.subject(), &user.name, user.role).logout_url("/logout");
            identity.email = user.email;
            identity
        }))
    }

    fn login_url(&self) -> Option<String> {
        Some("/login".to_owned())
    }
}
