//! The audit log.

use chrono::{DateTime, Utc};
use helpdesk_core::model;
use serde::Serialize;
use utoipa::ToSchema;

use super::Author;

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct AuditLine {
    /// When.
    pub(crate) at: DateTime<Utc>,
    /// Who.
    pub(crate) actor: Author,
    /// What was done.
    #[schema(example = "settings.updated")]
    pub(crate) action: String,
    /// To what.
    #[schema(example = "settings")]
    pub(crate) subject: String,
    /// The changed fields: `{"field": {"from": .., "to": ..}}`.
    pub(crate) detail: serde_json::Value,
}

impl From<&model::Audit> for AuditLine {
    fn from(line: &model::Audit) -> Self {
        Self {
            at: line.at,
            actor: match &line.actor {
                model::AuditActor::Operator(operator) => operator.into(),
                model::AuditActor::System => Author::SYSTEM,
            },
            action: line.action.clone(),
            subject: line.subject.clone(),
            detail: line.detail.clone(),
        }
    }
}
