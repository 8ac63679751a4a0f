//! What the first start puts into an empty database.

use helpdesk::engine::{ArticleEdit, AssistantEdit, OperatorHandle};
use helpdesk::model::{Brand, Settings};
use helpdesk::{Error, Refusal};
use sha2::{Digest as _, Sha256};

/// The help articles of the demo shop, with their languages. The first line is the title.
const ARTICLES: [(&str, &str); 8] = [
    ("en", include_str!("articles/shipping.en.md")),
    ("en", include_str!("articles/returns.en.md")),
    ("en", include_str!("articles/warranty.en.md")),
    ("en", include_str!("articles/orders.en.md")),
    ("en", include_str!("articles/paying.en.md")),
    ("en", include_str!("articles/troubleshooting.en.md")),
    ("de", include_str!("articles/versand.de.md")),
    ("de", include_str!("articles/rueckgabe.de.md")),
];

/// How often what several nodes do at once is tried again.
const ATTEMPTS: usize = 8;

/// The name of the demo shop.
pub(crate) const SHOP: &str = "Northlight";

/// The settings of a new workspace: everything is on.
pub(crate) fn settings() -> Settings {
    let mut settings = Settings { helpdesk: true, ..Settings::default() };
    settings.human_support.enabled = true;
    settings.brand = Brand { name: SHOP.to_owned(), color: "#9a3412".to_owned() };
    settings
}

/// Adds the demo shop's help articles. Run again after a crash in the middle, it adds the missing ones; run by several
/// nodes at once, each article is added by one of them, because they do it under the same name.
pub(crate) async fn add_articles(owner: &OperatorHandle) -> Result<(), Error> {
    let known: Vec<String> = owner.articles(None, 100).await?.into_iter().map(|article| article.value.title).collect();
    for (language, text) in ARTICLES {
        let (title, body) = text.split_once('\n').unwrap_or((text, ""));
        let title = title.trim_start_matches("# ").to_owned();
        if !known.contains(&title) {
            let (body, language) = (body.trim().to_owned(), language.to_owned());
            let edit = ArticleEdit { title: Some(title), body: Some(body), language: Some(language), url: None };
            let owner = owner.with_client_id(&*name_of(text))?;
            agreed(async || owner.create_article(edit.clone()).await).await?;
        }
    }
    Ok(())
}

/// What adding this article is called. A later version whose article says something else calls it otherwise.
fn name_of(article: &str) -> String {
    let hash = Sha256::digest(article);
    hash.iter().take(16).fold("first-start-".to_owned(), |name, byte| format!("{name}{byte:02x}"))
}

/// Has this driver answer for the default assistant: which one it is was said by the flags of this start.
pub(crate) async fn choose_driver(owner: &OperatorHandle, driver: &str) -> Result<(), Error> {
    let Some(id) = owner.settings().await?.value.default_assistant else { return Ok(()) };
    agreed(async || {
        if owner.assistant(id).await?.value.driver != driver {
            owner.update_assistant(id, None, AssistantEdit { driver: Some(driver.to_owned()), ..AssistantEdit::default() }).await?;
        }
        Ok(())
    })
    .await
}

/// Does it again where another node did the same at the same moment: then it finds what the other did.
async fn agreed<T>(mut attempt: impl AsyncFnMut() -> Result<T, Error>) -> Result<T, Error> {
    for _ in 0..ATTEMPTS {
        match attempt().await {
            Err(error) if error.is_retryable() || matches!(error.refusal(), Some(Refusal::VersionConflict { .. })) => {}
            outcome => return outcome,
        }
    }
    attempt().await
}
