//! What owners and managers change: settings, assistants, articles, tokens. Every change is audited in its own commit.

use serde_json::{Value, json};

use super::OperatorHandle;
use super::token::{mint, mint_identity_secret};
use super::workspace::language_tag;
use crate::error::{Error, Refusal};
use crate::id::{ArticleId, AssistantId, AuditId, CommitId, TokenId, Version};
use crate::model::text::{self, DOCUMENT_LIMIT};
use crate::model::{
    AfterResolve, ApiToken, Article, AssignTo, Assistant, Audit, AuditActor, Availability, Brand, IdentityMode, Invalid, Operator, Priority,
    Record, RecordBody, RecordKey, RecordKind, Settings, Texts, Threshold,
};
use crate::store::{Commit, Guard, Key, Outcome, Write};

/// The longest text of a label, button or message of the settings, in characters.
const LABEL_LIMIT: usize = 1_000;
/// Languages a text may come in.
const LANGUAGE_LIMIT: usize = 50;
/// API tokens a workspace may have.
const TOKEN_LIMIT: u32 = 100;
/// Secrets that are valid at a time: the newest and the one before.
const IDENTITY_SECRETS: usize = 2;

/// A value with the version by which it is changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed<T> {
    /// The version.
    pub version: Version,
    /// The value.
    pub value: T,
}

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

/// A new or changed article; what is none stays, and is empty in a new one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ArticleEdit {
    /// Its title.
    pub title: Option<String>,
    /// Its text.
    pub body: Option<String>,
    /// Where contacts read it; an empty text removes it.
    pub url: Option<String>,
    /// Its language; an empty text removes it.
    pub language: Option<String>,
}

