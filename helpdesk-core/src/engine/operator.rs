//! What an operator can do with conversations.

use std::borrow::Borrow;
use std::sync::Arc;

use super::execute::Request;
use super::{ClientId, Details, Done, Helpdesk, WorkspaceHandle};
use crate::bus::{Signal, Topic};
use crate::command::{Actor, AssignTarget, Command};
use crate::error::{Error, Refusal};
use crate::id::{ContactId, ConversationId, OperatorId, Seq, TicketNumber, Version};
use crate::model::{Audience, Author, Contact, Conversation, Entry, MessageText, Operator, RecordBody, RecordKind, Status, Ticket};
use crate::store::{Changed, ChangedAfter, Page, QueueCursor, QueueQuery, TicketRef, TimelineRange, ViewCounts};

/// Acts as an operator. Every command reads the operator's record: rights that were withdrawn are gone at once.
#[derive(Clone, Debug)]
pub struct OperatorHandle {
    pub(super) workspace: WorkspaceHandle,
    pub(super) operator: OperatorId,
    /// The caller's name for the command.
    pub(super) client_id: Option<ClientId>,
}

impl OperatorHandle {
    /// Which operator.
    #[must_use]
    pub const fn id(&self) -> OperatorId {
        self.operator
    }

    /// The workspace.
    #[must_use]
    pub const fn workspace(&self) -> &WorkspaceHandle {
        &self.workspace
    }

