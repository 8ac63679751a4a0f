//! The settings of a workspace, as the team reads them.

use std::collections::BTreeMap;

use helpdesk_core::model;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{AfterResolve, AssignTo, IdentityMode, ThresholdCount};

/// A text by language tag: `{"en": "...", "de": "..."}`.
pub(crate) type Texts = BTreeMap<String, String>;

/// The settings of a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Settings {
    /// How often they were written; a change names the one it was made from.
    pub(crate) version: u64,
    /// Off: the assistant still chats, but nothing is stored.
    pub(crate) helpdesk: bool,
    /// Human support.
    pub(crate) human_support: HumanSupport,
    /// To whom operators may assign.
    pub(crate) assign_to: AssignTo,
    /// What a contact's message to a resolved conversation does.
    pub(crate) contact_message_after_resolve: AfterResolve,
    /// How the widget looks.
    pub(crate) brand: Brand,
    /// Origins of pages that may hold the widget; empty: any.
    pub(crate) allowed_origins: Vec<String>,
    /// The language of texts when the contact's has none.
    pub(crate) default_language: String,
    /// How the host proves who its users are.
    pub(crate) identity: Identity,
    /// The id of the assistant of conversations that name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) default_assistant: Option<Uuid>,
}

/// Whether contacts can ask for a human, and what they are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct HumanSupport {
    /// Whether there is any.
    pub(crate) enabled: bool,
    /// Hides the button; assistants still escalate.
    pub(crate) button_hidden: bool,
    /// When the button shows.
    pub(crate) threshold: Threshold,
    /// The button's text.
    pub(crate) button_text: Texts,
    /// The divider put in the thread at a request.
    pub(crate) transition_message: Texts,
    /// What the assistant is told when it confirms a request.
    pub(crate) confirmation_prompt: String,
    /// Shown while the contact waits.
    pub(crate) waiting_label: Texts,
    /// Shown once an operator answers; `{name}` is the display name.
    pub(crate) connected_label: Texts,
    /// Said once a request when nobody is available.
    pub(crate) auto_reply: Texts,
}

/// When the human button shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Threshold {
    /// What is counted.
    pub(crate) count: ThresholdCount,
    /// From how many on.
    pub(crate) at_least: u64,
}

/// How the widget looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Brand {
    /// The name in the widget's header.
    pub(crate) name: String,
    /// `#rrggbb`.
    #[schema(example = "#0f766e")]
    pub(crate) color: String,
}

impl From<&model::Brand> for Brand {
    fn from(brand: &model::Brand) -> Self {
        Self { name: brand.name.clone(), color: brand.color.clone() }
    }
}

/// How the host proves who its users are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Identity {
    /// Who may chat.
    pub(crate) mode: IdentityMode,
    /// Whether there is a signing secret. It is shown once, when it is made.
    pub(crate) secret_set: bool,
}

impl Settings {
    /// The settings and how often they were written.
    pub(crate) fn of(settings: &model::Settings, version: u64) -> Self {
        let human_support = &settings.human_support;
        Self {
            version,
            helpdesk: settings.helpdesk,
            human_support: HumanSupport {
                enabled: human_support.enabled,
                button_hidden: human_support.button_hidden,
                threshold: Threshold { count: human_support.threshold.count.into(), at_least: human_support.threshold.at_least },
                button_text: human_support.button_text.0.clone(),
                transition_message: human_support.transition_message.0.clone(),
                confirmation_prompt: human_support.confirmation_prompt.clone(),
                waiting_label: human_support.waiting_label.0.clone(),
                connected_label: human_support.connected_label.0.clone(),
                auto_reply: human_support.auto_reply.0.clone(),
            },
            assign_to: settings.assign_to.into(),
            contact_message_after_resolve: settings.contact_message_after_resolve.into(),
            brand: (&settings.brand).into(),
            allowed_origins: settings.allowed_origins.clone(),
            default_language: settings.default_language.clone(),
            identity: Identity { mode: settings.identity.mode.into(), secret_set: !settings.identity.sealed_secrets.is_empty() },
            default_assistant: settings.default_assistant.map(|assistant| assistant.as_uuid()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let mut settings = model::Settings::default();
        settings.identity.sealed_secrets.push("sealed-secret".to_owned());
        let shown = serde_json::to_value(Settings::of(&settings, 3)).unwrap();
        assert!(!shown.to_string().contains("sealed-secret"));
        assert_eq!(shown["identity"], serde_json::json!({"mode": "open", "secret_set": true}));
        assert_eq!(shown["version"], 3);
        assert_eq!(shown["human_support"]["threshold"], serde_json::json!({"count": "assistant_replies", "at_least": 3}));
    }
}
