//! The help articles of each workspace, indexed and kept for a short while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Helpdesk;
use crate::error::Error;
use crate::id::WorkspaceId;
use crate::model::{Article, RecordBody, RecordKind};
use crate::retrieval::ArticleIndex;

/// How long an index is used before the articles are read again: other nodes may have changed them.
const KEPT: Duration = Duration::from_secs(5);
/// Articles read at once.
const PAGE: u32 = 200;
/// Articles indexed at most.
const ARTICLE_LIMIT: usize = 10_000;

/// The indexes of this node.
#[derive(Debug, Default)]
pub(crate) struct ArticleCache {
    indexes: Mutex<HashMap<WorkspaceId, (Instant, Arc<ArticleIndex>)>>,
}

impl ArticleCache {
    fn get(&self, workspace: WorkspaceId) -> Option<Arc<ArticleIndex>> {
        let indexes = self.indexes.lock().unwrap_or_else(PoisonError::into_inner);
        indexes.get(&workspace).filter(|(made, _)| made.elapsed() < KEPT).map(|(_, index)| index.clone())
    }

    fn put(&self, workspace: WorkspaceId, index: Arc<ArticleIndex>) {
        self.indexes.lock().unwrap_or_else(PoisonError::into_inner).insert(workspace, (Instant::now(), index));
    }

    /// Articles changed: read them again at the next question.
    pub(super) fn forget(&self, workspace: WorkspaceId) {
        self.indexes.lock().unwrap_or_else(PoisonError::into_inner).remove(&workspace);
    }
}

impl Helpdesk {
    pub(super) async fn article_index(&self, workspace: WorkspaceId) -> Result<Arc<ArticleIndex>, Error> {
        if let Some(index) = self.inner.articles.get(workspace) {
            return Ok(index);
        }
        let mut articles: Vec<Article> = Vec::new();
        let mut after = None;
        loop {
            let page = self.inner.store.records(workspace, RecordKind::Article, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.body.key().id);
            articles.extend(page.into_iter().filter_map(|record| match record.body {
                RecordBody::Article(article) => Some(article),
                _ => None,
            }));
            if articles.len() >= ARTICLE_LIMIT {
                tracing::warn!(%workspace, "more than {ARTICLE_LIMIT} articles: the assistant knows only the oldest");
                break;
            }
        }
        let index = Arc::new(ArticleIndex::new(&articles));
        self.inner.articles.put(workspace, index.clone());
        Ok(index)
    }
}
