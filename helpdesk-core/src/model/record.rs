//! Records: the small, seldom-written things of a workspace, which stores keep alike.
//!
//! Conversations, entries, tickets and contacts have tables of their own because queues walk them. Everything else is
//! a record: a kind, an id, a version, a body. A new kind of configuration costs no store a line.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Account, ApiToken, Article, Assistant, Operator, Settings, Workspace};
use crate::id::Version;

/// The kinds of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// The workspace itself; one, under the nil id.
    Workspace,
    /// Its settings; one, under the nil id.
    Settings,
    /// Operators.
    Operator,
    /// Assistants.
    Assistant,
    /// Accounts of drivers.
    Account,
    /// Help articles.
    Article,
    /// API tokens.
    Token,
}

impl RecordKind {
    /// The kind's name in keys.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Workspace => "workspace",
            Self::Settings => "settings",
            Self::Operator => "operator",
            Self::Assistant => "assistant",
            Self::Account => "account",
            Self::Article => "article",
            Self::Token => "token",
        }
    }
}

/// Which record of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordKey {
    /// Its kind.
    pub kind: RecordKind,
    /// Its id; nil for what a workspace has one of.
    pub id: Uuid,
}

impl RecordKey {
    /// The workspace's settings.
    pub const SETTINGS: Self = Self { kind: RecordKind::Settings, id: Uuid::nil() };
    /// The workspace itself.
    pub const WORKSPACE: Self = Self { kind: RecordKind::Workspace, id: Uuid::nil() };

    /// The record of this kind with this id.
    #[must_use]
    pub const fn new(kind: RecordKind, id: Uuid) -> Self {
        Self { kind, id }
    }
}

/// A record as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// How often it was written; the optimistic lock.
    pub version: Version,
    /// What it holds.
    pub body: RecordBody,
}

/// What a record holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RecordBody {
    /// The workspace itself.
    Workspace(Workspace),
    /// Its settings.
    Settings(Box<Settings>),
    /// An operator.
    Operator(Operator),
    /// An assistant.
    Assistant(Box<Assistant>),
    /// An account of a driver.
    Account(Account),
    /// A help article.
    Article(Article),
    /// An API token.
    Token(ApiToken),
}

impl RecordBody {
    /// Where it is kept.
    ///
    /// An [`Account`] without an id is a builder's and is never stored; its key has the nil id.
    #[must_use]
    pub fn key(&self) -> RecordKey {
        match self {
            Self::Workspace(_) => RecordKey::WORKSPACE,
            Self::Settings(_) => RecordKey::SETTINGS,
            Self::Operator(operator) => RecordKey::new(RecordKind::Operator, operator.id.as_uuid()),
            Self::Assistant(assistant) => RecordKey::new(RecordKind::Assistant, assistant.id.as_uuid()),
            Self::Account(account) => RecordKey::new(RecordKind::Account, account.id.map_or(Uuid::nil(), |id| id.as_uuid())),
            Self::Article(article) => RecordKey::new(RecordKind::Article, article.id.as_uuid()),
            Self::Token(token) => RecordKey::new(RecordKind::Token, token.id.as_uuid()),
        }
    }
}
