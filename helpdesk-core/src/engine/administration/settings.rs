//! The settings of the workspace.

use serde_json::{Value, json};

use super::{Change, Changed, Made, check_version, checked_texts, difference};
use crate::engine::OperatorHandle;
use crate::engine::client_id::unreadable;
use crate::engine::token::mint_identity_secret;
use crate::engine::workspace::language_tag;
use crate::error::{Error, Refusal};
use crate::id::{AssistantId, Version};
use crate::model::text::{self, DOCUMENT_LIMIT};
use crate::model::{AfterResolve, AssignTo, Brand, IdentityMode, Invalid, RecordBody, RecordKey, Settings, Texts, Threshold};

/// Secrets that are valid at a time: the newest and the one before.
const IDENTITY_SECRETS: usize = 2;

/// A change of the human support settings; what is none stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HumanSupportEdit {
    /// On or off.
    pub enabled: Option<bool>,
    /// Hides the button.
    pub button_hidden: Option<bool>,
    /// When the button shows.
    pub threshold: Option<Threshold>,
    /// The button's text.
    pub button_text: Option<Texts>,
    /// The divider.
    pub transition_message: Option<Texts>,
    /// The assistant's instruction.
    pub confirmation_prompt: Option<String>,
    /// Shown while waiting.
    pub waiting_label: Option<Texts>,
    /// Shown when connected.
    pub connected_label: Option<Texts>,
    /// Said when nobody is available.
    pub auto_reply: Option<Texts>,
}

/// A change of the settings; what is none stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SettingsEdit {
    /// On or off.
    pub helpdesk: Option<bool>,
    /// Human support.
    pub human_support: HumanSupportEdit,
    /// To whom operators may assign.
    pub assign_to: Option<AssignTo>,
    /// What a contact's message to a resolved conversation does.
    pub contact_message_after_resolve: Option<AfterResolve>,
    /// The name in the widget's header.
    pub brand_name: Option<String>,
    /// The widget's colour, `#rrggbb`.
    pub brand_color: Option<String>,
    /// Origins of pages that may hold the widget.
    pub allowed_origins: Option<Vec<String>>,
    /// The language of texts when the contact's has none.
    pub default_language: Option<String>,
    /// Who may chat.
    pub identity_mode: Option<IdentityMode>,
    /// The assistant of conversations that name none.
    pub default_assistant: Option<AssistantId>,
}

impl OperatorHandle {
    /// The settings.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn settings(&self) -> Result<Changed<Settings>, Error> {
        self.me().await?;
        let (version, body) = self.load(RecordKey::SETTINGS).await?;
        match body {
            RecordBody::Settings(settings) => Ok(Changed { version, value: *settings }),
            _ => Err(Refusal::NotFound.into()),
        }
    }

    /// Changes the settings.
    ///
    /// # Errors
    /// [`Refusal::VersionConflict`] if `version` is not the one they have; [`Refusal::Invalid`] naming the field.
    pub async fn update_settings(&self, version: Option<Version>, edit: SettingsEdit) -> Result<Changed<Settings>, Error> {
        let operator = self.administrator().await?;
        let before = self.settings().await?;
        check_version(version, before.version)?;
        let settings = edited_settings(before.value.clone(), edit)?;
        if let Some(assistant) = settings.default_assistant {
            self.workspace
                .find_assistant(assistant)
                .await
                .map_err(|_| Invalid::new("default_assistant", "is no assistant of this workspace"))?;
        }
        let detail = difference(&public_settings(&before.value), &public_settings(&settings));
        let body = RecordBody::Settings(Box::new(settings.clone()));
        let version = self.put(&operator, before.version, body, Change::new("settings.updated", detail)).await?;
        Ok(Changed { version, value: settings })
    }

    /// Makes a new secret for signing identities and returns it; the one before stays valid until the next time.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`].
    pub async fn rotate_identity_secret(&self) -> Result<Made<String>, Error> {
        let operator = self.administrator().await?;
        let keys = &self.desk().inner.keys;
        let named = self.named("identity-secret");
        if let Some(outcome) = self.made_before(named.as_ref()).await? {
            let secret = std::str::from_utf8(&outcome).ok().and_then(|sealed| keys.unseal(sealed));
            return secret.map(Made::before).ok_or_else(|| unreadable("an identity secret, sealed with another key"));
        }
        let before = self.settings().await?;
        let secret = mint_identity_secret();
        let sealed = keys.seal(&secret);
        let change = Change::new("settings.identity_secret_rotated", Value::Null).keeping(named.as_ref(), sealed.as_bytes());
        let mut settings = before.value;
        settings.identity.sealed_secrets.insert(0, sealed);
        settings.identity.sealed_secrets.truncate(IDENTITY_SECRETS);
        self.put(&operator, before.version, RecordBody::Settings(Box::new(settings)), change).await?;
        Ok(Made::now(secret))
    }
}

