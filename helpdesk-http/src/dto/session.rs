//! What a widget starts with, and what it keeps when the server keeps nothing.

use chrono::{DateTime, Utc};
use helpdesk_core::engine;
use helpdesk_core::model;
use helpdesk_core::model::text::MESSAGE_LIMIT;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Named;
use super::settings::Brand;

/// The version of the protocol that this server speaks.
pub(crate) const PROTOCOL: u32 = 1;

/// How the widget looks and what it says, in the visitor's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct WidgetSettings {
    /// Off: nothing is stored, and the widget keeps the transcript itself.
    pub(crate) helpdesk: bool,
    /// Whether a human can be asked for.
    pub(crate) human_support: bool,
    /// The text of the button that asks for a human.
    pub(crate) button_text: String,
    /// Shown while the contact waits for a human.
    pub(crate) waiting_label: String,
    /// Shown once an operator answers; contains `{name}`.
    pub(crate) connected_label: String,
    /// Shown before the first message.
    pub(crate) greeting: String,
    /// The assistant that answers.
    pub(crate) assistant: Named,
    /// How the widget looks.
    pub(crate) brand: Brand,
    /// The language tag of the texts that were asked for.
    pub(crate) language: String,
    /// The longest message, in Unicode scalar values.
    pub(crate) text_limit: usize,
    /// The version of the protocol.
    pub(crate) protocol: u32,
}

impl WidgetSettings {
    /// The settings as a visitor of this language gets them.
    pub(crate) fn of(settings: &model::Settings, assistant: &model::Assistant, language: Option<&str>) -> Self {
        let pick = |texts: &model::Texts| texts.pick(language, &settings.default_language).to_owned();
        let human_support = &settings.human_support;
        Self {
            helpdesk: settings.helpdesk,
            human_support: settings.helpdesk && human_support.enabled,
            button_text: pick(&human_support.button_text),
            waiting_label: pick(&human_support.waiting_label),
            connected_label: pick(&human_support.connected_label),
            greeting: pick(&assistant.greeting),
            assistant: assistant.reference().into(),
            brand: (&settings.brand).into(),
            language: language.unwrap_or(&settings.default_language).to_owned(),
            text_limit: MESSAGE_LIMIT,
            protocol: PROTOCOL,
        }
    }
}

/// Who said an entry of a transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SignedAuthor {
    Contact,
    Assistant,
}

/// An entry of a transcript that the client keeps, helpdesk off. Send it back as it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignedEntry {
    /// Its place, from 1.
    pub(crate) position: u64,
    /// Who said it.
    pub(crate) author: SignedAuthor,
    /// What was said.
    pub(crate) text: String,
    /// When.
    pub(crate) at: DateTime<Utc>,
    /// Proof of all of this.
    pub(crate) signature: String,
}

impl From<SignedEntry> for engine::SignedEntry {
    fn from(entry: SignedEntry) -> Self {
        let author = match entry.author {
            SignedAuthor::Contact => engine::SignedSpeaker::Contact,
            SignedAuthor::Assistant => engine::SignedSpeaker::Assistant,
        };
        Self { position: entry.position, author, text: entry.text, at: entry.at, signature: entry.signature }
    }
}

impl From<engine::SignedEntry> for SignedEntry {
    fn from(entry: engine::SignedEntry) -> Self {
        let author = match entry.author {
            engine::SignedSpeaker::Contact => SignedAuthor::Contact,
            engine::SignedSpeaker::Assistant => SignedAuthor::Assistant,
        };
        Self { position: entry.position, author, text: entry.text, at: entry.at, signature: entry.signature }
    }
}
