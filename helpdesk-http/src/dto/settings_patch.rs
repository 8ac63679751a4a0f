//! A change of the settings: any subset. Objects merge, texts replace.

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
