//! The settings of a workspace.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::AssistantId;

/// A text in several languages, by language tag (`en`, `pt-BR`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Texts(pub BTreeMap<String, String>);

impl Texts {
    /// Texts from pairs of language tag and text.
    #[must_use]
    pub fn of<const N: usize>(pairs: [(&str, &str); N]) -> Self {
        Self(pairs.into_iter().map(|(tag, text)| (tag.to_owned(), text.to_owned())).collect())
    }

    /// The text for `language`: the exact tag, its base language, `fallback`, English, or any; empty when there is none.
    #[must_use]
    pub fn pick(&self, language: Option<&str>, fallback: &str) -> &str {
        let exact = language.and_then(|tag| self.0.get(tag));
        let base = || language.and_then(|tag| tag.split(['-', '_']).next()).and_then(|tag| self.0.get(tag));
        exact
            .or_else(base)
            .or_else(|| self.0.get(fallback))
            .or_else(|| self.0.get("en"))
            .or_else(|| self.0.values().next())
            .map_or("", String::as_str)
    }
}

/// What the human button counts before it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdCount {
    /// The assistant's replies.
    AssistantReplies,
    /// All messages.
    Messages,
}

/// When the human button shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threshold {
    /// What is counted.
    pub count: ThresholdCount,
    /// From how many on.
    pub at_least: u64,
}

/// Human support: whether contacts can ask for a human, and what they are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HumanSupport {
    /// Whether there is any.
    pub enabled: bool,
    /// Hides the button; assistants still escalate.
    pub button_hidden: bool,
    /// When the button shows.
    pub threshold: Threshold,
    /// The button's text.
    pub button_text: Texts,
    /// The divider put in the thread at a request.
    pub transition_message: Texts,
    /// What the assistant is told when it confirms a request.
    pub confirmation_prompt: String,
    /// Shown while the contact waits.
    pub waiting_label: Texts,
    /// Shown once an operator answers; `{name}` is the display name.
    pub connected_label: Texts,
    /// Said once a request when nobody is available.
    pub auto_reply: Texts,
}

/// To whom operators may assign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssignTo {
    /// Any operator.
    Anyone,
    /// Only operators who already wrote in the conversation, and oneself.
    Participants,
}

/// What a contact's message to a resolved conversation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterResolve {
    /// It is refused; the client starts a new conversation.
    New,
    /// It reopens the conversation, which stays with whom it was.
    Reopen,
}

/// How the widget looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brand {
    /// The name in the widget's header.
    pub name: String,
    /// `#rrggbb`.
    pub color: String,
}

/// Whether visitors without a signed identity may chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityMode {
    /// Everybody may.
    Open,
    /// Only with a signed token.
    VerifiedOnly,
}

/// How the host proves who its users are.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentitySettings {
    /// Who may chat.
    pub mode: IdentityMode,
    /// The signing secrets, newest first, sealed; at most two are valid at a time.
    pub sealed_secrets: Vec<String>,
}

impl std::fmt::Debug for IdentitySettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IdentitySettings").field("mode", &self.mode).field("secrets", &self.sealed_secrets.len()).finish()
    }
}

/// The settings of a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Off: the assistant still chats, but nothing of conversations or visitors is stored anywhere.
    pub helpdesk: bool,
    /// Human support.
    pub human_support: HumanSupport,
    /// To whom operators may assign.
    pub assign_to: AssignTo,
    /// What a contact's message to a resolved conversation does.
    pub contact_message_after_resolve: AfterResolve,
    /// How the widget looks.
    pub brand: Brand,
    /// Origins of pages that may hold the widget; empty: any.
    pub allowed_origins: Vec<String>,
    /// The language of texts when the contact's has none.
    pub default_language: String,
    /// How the host proves who its users are.
    pub identity: IdentitySettings,
    /// The assistant of conversations that name none.
    pub default_assistant: Option<AssistantId>,
}

impl Default for Settings {
    /// The library's default: the helpdesk is off, human support is off.
    fn default() -> Self {
        Self {
            helpdesk: false,
            human_support: HumanSupport {
                enabled: false,
                button_hidden: false,
                threshold: Threshold { count: ThresholdCount::AssistantReplies, at_least: 3 },
                button_text: Texts::of([("en", "Connect to Human Support"), ("de", "Mit einem Menschen sprechen"), ("ar", "التحدث مع الدعم البشري"), ("ja", "担当者につなぐ")]),
                transition_message: Texts::of([
                    ("en", "A team member will be with you shortly."),
                    ("de", "Jemand aus dem Team ist gleich bei Ihnen."),
                    ("ar", "سينضم إليك أحد أعضاء الفريق قريبًا."),
                    ("ja", "まもなく担当者が対応いたします。"),
                ]),
                confirmation_prompt: "The customer has asked for a human. Confirm in one or two short sentences, in the customer's language, that the team was told and that you go on helping until somebody is here. Promise no time.".to_owned(),
                waiting_label: Texts::of([("en", "Waiting for a team member"), ("de", "Warten auf das Team"), ("ar", "في انتظار أحد أعضاء الفريق"), ("ja", "担当者をお待ちください")]),
                connected_label: Texts::of([("en", "You are talking to {name}"), ("de", "Sie sprechen mit {name}"), ("ar", "أنت تتحدث مع {name}"), ("ja", "{name} が対応しています")]),
                auto_reply: Texts::of([
                    ("en", "Nobody is available right now. Please leave a message here; we will answer as soon as we can."),
                    ("de", "Gerade ist niemand erreichbar. Bitte hinterlassen Sie hier eine Nachricht; wir antworten so bald wie möglich."),
                    ("ar", "لا يوجد أحد متاح الآن. اترك رسالة هنا وسنرد عليك في أقرب وقت ممكن."),
                    ("ja", "ただいま対応できる担当者がおりません。メッセージを残していただければ、できるだけ早くご返信します。"),
                ]),
            },
            assign_to: AssignTo::Anyone,
            contact_message_after_resolve: AfterResolve::New,
            brand: Brand { name: "Support".to_owned(), color: "#0f766e".to_owned() },
            allowed_origins: Vec::new(),
            default_language: "en".to_owned(),
            identity: IdentitySettings { mode: IdentityMode::Open, sealed_secrets: Vec::new() },
            default_assistant: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_picked_by_tag_then_base_then_fallback() {
        let texts = Texts::of([("en", "hi"), ("de", "hallo"), ("pt-BR", "oi")]);
        assert_eq!(texts.pick(Some("pt-BR"), "de"), "oi");
        assert_eq!(texts.pick(Some("de-AT"), "en"), "hallo");
        assert_eq!(texts.pick(Some("fr"), "de"), "hallo");
        assert_eq!(texts.pick(None, "fr"), "hi");
        assert_eq!(Texts::default().pick(None, "en"), "");
    }

    #[test]
    fn the_library_default_is_off() {
        let settings = Settings::default();
        assert!(!settings.helpdesk && !settings.human_support.enabled);
        assert_eq!(settings.human_support.threshold.at_least, 3);
    }
}
