//! Help articles of the workspace.

use serde_json::json;

use super::{Change, Changed, Made, check_version, outcome_id};
use crate::engine::OperatorHandle;
use crate::engine::workspace::language_tag;
use crate::error::{Error, Refusal};
use crate::id::{ArticleId, Version};
use crate::model::text::{self, DOCUMENT_LIMIT};
use crate::model::{Article, Invalid, Record, RecordBody, RecordKey, RecordKind};

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

impl OperatorHandle {
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
    pub async fn create_article(&self, edit: ArticleEdit) -> Result<Made<Changed<Article>>, Error> {
        let operator = self.administrator().await?;
        let named = self.named(&json!(["article", edit.title, edit.body, edit.url, edit.language]).to_string());
        if let Some(outcome) = self.made_before(named.as_ref()).await? {
            let (id, _) = outcome_id(&outcome)?;
            return Ok(Made::before(self.article(ArticleId::from_uuid(id)).await?));
        }
        let inner = &self.desk().inner;
        let id = ArticleId::generate(&*inner.ids);
        let empty = Article { id, title: String::new(), body: String::new(), url: None, language: None, updated_at: inner.clock.now() };
        let edit = ArticleEdit { title: edit.title.or(Some(String::new())), body: edit.body.or(Some(String::new())), ..edit };
        let article = edited_article(empty, edit)?;
        let change = Change::new("article.created", json!({"title": article.title})).keeping(named.as_ref(), id.as_uuid().as_bytes());
        let version = self.put(&operator, Version::ZERO, RecordBody::Article(article.clone()), change).await?;
        Ok(Made::now(Changed { version, value: article }))
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
        let change = Change::new("article.updated", json!({"title": article.title}));
        let version = self.put(&operator, before.version, RecordBody::Article(article.clone()), change).await?;
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
        self.remove(&operator, key, before.version, Change::new("article.deleted", json!({"title": before.value.title}))).await
    }
}

fn as_article(record: Record) -> Option<Changed<Article>> {
    match record.body {
        RecordBody::Article(article) => Some(Changed { version: record.version, value: article }),
        _ => None,
    }
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
