//! Help articles.

use axum::Json as Reply;
use axum::http::StatusCode;
use axum::response::Response;
use helpdesk_core::id::{ArticleId, Version};

use crate::auth::Caller;
use crate::cursor::{self, IdCursor, by_id};
use crate::dto::{Article, ArticlePatch, NewArticle, Page};
use crate::extract::{Json, Paging, PathId, Query};
use crate::problem::Problem;
use crate::reply::{Answer, created};

/// The articles.
#[utoipa::path(get, path = "/api/v1/articles", tag = "settings", params(Paging), responses((status = 200, description = "A page", body = Page<Article>)))]
pub(crate) async fn list(caller: Caller, Query(query): Query<Paging>) -> Answer<Page<Article>> {
    let after = cursor::decode::<IdCursor>(query.cursor.as_deref())?.map(|cursor| ArticleId::from_uuid(cursor.0));
    let articles = caller.handle.articles(after, query.limit.0).await?;
    Ok(Reply(by_id(articles, query.limit, |it| it.value.id.as_uuid(), |it| Article::of(&it.value, it.version.0))))
}

/// Adds an article.
#[utoipa::path(post, path = "/api/v1/articles", tag = "settings", request_body = NewArticle,
    responses(
    (status = 201, description = "The article", body = Article),
    (status = 200, description = "Was made before, with this `client_id`", body = Article),
))]
pub(crate) async fn create(caller: Caller, Json(body): Json<NewArticle>) -> Result<Response, Problem> {
    let named = caller.handle.with_client_id(body.client_id.as_deref())?;
    let made = named.create_article(body.into()).await?;
    Ok(created(Article::of(&made.value.value, made.value.version.0), made.replayed))
}

/// An article.
#[utoipa::path(get, path = "/api/v1/articles/{id}", tag = "settings", params(("id" = Uuid, Path, description = "The article")),
    responses((status = 200, description = "The article", body = Article)))]
pub(crate) async fn show(caller: Caller, PathId(id): PathId<ArticleId>) -> Answer<Article> {
    let article = caller.handle.article(id).await?;
    Ok(Reply(Article::of(&article.value, article.version.0)))
}

/// Changes an article: any subset of its fields.
#[utoipa::path(patch, path = "/api/v1/articles/{id}", tag = "settings", request_body = ArticlePatch,
    params(("id" = Uuid, Path, description = "The article")),
    responses((status = 200, description = "The article", body = Article)))]
pub(crate) async fn update(caller: Caller, PathId(id): PathId<ArticleId>, Json(body): Json<ArticlePatch>) -> Answer<Article> {
    let version = body.version.map(|version| Version(version.0));
    let article = caller.handle.update_article(id, version, body.into()).await?;
    Ok(Reply(Article::of(&article.value, article.version.0)))
}

/// Removes an article.
#[utoipa::path(delete, path = "/api/v1/articles/{id}", tag = "settings", params(("id" = Uuid, Path, description = "The article")),
    responses((status = 204, description = "Removed")))]
pub(crate) async fn remove(caller: Caller, PathId(id): PathId<ArticleId>) -> Result<StatusCode, Problem> {
    caller.handle.delete_article(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
