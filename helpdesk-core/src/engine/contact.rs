//! What a contact can do.

use std::sync::Arc;

use super::execute::Request;
use super::{ClientId, Details, Done, Helpdesk, VisitorClaims, WorkspaceHandle};
use crate::bus::{Signal, Topic};
use crate::command::{Actor, Command};
use crate::error::{Error, Refusal};
use crate::id::{AssistantId, CommitId, ContactId, ConversationId, Seq, Version};
use crate::model::{Audience, Author, Channel, Contact, Conversation, Entry, MessageText, RecordKey};
use crate::store::{Changed, ChangedAfter, Commit, Guard, Key, Outcome, Page, QueueCursor, TimelineRange, Want, Write};

/// Acts as a contact. Everything it reads is what this contact may see.
#[derive(Clone, Debug)]
pub struct ContactHandle {
    pub(super) workspace: WorkspaceHandle,
    pub(super) contact: ContactId,
    /// What the visitor's token says; without one the contact must already be known.
    pub(super) claims: Option<Arc<VisitorClaims>>,
    /// The caller's name for the command.
    pub(super) client_id: Option<ClientId>,
}

impl ContactHandle {
    /// Which contact.
    #[must_use]
    pub const fn id(&self) -> ContactId {
        self.contact
    }

    /// The workspace.
    #[must_use]
    pub const fn workspace(&self) -> &WorkspaceHandle {
        &self.workspace
    }

    /// What the visitor's token says, if it came with one.
    #[must_use]
    pub fn claims(&self) -> Option<&VisitorClaims> {
        self.claims.as_deref()
    }

