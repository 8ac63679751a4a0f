//! Assistants of the workspace.

use serde_json::json;

use super::{Change, Changed, check_version, checked_texts, difference};
use crate::engine::OperatorHandle;
use crate::error::{Error, Refusal};
use crate::id::{AssistantId, Version};
use crate::model::text::{self, DOCUMENT_LIMIT};
use crate::model::{Assistant, Invalid, Priority, Record, RecordBody, RecordKey, RecordKind, Texts};

/// A change of an assistant; what is none stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AssistantEdit {
    /// Its name.
    pub name: Option<String>,
    /// Its driver.
    pub driver: Option<String>,
    /// What it is told about itself.
    pub prompt: Option<String>,
    /// When to escalate.
    pub guidance: Option<String>,
    /// Whether it may.
    pub handover: Option<bool>,
    /// The priority of its tickets.
    pub default_priority: Option<Priority>,
    /// Shown before the first message.
    pub greeting: Option<Texts>,
    /// Said when no article fits.
    pub unknown_text: Option<Texts>,
    /// Said when a human was asked for.
    pub confirmation_text: Option<Texts>,
}

impl OperatorHandle {
    /// The assistants by rising id, behind `after`.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn assistants(&self, after: Option<AssistantId>, limit: u32) -> Result<Vec<Changed<Assistant>>, Error> {
        self.me().await?;
        let records = self.list(RecordKind::Assistant, after.map(|id| id.as_uuid()), limit).await?;
        Ok(records.into_iter().filter_map(as_assistant).collect())
    }

    /// An assistant.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn assistant(&self, id: AssistantId) -> Result<Changed<Assistant>, Error> {
        self.me().await?;
        let (version, body) = self.load(RecordKey::new(RecordKind::Assistant, id.as_uuid())).await?;
        as_assistant(Record { version, body }).ok_or_else(|| Refusal::NotFound.into())
    }

    /// Changes an assistant.
    ///
    /// # Errors
    /// [`Refusal::VersionConflict`]; [`Refusal::Invalid`] naming the field.
    pub async fn update_assistant(
        &self,
        id: AssistantId,
        version: Option<Version>,
        edit: AssistantEdit,
    ) -> Result<Changed<Assistant>, Error> {
        let operator = self.administrator().await?;
        let before = self.assistant(id).await?;
        check_version(version, before.version)?;
        let default_language = self.settings().await?.value.default_language;
        let after = edited_assistant(before.value.clone(), edit, &default_language)?;
        if !self.desk().inner.responders.contains_key(&after.driver) {
            let known: Vec<_> = self.desk().inner.responders.keys().map(String::as_str).collect();
            return Err(Invalid::new("driver", format!("is not registered; known are {}", known.join(", "))).into());
        }
        let detail = difference(&json!(before.value), &json!(after));
        let body = RecordBody::Assistant(Box::new(after.clone()));
        let version = self.put(&operator, before.version, body, Change::new("assistant.updated", detail)).await?;
        Ok(Changed { version, value: after })
    }
}

fn as_assistant(record: Record) -> Option<Changed<Assistant>> {
    match record.body {
        RecordBody::Assistant(assistant) => Some(Changed { version: record.version, value: *assistant }),
        _ => None,
    }
}

fn edited_assistant(mut assistant: Assistant, edit: AssistantEdit, default_language: &str) -> Result<Assistant, Invalid> {
    if let Some(name) = edit.name {
        assistant.name = text::line("name", &name)?;
    }
    if let Some(prompt) = edit.prompt {
        assistant.prompt = text::optional_block("prompt", &prompt, DOCUMENT_LIMIT)?;
    }
    if let Some(guidance) = edit.guidance {
        assistant.guidance = text::optional_block("guidance", &guidance, DOCUMENT_LIMIT)?;
    }
    for (field, new, place) in [
        ("greeting", edit.greeting, &mut assistant.greeting),
        ("unknown_text", edit.unknown_text, &mut assistant.unknown_text),
        ("confirmation_text", edit.confirmation_text, &mut assistant.confirmation_text),
    ] {
        if let Some(texts) = new {
            *place = checked_texts(field, texts, default_language)?;
        }
    }
    if let Some(driver) = edit.driver {
        assistant.driver = text::line("driver", &driver)?;
    }
    assistant.handover = edit.handover.unwrap_or(assistant.handover);
    assistant.default_priority = edit.default_priority.unwrap_or(assistant.default_priority);
    Ok(assistant)
}