/// The settings without secrets, for the audit log.
fn public_settings(settings: &Settings) -> Value {
    let mut value = json!(settings);
    if let Some(identity) = value.get_mut("identity").and_then(Value::as_object_mut) {
        identity.remove("sealed_secrets");
    }
    value
}

fn edited_settings(mut settings: Settings, edit: SettingsEdit) -> Result<Settings, Invalid> {
    if let Some(language) = edit.default_language {
        settings.default_language = language_tag("default_language", &language)?;
    }
    let default_language = settings.default_language.clone();
    let human = &mut settings.human_support;
    let asked = edit.human_support;
    let texts = [
        ("button_text", asked.button_text, &mut human.button_text),
        ("transition_message", asked.transition_message, &mut human.transition_message),
        ("waiting_label", asked.waiting_label, &mut human.waiting_label),
        ("connected_label", asked.connected_label, &mut human.connected_label),
        ("auto_reply", asked.auto_reply, &mut human.auto_reply),
    ];
    for (field, new, place) in texts {
        let field = format!("human_support.{field}");
        // Texts that stay are checked too: the default language may have changed.
        *place = checked_texts(&field, new.unwrap_or_else(|| place.clone()), &default_language)?;
    }
    if let Some(prompt) = asked.confirmation_prompt {
        human.confirmation_prompt = text::block("human_support.confirmation_prompt", &prompt, DOCUMENT_LIMIT)?;
    }
    if let Some(threshold) = asked.threshold {
        if threshold.at_least > 1_000 {
            return Err(Invalid::new("human_support.threshold.at_least", "must be at most 1000"));
        }
        human.threshold = threshold;
    }
    human.enabled = asked.enabled.unwrap_or(human.enabled);
    human.button_hidden = asked.button_hidden.unwrap_or(human.button_hidden);
    settings.helpdesk = edit.helpdesk.unwrap_or(settings.helpdesk);
    settings.assign_to = edit.assign_to.unwrap_or(settings.assign_to);
    settings.contact_message_after_resolve = edit.contact_message_after_resolve.unwrap_or(settings.contact_message_after_resolve);
    settings.brand = edited_brand(settings.brand, edit.brand_name, edit.brand_color)?;
    if let Some(origins) = edit.allowed_origins {
        settings.allowed_origins = checked_origins(&origins)?;
    }
    settings.identity.mode = edit.identity_mode.unwrap_or(settings.identity.mode);
    if settings.identity.mode == IdentityMode::VerifiedOnly && settings.identity.sealed_secrets.is_empty() {
        return Err(Invalid::new("identity.mode", "needs a signing secret first: make one with POST settings/identity-secret"));
    }
    settings.default_assistant = edit.default_assistant.or(settings.default_assistant);
    Ok(settings)
}

fn edited_brand(brand: Brand, name: Option<String>, color: Option<String>) -> Result<Brand, Invalid> {
    let name = name.map_or(Ok(brand.name), |name| text::line("brand.name", &name))?;
    let color = color.unwrap_or(brand.color);
    let valid = color.len() == 7 && color.starts_with('#') && color.bytes().skip(1).all(|byte| byte.is_ascii_hexdigit());
    if valid { Ok(Brand { name, color }) } else { Err(Invalid::new("brand.color", "must be a colour such as #0f766e")) }
}

fn checked_origins(origins: &[String]) -> Result<Vec<String>, Invalid> {
    if origins.len() > 100 {
        return Err(Invalid::new("allowed_origins", "has too many entries: at most 100"));
    }
    let check = |(index, origin): (usize, &String)| {
        let field = format!("allowed_origins.{index}");
        let fault = || Invalid::new(&field, "must be an origin such as https://shop.example, without a path");
        let url = url::Url::parse(origin).map_err(|_| fault())?;
        let bare = matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if bare && url.username().is_empty() { Ok(url.origin().ascii_serialization()) } else { Err(fault()) }
    };
    origins.iter().enumerate().map(check).collect()
}
