//! Help articles.

use chrono::{DateTime, Utc};
use helpdesk_core::engine::ArticleEdit;
use helpdesk_core::model;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::extract::Number;

/// A help article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Article {
    /// Its id.
    pub(crate) id: Uuid,
    /// Its title, one line.
    pub(crate) title: String,
    /// Its text.
    pub(crate) body: String,
    /// Where contacts can read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    /// Its language tag; none: any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<String>,
    /// When it was last changed.
    pub(crate) updated_at: DateTime<Utc>,
    /// How often it was written; a change names the one it was made from.
    pub(crate) version: u64,
}

impl Article {
    /// The shape of an article that was written so often.
    pub(crate) fn of(article: &model::Article, version: u64) -> Self {
        Self {
            id: article.id.as_uuid(),
            title: article.title.clone(),
            body: article.body.clone(),
            url: article.url.clone(),
            language: article.language.clone(),
            updated_at: article.updated_at,
            version,
        }
    }
}

/// A help article to be added.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewArticle {
    /// Makes the request safe to repeat.
    #[schema(min_length = 1, max_length = 64)]
    pub(crate) client_id: Option<String>,
    /// Its title, one line.
    pub(crate) title: String,
    /// Its text.
    pub(crate) body: String,
    /// Where contacts can read it.
    pub(crate) url: Option<String>,
    /// Its language tag; none: any.
    pub(crate) language: Option<String>,
}

/// A change of an article: any subset.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ArticlePatch {
    /// The version that the change was made from; none: whatever it is now.
    pub(crate) version: Option<Number>,
    pub(crate) title: Option<String>,
    pub(crate) body: Option<String>,
    /// An empty text removes it.
    pub(crate) url: Option<String>,
    /// An empty text removes it.
    pub(crate) language: Option<String>,
}

impl From<NewArticle> for ArticleEdit {
    fn from(new: NewArticle) -> Self {
        Self { title: Some(new.title), body: Some(new.body), url: new.url, language: new.language }
    }
}

impl From<ArticlePatch> for ArticleEdit {
    fn from(patch: ArticlePatch) -> Self {
        Self { title: patch.title, body: patch.body, url: patch.url, language: patch.language }
    }
}
