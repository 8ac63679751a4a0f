//! The audit log: who changed what.

use serde::{Deserialize, Serialize};

use super::OperatorRef;
use crate::clock::Timestamp;
use crate::id::AuditId;

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AuditActor {
    /// An operator, in person or through a token.
    Operator(OperatorRef),
    /// The host's own code.
    System,
}

/// One line of the audit log. Never holds secrets or message text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// Its id; ids rise, so the log is ordered by them.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: AuditActor,
    /// What was done, such as `settings.updated`.
    pub action: String,
    /// To what, such as `settings` or `article:{id}`.
    pub subject: String,
    /// The changed fields: `{"field": {"from": .., "to": ..}}`.
    pub detail: serde_json::Value,
}