    /// The same operator, for one command that is safe to send again: under this name it happens once, and later
    /// attempts are answered what the first did. Names are kept 30 days; another command under one is refused.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] if it is not 1 to 64 visible ASCII characters.
    pub fn with_client_id<'a>(&self, client_id: impl Into<Option<&'a str>>) -> Result<Self, Error> {
        let client_id = client_id.into().map(ClientId::new).transpose()?;
        Ok(Self { client_id, ..self.clone() })
    }

    pub(super) const fn desk(&self) -> &Helpdesk {
        &self.workspace.desk
    }

    /// The operator's record.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] if there is none in this workspace, or it is disabled.
    pub async fn me(&self) -> Result<Operator, Error> {
        allowed(self.workspace.find_operator(self.operator).await)
    }

    /// The operator's record as it was a moment ago: enough to look around. Commands read it with all else they need.
    async fn reader(&self) -> Result<Arc<Operator>, Error> {
        allowed(self.workspace.recent_operator(self.operator).await)
    }

    /// The operator's record, if they may change settings.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] if they may not.
    pub(super) async fn administrator(&self) -> Result<Operator, Error> {
        let operator = self.me().await?;
        if operator.role.is_administrator() { Ok(operator) } else { Err(Refusal::Forbidden("only owners and managers may do this").into()) }
    }

    async fn command(&self, conversation: ConversationId, command: Command) -> Result<Done, Error> {
        let actor = Actor::Operator(Arc::unwrap_or_clone(self.reader().await?));
        let request = Request::new(self.workspace.id, actor, conversation, command).with_client_id(self.client_id.clone());
        self.desk().execute(request).await
    }

    /// Writes to the contact. The first message takes the conversation over, unless another operator answers.
    ///
    /// # Errors
    /// [`Refusal`] by the rules.
    pub async fn reply(&self, conversation: ConversationId, text: &str) -> Result<Done, Error> {
        self.command(conversation, Command::Reply { text: MessageText::new(text)? }).await
    }

    /// Writes a note to the team.
    ///
    /// # Errors
    /// [`Refusal`] by the rules.
    pub async fn note(&self, conversation: ConversationId, text: &str) -> Result<Done, Error> {
        self.command(conversation, Command::Note { text: MessageText::new(text)? }).await
    }

    /// Takes the conversation over. Of any number who try at once, one succeeds.
    ///
    /// # Errors
    /// [`Refusal::AlreadyClaimed`] naming the winner.
    pub async fn claim(&self, conversation: ConversationId) -> Result<Done, Error> {
        self.command(conversation, Command::Claim).await
    }

    /// Gives the conversation to somebody; to the assistant it is the hand-back.
    ///
    /// # Errors
    /// [`Refusal`] by the rules.
    pub async fn assign(&self, conversation: ConversationId, target: AssignTarget) -> Result<Done, Error> {
        self.command(conversation, Command::Assign(target)).await
    }

    /// Resolves, reopens or sets pending.
    ///
    /// # Errors
    /// [`Refusal`] by the rules.
    pub async fn set_status(&self, conversation: ConversationId, status: Status) -> Result<Done, Error> {
        self.command(conversation, Command::SetStatus(status)).await
    }

    /// Exempts the conversation from timeouts, or no longer.
    ///
    /// # Errors
    /// [`Refusal`] by the rules.
    pub async fn set_flag(&self, conversation: ConversationId, flagged: bool) -> Result<Done, Error> {
        self.command(conversation, Command::SetFlag(flagged)).await
    }

    /// Has read up to `seq`.
    ///
    /// # Errors
    /// [`Refusal`] by the rules.
    pub async fn read(&self, conversation: ConversationId, seq: Seq) -> Result<Done, Error> {
        self.command(conversation, Command::Read(seq)).await
    }

    /// Is writing: the other side sees it for 5 seconds, a note only the team.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn typing(&self, conversation: ConversationId, note: bool) -> Result<(), Error> {
        let operator = self.reader().await?;
        self.find(conversation).await?;
        let topic = Topic::Conversation { workspace: self.workspace.id, conversation };
        let signal = Signal::Typing { conversation, author: Author::Operator(operator.reference()), note };
        self.desk().inner.bus.publish(topic, Arc::new(signal)).await;
        Ok(())
    }

    /// A page of the queue. `query.operator` is set to this operator.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn queue(&self, query: QueueQuery) -> Result<Page<Details, QueueCursor>, Error> {
        self.reader().await?;
        let query = QueueQuery { operator: self.operator, ..query };
        let page = self.desk().inner.store.queue(self.workspace.id, &query).await?;
        self.workspace.details_of_page(page).await
    }

    /// How many conversations each view holds.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn counts(&self) -> Result<ViewCounts, Error> {
        self.reader().await?;
        Ok(self.desk().inner.store.counts(self.workspace.id, self.operator).await?)
    }

    async fn find(&self, id: ConversationId) -> Result<Conversation, Error> {
        let found = self.desk().inner.store.conversations(self.workspace.id, &[id]).await?.pop();
        found.ok_or_else(|| Refusal::NotFound.into())
    }

    /// A conversation.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn conversation(&self, id: ConversationId) -> Result<Details, Error> {
        self.reader().await?;
        self.workspace.details_of(self.find(id).await?).await
    }

    /// A part of the timeline.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn timeline(&self, id: ConversationId, range: TimelineRange, limit: u32) -> Result<(Conversation, Vec<Entry>), Error> {
        self.reader().await?;
        let conversation = self.find(id).await?;
        let entries = self.desk().inner.store.timeline(self.workspace.id, id, range, Audience::Team, limit).await?;
        Ok((conversation, entries))
    }

    /// What changed after a version.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn changed(&self, id: ConversationId, after: Version, limit: u32) -> Result<Changed, Error> {
        self.reader().await?;
        let after = ChangedAfter { version: after, seq: Seq::ZERO };
        let changed = self.desk().inner.store.changed(self.workspace.id, id, after, Audience::Team, limit).await?;
        changed.ok_or_else(|| Refusal::NotFound.into())
    }

    /// A contact.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn contact(&self, id: ContactId) -> Result<Contact, Error> {
        self.reader().await?;
        let found = self.desk().inner.store.contacts(self.workspace.id, &[id]).await?.pop();
        found.ok_or_else(|| Refusal::NotFound.into())
    }

    /// A contact's conversations, latest activity first.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn conversations_of(
        &self,
        id: ContactId,
        cursor: Option<QueueCursor>,
        limit: u32,
    ) -> Result<Page<Details, QueueCursor>, Error> {
        self.contact(id).await?;
        let page = self.desk().inner.store.conversations_of(self.workspace.id, id, cursor, limit).await?;
        self.workspace.details_of_page(page).await
    }

    /// The ticket with this number, and its requester.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn ticket(&self, number: TicketNumber) -> Result<(Ticket, Contact), Error> {
        self.reader().await?;
        let found = self.desk().inner.store.tickets(self.workspace.id, &[TicketRef::Number(number)]).await?.pop();
        let ticket = found.ok_or(Refusal::NotFound)?;
        let requester = self.contact(ticket.requester).await?;
        Ok((ticket, requester))
    }

    /// The operators of the workspace by rising id, behind `after`, without those who were dismissed.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn operators(&self, after: Option<OperatorId>, limit: u32) -> Result<Vec<Operator>, Error> {
        self.reader().await?;
        let mut after = after.map(|id| id.as_uuid());
        let mut team = Vec::new();
        loop {
            let records = self.desk().inner.store.records(self.workspace.id, RecordKind::Operator, after, limit).await?;
            after = records.last().map(|record| record.body.key().id);
            let last = records.len() < limit as usize;
            let operators =
                records.into_iter().filter_map(|record| if let RecordBody::Operator(it) = record.body { Some(it) } else { None });
            team.extend(operators.filter(|operator| !operator.disabled).take(limit as usize - team.len()));
            if last || team.len() >= limit as usize {
                return Ok(team);
            }
        }
    }
}

fn allowed<O: Borrow<Operator>>(operator: Result<O, Error>) -> Result<O, Error> {
    match operator {
        Ok(operator) if operator.borrow().disabled => Err(Refusal::Forbidden("this operator is disabled").into()),
        Err(Error::Refused(Refusal::NotFound)) => Err(Refusal::Forbidden("not an operator of this workspace").into()),
        other => other,
    }
}
