//! A change of the settings: any subset. Objects merge, texts replace.

use helpdesk_core::engine::{HumanSupportEdit, SettingsEdit};
use helpdesk_core::id::AssistantId;
use helpdesk_core::model;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::settings::Texts;
use super::{AfterResolve, AssignTo, IdentityMode, ThresholdCount};
use crate::extract::Number;

/// A change of the settings.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsPatch {
    /// The version that the change was made from.
    #[schema(required = true)]
    pub(crate) version: Number,
    pub(crate) helpdesk: Option<bool>,
    pub(crate) human_support: Option<HumanSupportPatch>,
    pub(crate) assign_to: Option<AssignTo>,
    pub(crate) contact_message_after_resolve: Option<AfterResolve>,
    pub(crate) brand: Option<BrandPatch>,
    pub(crate) allowed_origins: Option<Vec<String>>,
    pub(crate) default_language: Option<String>,
    pub(crate) identity: Option<IdentityPatch>,
    pub(crate) default_assistant: Option<Uuid>,
}

/// A change of human support.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HumanSupportPatch {
    pub(crate) enabled: Option<bool>,
    pub(crate) button_hidden: Option<bool>,
    pub(crate) threshold: Option<ThresholdPatch>,
    pub(crate) button_text: Option<Texts>,
    pub(crate) transition_message: Option<Texts>,
    pub(crate) confirmation_prompt: Option<String>,
    pub(crate) waiting_label: Option<Texts>,
    pub(crate) connected_label: Option<Texts>,
    pub(crate) auto_reply: Option<Texts>,
}

/// A change of when the human button shows.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ThresholdPatch {
    pub(crate) count: Option<ThresholdCount>,
    pub(crate) at_least: Option<Number>,
}

/// A change of how the widget looks.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BrandPatch {
    pub(crate) name: Option<String>,
    pub(crate) color: Option<String>,
}

/// A change of how the host proves who its users are.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IdentityPatch {
    pub(crate) mode: Option<IdentityMode>,
}

impl SettingsPatch {
    /// The change, where the threshold was `threshold` before.
    pub(crate) fn into_edit(self, threshold: model::Threshold) -> SettingsEdit {
        let human_support = self.human_support.unwrap_or_default();
        let brand = self.brand.unwrap_or_default();
        SettingsEdit {
            helpdesk: self.helpdesk,
            human_support: HumanSupportEdit {
                enabled: human_support.enabled,
                button_hidden: human_support.button_hidden,
                threshold: human_support.threshold.map(|patch| model::Threshold {
                    count: patch.count.map_or(threshold.count, Into::into),
                    at_least: patch.at_least.map_or(threshold.at_least, |number| number.0),
                }),
                button_text: human_support.button_text.map(model::Texts),
                transition_message: human_support.transition_message.map(model::Texts),
                confirmation_prompt: human_support.confirmation_prompt,
                waiting_label: human_support.waiting_label.map(model::Texts),
                connected_label: human_support.connected_label.map(model::Texts),
                auto_reply: human_support.auto_reply.map(model::Texts),
            },
            assign_to: self.assign_to.map(Into::into),
            contact_message_after_resolve: self.contact_message_after_resolve.map(Into::into),
            brand_name: brand.name,
            brand_color: brand.color,
            allowed_origins: self.allowed_origins,
            default_language: self.default_language,
            identity_mode: self.identity.and_then(|identity| identity.mode).map(Into::into),
            default_assistant: self.default_assistant.map(AssistantId::from_uuid),
        }
    }
}