    /// The same contact, for one command that is safe to send again: under this name it happens once, and later attempts
    /// are answered what the first did. Names are kept 30 days; another command under one is refused.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] if it is not 1 to 64 visible ASCII characters.
    pub fn with_client_id<'a>(&self, client_id: impl Into<Option<&'a str>>) -> Result<Self, Error> {
        let client_id = client_id.into().map(ClientId::new).transpose()?;
        Ok(Self { client_id, ..self.clone() })
    }

    const fn desk(&self) -> &Helpdesk {
        &self.workspace.desk
    }

    async fn command(&self, conversation: ConversationId, command: Command) -> Result<Done, Error> {
        let request = Request::new(self.workspace.id, Actor::Contact(self.contact), conversation, command);
        self.desk().execute(request.with_client_id(self.client_id.clone())).await
    }

    /// Writes to the workspace's assistant: in the conversation that is open with it, or in a new one.
    ///
    /// # Errors
    /// [`Refusal`] by the rules, such as [`Refusal::HelpdeskOff`].
    pub async fn start(&self, text: &str) -> Result<Done, Error> {
        self.begin(text, false).await
    }

    /// Begins a conversation of its own, even where one is open.
    ///
    /// # Errors
    /// [`Refusal`] by the rules, such as [`Refusal::HelpdeskOff`].
    pub async fn start_anew(&self, text: &str) -> Result<Done, Error> {
        self.begin(text, true).await
    }

    async fn begin(&self, text: &str, anew: bool) -> Result<Done, Error> {
        let text = MessageText::new(text)?;
        let settings = self.workspace.recent_settings().await?;
        if !settings.helpdesk {
            return Err(Refusal::HelpdeskOff.into());
        }
        let assistant = self.assistant(settings.default_assistant)?;
        self.ensure_stored().await?;
        let request = Request {
            workspace: self.workspace.id,
            actor: Actor::Contact(self.contact),
            conversation: None,
            assistant: Some(assistant),
            command: Command::Start { text, channel: Channel::widget() },
            client_id: self.client_id.clone(),
            fence: None,
            anew,
        };
        self.desk().execute(request).await
    }

    /// Writes a message.
    ///
    /// # Errors
    /// [`Refusal`] by the rules, such as [`Refusal::ConversationResolved`].
    pub async fn send(&self, conversation: ConversationId, text: &str) -> Result<Done, Error> {
        self.command(conversation, Command::ContactMessage { text: MessageText::new(text)? }).await
    }

    /// Asks for a human. A second time changes nothing.
    ///
    /// # Errors
    /// [`Refusal`] by the rules, such as [`Refusal::HumanSupportOff`].
    pub async fn request_human(&self, conversation: ConversationId) -> Result<Done, Error> {
        self.command(conversation, Command::RequestHuman).await
    }

    /// Ends the chat.
    ///
    /// # Errors
    /// [`Refusal`] by the rules.
    pub async fn end(&self, conversation: ConversationId) -> Result<Done, Error> {
        self.command(conversation, Command::End).await
    }

    /// Has read up to `seq`.
    ///
    /// # Errors
    /// [`Refusal`] by the rules.
    pub async fn read(&self, conversation: ConversationId, seq: Seq) -> Result<Done, Error> {
        self.command(conversation, Command::Read(seq)).await
    }

    /// Is writing: the team sees it for 5 seconds.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn typing(&self, conversation: ConversationId) -> Result<(), Error> {
        self.own(conversation).await?;
        let topic = Topic::Conversation { workspace: self.workspace.id, conversation };
        let signal = Signal::Typing { conversation, author: Author::Contact { id: self.contact }, note: false };
        self.desk().inner.bus.publish(topic, Arc::new(signal)).await;
        Ok(())
    }

    /// One of the contact's conversations.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], also for somebody else's.
    pub async fn conversation(&self, id: ConversationId) -> Result<Details, Error> {
        let conversation = self.own(id).await?;
        self.workspace.details_of(conversation).await
    }

    /// The contact's conversations, latest activity first.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn conversations(&self, cursor: Option<QueueCursor>, limit: u32) -> Result<Page<Details, QueueCursor>, Error> {
        let page = self.desk().inner.store.conversations_of(self.workspace.id, self.contact, cursor, limit).await?;
        self.workspace.details_of_page(page).await
    }

    /// A part of the timeline, as the contact may see it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn timeline(&self, id: ConversationId, range: TimelineRange, limit: u32) -> Result<(Conversation, Vec<Entry>), Error> {
        let conversation = self.own(id).await?;
        let entries = self.desk().inner.store.timeline(self.workspace.id, id, range, Audience::Contact, limit).await?;
        Ok((conversation, entries))
    }

    /// What changed after a version, as the contact may see it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn changed(&self, id: ConversationId, after: Version, limit: u32) -> Result<Changed, Error> {
        self.own(id).await?;
        let after = ChangedAfter { version: after, seq: Seq::ZERO };
        let changed = self.desk().inner.store.changed(self.workspace.id, id, after, Audience::Contact, limit).await?;
        changed.ok_or_else(|| Refusal::NotFound.into())
    }

    /// The contact. A visitor who has not written yet is not stored; then it is what the token tells.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn profile(&self) -> Result<Contact, Error> {
        let stored = self.desk().inner.store.contacts(self.workspace.id, &[self.contact]).await?.pop();
        let told = || self.claims.as_ref().map(|claims| claims.to_contact(self.desk().inner.clock.now()));
        stored.or_else(told).ok_or_else(|| Refusal::NotFound.into())
    }

    pub(super) async fn own(&self, id: ConversationId) -> Result<Conversation, Error> {
        let found = self.desk().inner.store.conversations(self.workspace.id, &[id]).await?.pop();
        found.filter(|conversation| conversation.contact == self.contact).ok_or_else(|| Refusal::NotFound.into())
    }

    fn assistant(&self, default: Option<AssistantId>) -> Result<AssistantId, Error> {
        let named = self.claims.as_ref().and_then(|claims| claims.assistant);
        named.or(default).ok_or_else(|| Error::Configuration("the workspace has no default assistant".to_owned()))
    }

    /// Stores the visitor at the first thing worth keeping: a mere look at a page leaves no row.
    pub(super) async fn ensure_stored(&self) -> Result<(), Error> {
        let Some(claims) = &self.claims else { return Ok(()) };
        let store = &self.desk().inner.store;
        let want = Want { contact: Some(self.contact), ..Want::default() };
        let snapshot = store.snapshot(self.workspace.id, &want).await?;
        if snapshot.contact.is_some() {
            return Ok(());
        }
        if !snapshot.settings().helpdesk {
            return Err(Refusal::HelpdeskOff.into());
        }
        let settings = snapshot.record(RecordKey::SETTINGS).map_or(Version::ZERO, |record| record.version);
        let contact = claims.to_contact(self.desk().inner.clock.now());
        let mut commit = Commit::new(CommitId::generate(&*self.desk().inner.ids), self.workspace.id);
        commit.guards.push(Guard { key: Key::Contact(contact.id), version: Version::ZERO });
        commit.guards.push(Guard { key: Key::Record(RecordKey::SETTINGS), version: settings });
        commit.writes.push(Write::Contact(Box::new(contact)));
        match self.desk().put(commit).await? {
            // In a conflict another tab was first, which is just as well; if it was the settings, the next step finds out.
            Outcome::Committed(_) | Outcome::Already(_) | Outcome::Conflict(_) => Ok(()),
            Outcome::Refused | Outcome::LeaseLost | Outcome::Taken(_) => Err(Error::Busy),
        }
    }
}
