//! Assistants.

use helpdesk_core::engine::AssistantEdit;
use helpdesk_core::model;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Priority;
use super::settings::Texts;
use crate::extract::Number;

/// An assistant and how it behaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Assistant {
    /// Its id.
    pub(crate) id: Uuid,
    /// Its name, shown to contacts.
    pub(crate) name: String,
    /// The driver that answers for it.
    #[schema(example = "retrieval")]
    pub(crate) driver: String,
    /// What it is told about itself and the company.
    pub(crate) prompt: String,
    /// When to escalate to a human.
    pub(crate) guidance: String,
    /// Whether it may escalate at all.
    pub(crate) handover: bool,
    /// The priority of tickets that come from it.
    pub(crate) default_priority: Priority,
    /// What the widget shows before the first message.
    pub(crate) greeting: Texts,
    /// What the keyless assistant says when no article fits.
    pub(crate) unknown_text: Texts,
    /// What the keyless assistant says when a human was asked for.
    pub(crate) confirmation_text: Texts,
    /// How often it was written; a change names the one it was made from.
    pub(crate) version: u64,
}

impl Assistant {
    /// The shape of an assistant that was written so often.
    pub(crate) fn of(assistant: &model::Assistant, version: u64) -> Self {
        Self {
            id: assistant.id.as_uuid(),
            name: assistant.name.clone(),
            driver: assistant.driver.clone(),
            prompt: assistant.prompt.clone(),
            guidance: assistant.guidance.clone(),
            handover: assistant.handover,
            default_priority: assistant.default_priority.into(),
            greeting: assistant.greeting.0.clone(),
            unknown_text: assistant.unknown_text.0.clone(),
            confirmation_text: assistant.confirmation_text.0.clone(),
            version,
        }
    }
}

/// A change of an assistant: any subset. Texts replace.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssistantPatch {
    /// The version that the change was made from; none: whatever it is now.
    pub(crate) version: Option<Number>,
    pub(crate) name: Option<String>,
    pub(crate) driver: Option<String>,
    pub(crate) prompt: Option<String>,
    pub(crate) guidance: Option<String>,
    pub(crate) handover: Option<bool>,
    pub(crate) default_priority: Option<Priority>,
    pub(crate) greeting: Option<Texts>,
    pub(crate) unknown_text: Option<Texts>,
    pub(crate) confirmation_text: Option<Texts>,
}

impl From<AssistantPatch> for AssistantEdit {
    fn from(patch: AssistantPatch) -> Self {
        Self {
            name: patch.name,
            driver: patch.driver,
            prompt: patch.prompt,
            guidance: patch.guidance,
            handover: patch.handover,
            default_priority: patch.default_priority.map(Into::into),
            greeting: patch.greeting.map(model::Texts),
            unknown_text: patch.unknown_text.map(model::Texts),
            confirmation_text: patch.confirmation_text.map(model::Texts),
        }
    }
}
