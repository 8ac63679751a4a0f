//! A workspace's handle: the way to its people.

use std::sync::Arc;

use super::administration::TOKEN_LIMIT;
use super::{ContactHandle, Helpdesk, OperatorHandle, OperatorProfile, VisitorClaims};
use crate::error::Error;
use crate::id::{CommitId, ContactId, OperatorId, Version, WorkspaceId};
use crate::model::{Availability, Invalid, Operator, Record, RecordBody, RecordKey, RecordKind, Settings, text};
use crate::store::{Claim, Commit, Guard, Key, Outcome, Owner, StoreError, UniqueKey, Want, Write};

/// A workspace of a helpdesk.
#[derive(Clone, Debug)]
pub struct WorkspaceHandle {
    pub(super) desk: Helpdesk,
    pub(super) id: WorkspaceId,
}

impl WorkspaceHandle {
    /// Its id.
    #[must_use]
    pub const fn id(&self) -> WorkspaceId {
        self.id
    }

    /// The helpdesk that it belongs to.
    #[must_use]
    pub const fn desk(&self) -> &Helpdesk {
        &self.desk
    }

    /// Acts as this contact. No I/O; that the contact is who they say is the caller's to prove.
    #[must_use]
    pub fn contact(&self, id: ContactId) -> ContactHandle {
        ContactHandle { workspace: self.clone(), contact: id, claims: None, client_id: None }
    }

    /// Acts as the visitor that these claims, read from a visitor's token, name.
    #[must_use]
    pub fn visitor(&self, claims: impl Into<Arc<VisitorClaims>>) -> ContactHandle {
        let claims = claims.into();
        ContactHandle { workspace: self.clone(), contact: claims.contact, claims: Some(claims), client_id: None }
    }

    /// Acts as this operator. No I/O; that the operator is who they say is the caller's to prove, what they may do is
    /// checked at each command.
    #[must_use]
    pub fn operator(&self, id: OperatorId) -> OperatorHandle {
        OperatorHandle { workspace: self.clone(), operator: id, client_id: None }
    }

