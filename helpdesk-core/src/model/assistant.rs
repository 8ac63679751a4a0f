//! Assistants: the AI side of a workspace.

use serde::{Deserialize, Serialize};

use super::{AssistantRef, Priority, Texts};
use crate::id::{AccountId, AssistantId};

/// An assistant and how it behaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assistant {
    /// Its id.
    pub id: AssistantId,
    /// Its name, shown to contacts.
    pub name: String,
    /// The driver that answers for it, by name, such as `retrieval` or `openai`.
    pub driver: String,
    /// The account of that driver; none: the driver's fixed configuration.
    pub account: Option<AccountId>,
    /// What it is told about itself and the company.
    pub prompt: String,
    /// When to escalate to a human.
    pub guidance: String,
    /// Whether it may escalate at all.
    pub handover: bool,
    /// The priority of tickets that come from it.
    pub default_priority: Priority,
    /// What the widget shows before the first message.
    pub greeting: Texts,
    /// What the keyless assistant says when no article fits.
    pub unknown_text: Texts,
    /// What the keyless assistant says when a human was asked for.
    pub confirmation_text: Texts,
}

impl Assistant {
    /// How entries and rows remember it.
    #[must_use]
    pub fn reference(&self) -> AssistantRef {
        AssistantRef { id: self.id, name: self.name.clone() }
    }

    /// An assistant of this driver with the default texts.
    #[must_use]
    pub fn new(id: AssistantId, name: impl Into<String>, driver: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            driver: driver.into(),
            account: None,
            prompt: "You are the support assistant of this product. Answer briefly and kindly, in the language of the customer, and only from the help articles you are given.".to_owned(),
            guidance: "Escalate when the customer asks for a human, is upset, or needs something done that you cannot do.".to_owned(),
            handover: true,
            default_priority: Priority::Normal,
            greeting: Texts::of([("en", "Hello! How can we help?"), ("de", "Hallo! Wie können wir helfen?"), ("ar", "مرحبًا! كيف يمكننا المساعدة؟"), ("ja", "こんにちは。ご用件をどうぞ。")]),
            unknown_text: Texts::of([
                ("en", "I don't know the answer to that. Could you put it differently, or ask for a human?"),
                ("de", "Darauf weiß ich keine Antwort. Können Sie es anders sagen oder nach einem Menschen fragen?"),
                ("ar", "لا أعرف الإجابة عن ذلك. هل يمكنك صياغتها بطريقة أخرى أو طلب التحدث مع شخص؟"),
                ("ja", "それについては分かりません。別の言い方をしていただくか、担当者をお呼びください。"),
            ]),
            confirmation_text: Texts::of([
                ("en", "I have let the team know. Until somebody is here, I'm glad to go on helping."),
                ("de", "Ich habe dem Team Bescheid gegeben. Bis jemand da ist, helfe ich gern weiter."),
                ("ar", "لقد أخبرتُ الفريق. يسعدني أن أواصل المساعدة إلى أن ينضم أحدهم."),
                ("ja", "チームに知らせました。担当者が来るまで、引き続きお手伝いします。"),
            ]),
        }
    }
}
