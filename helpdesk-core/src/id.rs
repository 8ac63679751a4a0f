//! Identifiers: one newtype a thing, UUID version 7, so that they sort by the time they were made.
//!
//! Nothing here draws an id; that is the injected [`IdGen`]'s office, so that tests and replays are exact.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Where ids come from. The engine asks it for every id it makes.
pub trait IdGen: fmt::Debug + Send + Sync + 'static {
    /// A new identifier, never given out before. Version 7 is expected: stores cluster rows by it.
    fn next(&self) -> Uuid;
}

/// The id generator of production: random UUIDs of version 7, ordered by the wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomIds;

impl IdGen for RandomIds {
    #[expect(clippy::disallowed_methods, reason = "the one place where ids are drawn")]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// A text that is not an id: the name of the kind that was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind}: expected a UUID in lower case with hyphens")]
pub struct InvalidId {
    kind: &'static str,
}

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Draws a new id.
            #[must_use]
            pub fn generate(ids: &dyn IdGen) -> Self {
                Self(ids.next())
            }

            /// The id that this UUID is.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID behind the id, for stores to bind.
            #[must_use]
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            /// Accepts the hyphenated form only, so that an id has one spelling.
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let invalid = InvalidId { kind: stringify!($name) };
                match Uuid::try_parse(text) {
                    Ok(uuid) if text.len() == 36 => Ok(Self(uuid)),
                    _ => Err(invalid),
                }
            }
        }
    )+};
}

id! {
    /// A tenant. Every key is led by it.
    WorkspaceId,
    /// An AI assistant of a workspace.
    AssistantId,
    /// A human of the team.
    OperatorId,
    /// A group of operators.
    DepartmentId,
    /// A workspace's configuration of a driver.
    AccountId,
    /// A customer.
    ContactId,
    /// One thread with a contact.
    ConversationId,
    /// The case that a conversation becomes when humans must deal with it.
    TicketId,
    /// A help article.
    ArticleId,
    /// A piece of work that outlives its cause's request.
    JobId,
    /// A set of commands committed together; the same over all attempts to commit them.
    CommitId,
    /// An API token.
    TokenId,
    /// A line of the audit log.
    AuditId,
    /// A process that serves the helpdesk, for as long as it runs.
    NodeId,
}

impl WorkspaceId {
    /// The workspace of an installation that has only one.
    pub const DEFAULT: Self = Self(Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001));
}

macro_rules! counter {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl $name {
            /// Nothing yet; the first is 1.
            pub const ZERO: Self = Self(0);

            /// The number after this one.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0 + 1)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

counter! {
    /// The place of an entry in its conversation: dense from 1, never changed.
    Seq,
    /// How often a stored thing was written; the optimistic lock. 0 means that it does not exist.
    Version,
    /// The round of an assistant in a conversation. An answer counts only in the turn it was asked in.
    TurnNumber,
    /// A ticket's number, rising within its workspace; gaps are allowed.
    TicketNumber,
    /// The order in which a workspace's changes became visible.
    ChangeNumber,
    /// Proof that a lease is the newest of its lane; never given out twice by one store.
    LeaseToken,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        let id: ConversationId = "00000000-0000-7000-8000-000000000001".parse().unwrap();
        assert_eq!(id.to_string(), "00000000-0000-7000-8000-000000000001");
        assert!("00000000000070008000000000000001".parse::<ConversationId>().is_err());
        assert!("{00000000-0000-7000-8000-00000000001}".parse::<ConversationId>().is_err());
        assert!("".parse::<ConversationId>().is_err());
    }
}
