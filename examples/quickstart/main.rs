//! The helpdesk without a server: a contact asks, the assistant answers from a help article, an operator takes over.

#![allow(clippy::print_stdout)]

use helpdesk::engine::{ArticleEdit, OperatorProfile, SessionRequest};
use helpdesk::id::{Seq, WorkspaceId};
use helpdesk::model::{Author, Body, Role, Settings};
use helpdesk::store::{MemoryStore, TimelineRange};
use helpdesk::{Error, Helpdesk};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let settings = Settings { helpdesk: true, ..Settings::default() };
    let desk = Helpdesk::builder(MemoryStore::new()).default_settings(settings).build().await?;
    let workspace = desk.workspace(WorkspaceId::DEFAULT);

    let operator = workspace.ensure_operator(&OperatorProfile::new("1", "Ana", Role::Owner)).await?;
    let operator = workspace.operator(operator.id);
    let (title, body) = (Some("Refunds".to_owned()), Some("Refunds are paid within five days.".to_owned()));
    operator.create_article(ArticleEdit { title, body, ..ArticleEdit::default() }).await?;

    let session = desk.begin_session(SessionRequest::default()).await?;
    let contact = desk.authorise_visitor(&session.token).await?;
    let conversation = contact.start("When are refunds paid?").await?.conversation.id;
    desk.step().await?; // A server has `desk.spawn_workers()`, which do this in the background.
    operator.reply(conversation, "Hi, I'm Ana. Anything else?").await?;

    let (_, entries) = contact.timeline(conversation, TimelineRange::After(Seq::ZERO), 50).await?;
    for entry in entries {
        if let Body::Message(message) = entry.body {
            println!("{}: {}", said_by(&entry.author), message.text);
        }
    }
    Ok(())
}

fn said_by(author: &Author) -> &str {
    match author {
        Author::Contact { .. } => "Contact",
        Author::Assistant(assistant) => &assistant.name,
        Author::Operator(operator) => &operator.name,
        Author::System => "System",
    }
}
