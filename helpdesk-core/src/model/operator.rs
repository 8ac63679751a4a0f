//! Operators: the humans of the team.

use serde::{Deserialize, Serialize};

use super::OperatorRef;
use crate::clock::Timestamp;
use crate::id::{DepartmentId, OperatorId};

/// What an operator may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Answers customers.
    Operator,
    /// Also changes settings.
    Manager,
    /// Also everything else.
    Owner,
}

impl Role {
    /// Whether this role changes settings, assistants, articles and tokens.
    #[must_use]
    pub const fn is_administrator(self) -> bool {
        matches!(self, Self::Manager | Self::Owner)
    }
}

/// Whether an operator can be given work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// Yes.
    Online,
    /// Not at the desk.
    Away,
    /// At the desk, but no new work.
    Busy,
    /// Gone.
    Offline,
}

/// A human of the team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// Their id.
    pub id: OperatorId,
    /// The host's id of this person; the host's `OperatorAuth` names them by it.
    pub subject: String,
    /// The display name, also shown to contacts.
    pub name: String,
    /// Their address.
    pub email: Option<String>,
    /// What they may do.
    pub role: Role,
    /// Set by hand.
    pub availability: Availability,
    /// Their departments.
    pub departments: Vec<DepartmentId>,
    /// No longer works here: may do nothing.
    pub disabled: bool,
    /// When they joined.
    pub created_at: Timestamp,
}

impl Operator {
    /// How entries and rows remember them.
    #[must_use]
    pub fn reference(&self) -> OperatorRef {
        OperatorRef { id: self.id, name: self.name.clone() }
    }
}
