//! The other end of a live connection: who it is, and what it may do.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use helpdesk_core::Error;
use helpdesk_core::bus::LiveActor;
use helpdesk_core::engine::{ContactHandle, OperatorHandle, WorkspaceHandle};
use helpdesk_core::id::{ConversationId, Seq};

use super::credentials::Credentials;
use super::frame::{Read, Send, ServerFrame, Typing};
use crate::auth::{authorise_operator, authorise_program, authorise_visitor};
use crate::problem::Problem;
use crate::state::App;

/// Acts as the other end.
#[derive(Clone, Debug)]
enum Handle {
    Contact(Box<ContactHandle>),
    Operator(OperatorHandle),
}

/// The other end of a live connection.
#[derive(Debug)]
pub(crate) struct Peer {
    app: App,
    credentials: Credentials,
    handle: Handle,
}

impl FromRequestParts<App> for Peer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Self::let_in(app, parts.clone(), None).await
    }
}

impl Peer {
    /// Lets somebody in: a visitor or a program by token, an operator by the host's cookie.
    ///
    /// The token is that of the first frame, where there was one; else the request's own.
    pub(crate) async fn let_in(app: &App, request: Parts, said: Option<String>) -> Result<Self, Problem> {
        let credentials = Credentials::of(request, said)?;
        let handle = authorise(app, &credentials).await?;
        Ok(Self { app: app.clone(), credentials, handle })
    }

    /// Looks again whether it may still be here, as the same; the reason if not. Not to know is no reason.
    pub(crate) async fn expelled(&self) -> Option<Problem> {
        match authorise(&self.app, &self.credentials).await {
            Ok(handle) if actor(&handle) == self.actor() => None,
            Ok(_) => Some(Problem::unauthorized("this is somebody else by now; connect again")),
            Err(problem) => Some(problem).filter(|problem| problem.status().is_client_error()),
        }
    }

    /// Who it is.
    pub(crate) fn actor(&self) -> LiveActor {
        actor(&self.handle)
    }

    /// Where it is.
    pub(crate) fn workspace(&self) -> &WorkspaceHandle {
        match &self.handle {
            Handle::Contact(contact) => contact.workspace(),
            Handle::Operator(operator) => operator.workspace(),
        }
    }

    /// Writes a message.
    pub(crate) async fn send(&self, frame: Send) -> ServerFrame {
        let Send { client_id, conversation, text, .. } = frame;
        match self.write(ConversationId::from_uuid(conversation), &client_id, &text).await {
            Ok(frame) => frame,
            Err(problem) => ServerFrame::error_of_send(client_id, &problem),
        }
    }

    async fn write(&self, conversation: ConversationId, client_id: &str, text: &str) -> Result<ServerFrame, Problem> {
        let done = match &self.handle {
            Handle::Contact(contact) => {
                self.app.limiter().message(contact.workspace().id(), contact.id())?;
                contact.with_client_id(client_id)?.send(conversation, text).await?
            }
            Handle::Operator(operator) => operator.with_client_id(client_id)?.reply(conversation, text).await?,
        };
        let conversation = done.conversation.id.as_uuid();
        let (entry, _) = done.into_entry()?;
        Ok(ServerFrame::Ack { client_id: client_id.to_owned(), conversation, seq: entry.seq.0 })
    }

    /// Notes how far it has read.
    pub(crate) async fn read(&self, frame: &Read) -> Option<ServerFrame> {
        let (conversation, seq) = (ConversationId::from_uuid(frame.conversation), Seq(frame.seq.0));
        let done = match &self.handle {
            Handle::Contact(contact) => contact.read(conversation, seq).await,
            Handle::Operator(operator) => operator.read(conversation, seq).await,
        };
        refused(done)
    }

    /// Tells the others that it is writing, unless it just did.
    pub(crate) async fn typing(&self, frame: &Typing) -> Option<ServerFrame> {
        if !self.app.limiter().may_type(self.workspace().id(), self.actor()) {
            return None;
        }
        let conversation = ConversationId::from_uuid(frame.conversation);
        let done = match &self.handle {
            Handle::Contact(contact) => contact.typing(conversation).await,
            Handle::Operator(operator) => operator.typing(conversation, frame.note.unwrap_or(false)).await,
        };
        refused(done)
    }
}

fn refused<T>(done: Result<T, Error>) -> Option<ServerFrame> {
    done.err().map(|error| ServerFrame::error(&Problem::from(error)))
}

async fn authorise(app: &App, credentials: &Credentials) -> Result<Handle, Problem> {
    match credentials {
        Credentials::Visitor { token, page } => authorise_visitor(app, page, token).await.map(|contact| Handle::Contact(Box::new(contact))),
        Credentials::Program { token } => Ok(Handle::Operator(authorise_program(app, token).await?.handle)),
        Credentials::Host { request, vouching } => {
            let caller = authorise_operator(app, request, None, *vouching).await?;
            caller.handle.me().await?;
            Ok(Handle::Operator(caller.handle))
        }
    }
}

fn actor(handle: &Handle) -> LiveActor {
    match handle {
        Handle::Contact(contact) => LiveActor::Contact(contact.id()),
        Handle::Operator(operator) => LiveActor::Operator(operator.id()),
    }
}
