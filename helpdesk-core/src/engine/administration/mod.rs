//! What owners and managers change: settings, assistants, articles, tokens. Every change is audited in its own commit.

mod articles;
mod assistants;
mod profile;
mod settings;
mod tokens;

use serde_json::{Value, json};

pub use articles::ArticleEdit;
pub use assistants::AssistantEdit;
pub use settings::{HumanSupportEdit, SettingsEdit};
pub use tokens::NewToken;
pub(super) use tokens::TOKEN_LIMIT;

use super::OperatorHandle;
use super::client_id::{Named, unreadable};
use super::execute::operator_actor;
use super::workspace::language_tag;
use crate::error::{Error, Refusal};
use crate::id::{AuditId, CommitId, Version};
use crate::model::text;
use crate::model::{Audit, AuditActor, Invalid, Operator, Record, RecordBody, RecordKey, RecordKind, Texts};
use crate::store::{Claim, Commit, Guard, Key, Outcome, Want, Write};

/// The longest text of a label, button or message of the settings, in characters.
const LABEL_LIMIT: usize = 1_000;
/// Languages a text may come in.
const LANGUAGE_LIMIT: usize = 50;

/// A value with the version by which it is changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed<T> {
    /// The version.
    pub version: Version,
    /// The value.
    pub value: T,
}

/// What a command made, now or when it was first sent under its `client_id`.
#[derive(Clone, Debug, PartialEq)]
pub struct Made<T> {
    /// What was made.
    pub value: T,
    /// It was made by an earlier attempt.
    pub replayed: bool,
}

impl<T> Made<T> {
    const fn now(value: T) -> Self {
        Self { value, replayed: false }
    }

    const fn before(value: T) -> Self {
        Self { value, replayed: true }
    }
}

/// What the audit log tells of a change, and the name under which its outcome is kept.
pub(super) struct Change<'a> {
    action: &'a str,
    detail: Value,
    outcome: Option<Claim>,
}

impl<'a> Change<'a> {
    pub(super) const fn new(action: &'a str, detail: Value) -> Self {
        Self { action, detail, outcome: None }
    }

    fn keeping(self, named: Option<&Named>, outcome: &[u8]) -> Self {
        Self { outcome: named.map(|named| named.claim(outcome)), ..self }
    }
}

impl OperatorHandle {
    /// The audit log, newest first, below `before`.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`].
    pub async fn audit(&self, before: Option<AuditId>, limit: u32) -> Result<Vec<Audit>, Error> {
        self.administrator().await?;
        Ok(self.desk().inner.store.audit(self.workspace.id, before, limit).await?)
    }

    pub(super) async fn load(&self, key: RecordKey) -> Result<(Version, RecordBody), Error> {
        let record = self.desk().inner.store.record(self.workspace.id, key).await?.ok_or(Refusal::NotFound)?;
        Ok((record.version, record.body))
    }

    pub(super) async fn list(&self, kind: RecordKind, after: Option<uuid::Uuid>, limit: u32) -> Result<Vec<Record>, Error> {
        Ok(self.desk().inner.store.records(self.workspace.id, kind, after, limit).await?)
    }

    /// The command under its caller's name, if it has one.
    fn named(&self, content: &str) -> Option<Named> {
        let client_id = self.client_id.as_ref()?;
        Some(Named::new(&operator_actor(self.operator), client_id, content))
    }

    /// What the first command of this name made.
    async fn made_before(&self, named: Option<&Named>) -> Result<Option<Vec<u8>>, Error> {
        let Some(named) = named else { return Ok(None) };
        let want = Want { keys: vec![named.key.clone()], ..Want::default() };
        let snapshot = self.desk().inner.store.snapshot(self.workspace.id, &want).await?;
        snapshot.owner(&named.key).map(|owner| named.outcome(owner).map(<[u8]>::to_vec)).transpose()
    }

    pub(super) async fn put(&self, operator: &Operator, before: Version, body: RecordBody, change: Change<'_>) -> Result<Version, Error> {
        let record = Record { version: before.next(), body };
        let key = record.body.key();
        self.write(operator, key, before, Write::Record(Box::new(record)), change).await?;
        Ok(before.next())
    }

