//! Operators.

use helpdesk_core::model;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Availability, Role};

/// A human of the team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Operator {
    /// Their id.
    pub(crate) id: Uuid,
    /// The display name, also shown to contacts.
    pub(crate) name: String,
    /// Their address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    /// What they may do.
    pub(crate) role: Role,
    /// Set by hand.
    pub(crate) availability: Availability,
    /// Whether a page of theirs is open now.
    pub(crate) online: bool,
}

impl Operator {
    /// The shape of an operator who is, or is not, here now.
    pub(crate) fn of(operator: &model::Operator, online: bool) -> Self {
        Self {
            id: operator.id.as_uuid(),
            name: operator.name.clone(),
            email: operator.email.clone(),
            role: operator.role.into(),
            availability: operator.availability.into(),
            online,
        }
    }
}