/// A new API token.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What is kept of it.
    pub token: ApiToken,
    /// The token itself, which is never shown again.
    pub secret: String,
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
            self.workspace.find_assistant(assistant).await.map_err(|_| Invalid::new("default_assistant", "is no assistant of this workspace"))?;
        }
        let detail = difference(&public_settings(&before.value), &public_settings(&settings));
        let body = RecordBody::Settings(Box::new(settings.clone()));
        let version = self.put(&operator, before.version, body, "settings.updated", detail).await?;
        Ok(Changed { version, value: settings })
    }

    /// Makes a new secret for signing identities and returns it; the one before stays valid until the next time.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`].
    pub async fn rotate_identity_secret(&self) -> Result<String, Error> {
        let operator = self.administrator().await?;
        let before = self.settings().await?;
        let secret = mint_identity_secret();
        let mut settings = before.value;
        settings.identity.sealed_secrets.insert(0, self.desk().inner.keys.seal(&secret));
        settings.identity.sealed_secrets.truncate(IDENTITY_SECRETS);
        let body = RecordBody::Settings(Box::new(settings));
        self.put(&operator, before.version, body, "settings.identity_secret_rotated", Value::Null).await?;
        Ok(secret)
    }

    /// Changes one's own name or availability.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming the field.
    pub async fn update_me(&self, name: Option<&str>, availability: Option<Availability>) -> Result<Operator, Error> {
        let name = name.map(|name| text::line("name", name)).transpose()?;
        for _ in 0..8 {
            let me = self.me().await?;
            let (version, _) = self.load(RecordKey::new(RecordKind::Operator, me.id.as_uuid())).await?;
            let changed = Operator {
                name: name.clone().unwrap_or_else(|| me.name.clone()),
                availability: availability.unwrap_or(me.availability),
                ..me.clone()
            };
            let detail = difference(&json!(me), &json!(changed));
            match self.put(&me, version, RecordBody::Operator(changed.clone()), "operator.updated", detail).await {
                Err(Error::Refused(Refusal::VersionConflict { .. })) => {}
                other => return other.map(|_| changed),
            }
        }
        Err(Error::Busy)
    }

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
    pub async fn update_assistant(&self, id: AssistantId, version: Option<Version>, edit: AssistantEdit) -> Result<Changed<Assistant>, Error> {
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
        let version = self.put(&operator, before.version, body, "assistant.updated", detail).await?;
        Ok(Changed { version, value: after })
    }

    /// The articles by rising id, behind `after`.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn articles(&self, after: Option<ArticleId>, limit: u32) -> Result<Vec<Changed<Article>>, Error> {
        self.me().await?;
        let records = self.list(RecordKind::Article, after.map(|id| id.as_uuid()), limit).await?;
        Ok(records.into_iter().filter_map(as_article).collect())
    }

    /// An article.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn article(&self, id: ArticleId) -> Result<Changed<Article>, Error> {
        self.me().await?;
        let (version, body) = self.load(RecordKey::new(RecordKind::Article, id.as_uuid())).await?;
        as_article(Record { version, body }).ok_or_else(|| Refusal::NotFound.into())
    }

    /// Adds an article.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming the field.
    pub async fn create_article(&self, edit: ArticleEdit) -> Result<Changed<Article>, Error> {
        let operator = self.administrator().await?;
        let inner = &self.desk().inner;
        let id = ArticleId::generate(&*inner.ids);
        let empty = Article { id, title: String::new(), body: String::new(), url: None, language: None, updated_at: inner.clock.now() };
        let edit = ArticleEdit { title: edit.title.or(Some(String::new())), body: edit.body.or(Some(String::new())), ..edit };
        let article = edited_article(empty, edit)?;
        let version = self.put(&operator, Version::ZERO, RecordBody::Article(article.clone()), "article.created", json!({"title": article.title})).await?;
        Ok(Changed { version, value: article })
    }

    /// Changes an article.
    ///
    /// # Errors
    /// [`Refusal::VersionConflict`]; [`Refusal::Invalid`] naming the field.
    pub async fn update_article(&self, id: ArticleId, version: Option<Version>, edit: ArticleEdit) -> Result<Changed<Article>, Error> {
        let operator = self.administrator().await?;
        let before = self.article(id).await?;
        check_version(version, before.version)?;
        let mut article = edited_article(before.value.clone(), edit)?;
        article.updated_at = self.desk().inner.clock.now();
        let detail = json!({"title": article.title});
        let version = self.put(&operator, before.version, RecordBody::Article(article.clone()), "article.updated", detail).await?;
        Ok(Changed { version, value: article })
    }

    /// Removes an article.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn delete_article(&self, id: ArticleId) -> Result<(), Error> {
        let operator = self.administrator().await?;
        let before = self.article(id).await?;
        let key = RecordKey::new(RecordKind::Article, id.as_uuid());
        self.remove(&operator, key, before.version, "article.deleted", json!({"title": before.value.title})).await
    }

    /// The API tokens, without their secrets.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`].
    pub async fn tokens(&self) -> Result<Vec<ApiToken>, Error> {
        self.administrator().await?;
        let records = self.list(RecordKind::Token, None, TOKEN_LIMIT).await?;
        Ok(records.into_iter().filter_map(|record| if let RecordBody::Token(token) = record.body { Some(token) } else { None }).collect())
    }

    /// Makes an API token that acts as this operator.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming the field.
    pub async fn create_token(&self, name: &str) -> Result<NewToken, Error> {
        let operator = self.administrator().await?;
        let name = text::line("name", name)?;
        if self.tokens().await?.len() >= TOKEN_LIMIT as usize {
            return Err(Invalid::new("name", format!("a workspace may have {TOKEN_LIMIT} tokens; delete one first")).into());
        }
        let inner = &self.desk().inner;
        let id = TokenId::generate(&*inner.ids);
        let minted = mint(self.workspace.id, id);
        let token = ApiToken {
            id,
            name,
            operator: operator.id,
            secret_hash: minted.secret_hash,
            last_four: minted.last_four,
            created_at: inner.clock.now(),
        };
        self.put(&operator, Version::ZERO, RecordBody::Token(token.clone()), "token.created", json!({"name": token.name})).await?;
        Ok(NewToken { token, secret: minted.text })
    }

    /// Removes an API token; it is worth nothing from then on.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn delete_token(&self, id: TokenId) -> Result<(), Error> {
        let operator = self.administrator().await?;
        let key = RecordKey::new(RecordKind::Token, id.as_uuid());
        let (version, body) = self.load(key).await?;
        let name = if let RecordBody::Token(token) = body { token.name } else { String::new() };
        self.remove(&operator, key, version, "token.deleted", json!({"name": name})).await
    }

    /// The audit log, newest first, below `before`.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`].
    pub async fn audit(&self, before: Option<AuditId>, limit: u32) -> Result<Vec<Audit>, Error> {
        self.administrator().await?;
        Ok(self.desk().inner.store.audit(self.workspace.id, before, limit).await?)
    }

    async fn load(&self, key: RecordKey) -> Result<(Version, RecordBody), Error> {
        let record = self.desk().inner.store.record(self.workspace.id, key).await?.ok_or(Refusal::NotFound)?;
        Ok((record.version, record.body))
    }

    async fn list(&self, kind: RecordKind, after: Option<uuid::Uuid>, limit: u32) -> Result<Vec<Record>, Error> {
        Ok(self.desk().inner.store.records(self.workspace.id, kind, after, limit).await?)
    }

    async fn put(&self, operator: &Operator, before: Version, body: RecordBody, action: &str, detail: Value) -> Result<Version, Error> {
        let record = Record { version: before.next(), body };
        let key = record.body.key();
        let write = Write::Record(Box::new(record));
        self.write(operator, key, before, write, action, detail).await?;
        Ok(before.next())
    }

    async fn remove(&self, operator: &Operator, key: RecordKey, before: Version, action: &str, detail: Value) -> Result<(), Error> {
        self.write(operator, key, before, Write::DeleteRecord(key), action, detail).await
    }

    async fn write(&self, operator: &Operator, key: RecordKey, before: Version, write: Write, action: &str, detail: Value) -> Result<(), Error> {
        let inner = &self.desk().inner;
        let audit = Audit {
            id: AuditId::generate(&*inner.ids),
            at: inner.clock.now(),
            actor: AuditActor::Operator(operator.reference()),
            action: action.to_owned(),
            subject: subject(key),
            detail,
        };
        let mut commit = Commit::new(CommitId::generate(&*inner.ids), self.workspace.id);
        commit.guards.push(Guard { key: Key::Record(key), version: before });
        commit.writes.extend([write, Write::Audit(Box::new(audit))]);
        match inner.store.commit(commit).await? {
            Outcome::Committed(committed) => {
                if key.kind == RecordKind::Article {
                    inner.articles.forget(self.workspace.id);
                }
                self.desk().tell_records(self.workspace.id, &committed).await;
                Ok(())
            }
            Outcome::Conflict(now) => {
                let current = now.first().map_or(0, |(_, version)| version.0);
                Err(Refusal::VersionConflict { current }.into())
            }
            Outcome::Already(_) | Outcome::Refused | Outcome::LeaseLost | Outcome::Taken(_) => Err(Error::Busy),
        }
    }
}