    pub(super) async fn remove(&self, operator: &Operator, key: RecordKey, before: Version, change: Change<'_>) -> Result<(), Error> {
        self.write(operator, key, before, Write::DeleteRecord(key), change).await
    }

    async fn write(&self, operator: &Operator, key: RecordKey, before: Version, write: Write, change: Change<'_>) -> Result<(), Error> {
        let inner = &self.desk().inner;
        let audit = Audit {
            id: AuditId::generate(&*inner.ids),
            at: inner.clock.now(),
            actor: AuditActor::Operator(operator.reference()),
            action: change.action.to_owned(),
            subject: subject(key),
            detail: change.detail,
        };
        let mut commit = Commit::new(CommitId::generate(&*inner.ids), self.workspace.id);
        commit.guards.push(Guard { key: Key::Record(key), version: before });
        commit.unique.extend(change.outcome);
        commit.writes.extend([write, Write::Audit(Box::new(audit))]);
        match self.desk().put(commit).await? {
            Outcome::Committed(committed) => {
                if key.kind == RecordKind::Article {
                    inner.articles.forget(self.workspace.id);
                }
                self.desk().tell_records(self.workspace.id, &committed).await;
                Ok(())
            }
            Outcome::Conflict(now) => {
                let current = now.first().map_or(0, |(_, version)| version.0);
                Err(Refusal::VersionConflict { current }.into())
            }
            // Taken: the same command is being carried out twice at once. The next attempt is told what the other made.
            Outcome::Already(_) | Outcome::Refused | Outcome::LeaseLost | Outcome::Taken(_) => Err(Error::Busy),
        }
    }
}

/// The id that an outcome begins with, and the rest.
fn outcome_id(outcome: &[u8]) -> Result<(uuid::Uuid, &[u8]), Error> {
    let (id, rest) = outcome.split_first_chunk::<16>().ok_or_else(|| unreadable("the outcome of a command"))?;
    Ok((uuid::Uuid::from_bytes(*id), rest))
}

fn subject(key: RecordKey) -> String {
    if key.id.is_nil() { key.kind.as_str().to_owned() } else { format!("{}:{}", key.kind.as_str(), key.id.hyphenated()) }
}

fn check_version(given: Option<Version>, current: Version) -> Result<(), Refusal> {
    match given {
        Some(given) if given != current => Err(Refusal::VersionConflict { current: current.0 }),
        _ => Ok(()),
    }
}

/// The fields that differ: `{"field": {"from": .., "to": ..}}`, nested fields with dots.
fn difference(before: &Value, after: &Value) -> Value {
    fn walk(path: &str, before: &Value, after: &Value, found: &mut serde_json::Map<String, Value>) {
        match (before, after) {
            (Value::Object(old), Value::Object(new)) => {
                for key in old.keys().chain(new.keys().filter(|key| !old.contains_key(*key))) {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    walk(&path, old.get(key).unwrap_or(&Value::Null), new.get(key).unwrap_or(&Value::Null), found);
                }
            }
            _ if before == after => {}
            _ => {
                found.insert(path.to_owned(), json!({"from": before, "to": after}));
            }
        }
    }
    let mut found = serde_json::Map::new();
    walk("", before, after, &mut found);
    Value::Object(found)
}

fn checked_texts(field: &str, texts: Texts, default_language: &str) -> Result<Texts, Invalid> {
    if texts.0.len() > LANGUAGE_LIMIT {
        return Err(Invalid::new(field, format!("has too many languages: at most {LANGUAGE_LIMIT}")));
    }
    if !texts.0.contains_key(default_language) {
        return Err(Invalid::new(field, format!("needs a text in the default language, {default_language:?}")));
    }
    let checked = texts.0.into_iter().map(|(tag, value)| {
        let field = format!("{field}.{}", text::preview(&tag, 40));
        Ok((language_tag(&field, &tag)?, text::block(&field, &value, LABEL_LIMIT)?))
    });
    Ok(Texts(checked.collect::<Result<_, Invalid>>()?))
}
