//! Help articles: what assistants answer from.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::id::ArticleId;

/// A help article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    /// Its id.
    pub id: ArticleId,
    /// Its title, one line.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Where contacts can read it.
    pub url: Option<String>,
    /// Its language tag; none: any.
    pub language: Option<String>,
    /// When it was last changed.
    pub updated_at: Timestamp,
}