fn subject(key: RecordKey) -> String {
    if key.id.is_nil() { key.kind.as_str().to_owned() } else { format!("{}:{}", key.kind.as_str(), key.id.hyphenated()) }
}

fn as_assistant(record: Record) -> Option<Changed<Assistant>> {
    match record.body {
        RecordBody::Assistant(assistant) => Some(Changed { version: record.version, value: *assistant }),
        _ => None,
    }
}

fn as_article(record: Record) -> Option<Changed<Article>> {
    match record.body {
        RecordBody::Article(article) => Some(Changed { version: record.version, value: article }),
        _ => None,
    }
}

fn check_version(given: Option<Version>, current: Version) -> Result<(), Refusal> {
    match given {
        Some(given) if given != current => Err(Refusal::VersionConflict { current: current.0 }),
        _ => Ok(()),
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

/// The fields that differ: `{"field": {"from": .., "to": ..}}`, nested fields with dots.
fn difference(before: &Value, after: &Value) -> Value {
    fn walk(path: &str, before: &Value, after: &Value, found: &mut serde_json::Map<String, Value>) {
        match (before, after) {
            (Value::Object(old), Value::Object(new)) => {
                for key in old.keys().chain(new.keys().filter(|key| !old.contains_key(*key))) {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    walk(&path, old.get(key).unwrap_or(&Value::Null), new.get(key).unwrap_or(&Value::Null), found);
                }
            }
            _ if before == after => {}
            _ => {
                found.insert(path.to_owned(), json!({"from": before, "to": after}));
            }
        }
    }
    let mut found = serde_json::Map::new();
    walk("", before, after, &mut found);
    Value::Object(found)
}

fn checked_texts(field: &str, texts: Texts, default_language: &str) -> Result<Texts, Invalid> {
    if texts.0.len() > LANGUAGE_LIMIT {
        return Err(Invalid::new(field, format!("has too many languages: at most {LANGUAGE_LIMIT}")));
    }
    if !texts.0.contains_key(default_language) {
        return Err(Invalid::new(field, format!("needs a text in the default language, {default_language:?}")));
    }
    let checked = texts.0.into_iter().map(|(tag, value)| {
        let field = format!("{field}.{}", text::preview(&tag, 40));
        Ok((language_tag(&field, &tag)?, text::block(&field, &value, LABEL_LIMIT)?))
    });
    Ok(Texts(checked.collect::<Result<_, Invalid>>()?))
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

fn edited_article(mut article: Article, edit: ArticleEdit) -> Result<Article, Invalid> {
    if let Some(title) = edit.title {
        article.title = text::line("title", &title)?;
    }
    if let Some(body) = edit.body {
        article.body = text::block("body", &body, DOCUMENT_LIMIT)?;
    }
    match edit.url.as_deref() {
        None => {}
        Some("") => article.url = None,
        Some(url) => {
            let url = text::block("url", url, 2_000)?;
            if !url::Url::parse(&url).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
                return Err(Invalid::new("url", "must be an absolute http or https address"));
            }
            article.url = Some(url);
        }
    }
    match edit.language.as_deref() {
        None => {}
        Some("") => article.language = None,
        Some(tag) => article.language = Some(language_tag("language", tag)?),
    }
    Ok(article)
}