    /// Its settings.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn settings(&self) -> Result<Settings, Error> {
        let record = self.desk.inner.store.record(self.id, RecordKey::SETTINGS).await?;
        Ok(match record.map(|record| record.body) {
            Some(RecordBody::Settings(settings)) => *settings,
            _ => Settings::default(),
        })
    }

    /// Its name.
    ///
    /// # Errors
    /// [`Error::Store`]; [`crate::Refusal::NotFound`] if there is no such workspace.
    pub async fn name(&self) -> Result<String, Error> {
        match self.desk.inner.store.record(self.id, RecordKey::WORKSPACE).await?.map(|record| record.body) {
            Some(RecordBody::Workspace(workspace)) => Ok(workspace.name),
            _ => Err(crate::Refusal::NotFound.into()),
        }
    }

    /// The host no longer counts this person among its team. Their API tokens are removed, their open sockets end within
    /// ten seconds, and nothing can be assigned to them; what they wrote keeps their name. False: nobody of this subject
    /// is an operator.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn dismiss_operator(&self, subject: &str) -> Result<bool, Error> {
        let key = UniqueKey::operator_subject(subject);
        let store = &self.desk.inner.store;
        for _ in 0..8 {
            let snapshot = store.snapshot(self.id, &Want { keys: vec![key.clone()], ..Want::default() }).await?;
            let Some(id) = snapshot.owner(&key).and_then(Owner::as_uuid) else { return Ok(false) };
            let record = store.record(self.id, RecordKey::new(RecordKind::Operator, id)).await?;
            let Some(Record { version, body: RecordBody::Operator(operator) }) = record else { return Ok(false) };
            if operator.disabled {
                return Ok(false);
            }
            let gone = Operator { disabled: true, availability: Availability::Offline, ..operator };
            let mut commit = Commit::new(CommitId::generate(&*self.desk.inner.ids), self.id);
            let record = Record { version: version.next(), body: RecordBody::Operator(gone) };
            commit.guards.push(Guard { key: Key::Record(record.body.key()), version });
            commit.writes.push(Write::Record(Box::new(record)));
            for Record { version, body } in store.records(self.id, RecordKind::Token, None, TOKEN_LIMIT).await? {
                if matches!(&body, RecordBody::Token(token) if token.operator.as_uuid() == id) {
                    commit.guards.push(Guard { key: Key::Record(body.key()), version });
                    commit.writes.push(Write::DeleteRecord(body.key()));
                }
            }
            if let Outcome::Committed(committed) = self.desk.put(commit).await? {
                self.desk.tell_records(self.id, &committed).await;
                return Ok(true);
            }
        }
        Err(Error::Busy)
    }

    /// The operator that the host describes: made at first sight, and kept in step with the host's word on the role.
    /// Name and address are taken over at first sight only; afterwards they are the operator's own. One who was
    /// dismissed is an operator again.
    ///
    /// # Errors
    /// [`Error::Store`]; [`crate::Refusal::Invalid`] for a profile that cannot be kept.
    pub async fn ensure_operator(&self, profile: &OperatorProfile) -> Result<Operator, Error> {
        let subject = text::line("subject", &profile.subject)?;
        let name = text::line("name", &profile.name)?;
        let email = profile.email.as_deref().map(|email| text::line("email", email)).transpose()?;
        let key = UniqueKey::operator_subject(&subject);
        let store = &self.desk.inner.store;
        for _ in 0..8 {
            let snapshot = store.snapshot(self.id, &Want { keys: vec![key.clone()], ..Want::default() }).await?;
            let known = snapshot.owner(&key).and_then(Owner::as_uuid).map(OperatorId::from_uuid);
            let record = match known {
                Some(id) => store.record(self.id, RecordKey::new(RecordKind::Operator, id.as_uuid())).await?,
                None => None,
            };
            let (operator, version) = match record.map(|record| (record.version, record.body)) {
                Some((_, RecordBody::Operator(operator))) if operator.role == profile.role && !operator.disabled => return Ok(operator),
                Some((version, RecordBody::Operator(operator))) => (Operator { role: profile.role, disabled: false, ..operator }, version),
                _ => {
                    let operator = Operator {
                        id: known.unwrap_or_else(|| OperatorId::generate(&*self.desk.inner.ids)),
                        subject: subject.clone(),
                        name: name.clone(),
                        email: email.clone(),
                        role: profile.role,
                        availability: profile.availability,
                        departments: Vec::new(),
                        disabled: false,
                        created_at: self.desk.inner.clock.now(),
                    };
                    (operator, Version::ZERO)
                }
            };
            let mut commit = Commit::new(CommitId::generate(&*self.desk.inner.ids), self.id);
            let record = Record { version: version.next(), body: RecordBody::Operator(operator.clone()) };
            commit.guards.push(Guard { key: Key::Record(record.body.key()), version });
            commit.unique.push(Claim { key: key.clone(), owner: Owner::id(operator.id.as_uuid()), keep: None });
            commit.writes.push(Write::Record(Box::new(record)));
            if let Outcome::Committed(committed) = self.desk.put(commit).await? {
                self.desk.tell_records(self.id, &committed).await;
                return Ok(operator);
            }
        }
        Err(Error::Busy)
    }

    /// An operator's record.
    ///
    /// # Errors
    /// [`Error::Store`]; [`crate::Refusal::NotFound`].
    pub async fn find_operator(&self, id: OperatorId) -> Result<Operator, Error> {
        match self.desk.inner.store.record(self.id, RecordKey::new(RecordKind::Operator, id.as_uuid())).await?.map(|record| record.body) {
            Some(RecordBody::Operator(operator)) => Ok(operator),
            Some(_) => Err(StoreError::Inconsistent("an operator's record holds something else".to_owned()).into()),
            None => Err(crate::Refusal::NotFound.into()),
        }
    }
}

/// Checks an optional language tag: letters, digits and hyphens, at most 35 characters (RFC 5646, section 4.4.1).
pub(crate) fn language_tag(field: &str, tag: &str) -> Result<String, Invalid> {
    let valid = (1..=35).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if valid { Ok(tag.to_owned()) } else { Err(Invalid::new(field, "must be a language tag such as \"en\" or \"pt-BR\"")) }
}
