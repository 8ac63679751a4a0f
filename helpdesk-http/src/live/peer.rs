//! The other end of a live connection: who it is, and what it may do.

use axum::extract::FromRequestParts;
use axum::http::HeaderValue;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use helpdesk_core::Error;
use helpdesk_core::bus::LiveActor;
use helpdesk_core::engine::{ContactHandle, Helpdesk, OperatorHandle, WorkspaceHandle};
use helpdesk_core::id::{ConversationId, Seq};

use super::frame::{Read, Send, ServerFrame, Typing};
use crate::auth::{Vouching, authorise_operator, authorise_visitor, bearer};
use crate::problem::Problem;
use crate::state::App;

/// Acts as the other end.
#[derive(Clone, Debug)]
enum Handle {
    Contact(ContactHandle),
    Operator(OperatorHandle),
}

/// The other end of a live connection.
#[derive(Debug)]
pub(crate) struct Peer {
    app: App,
    /// The head of the request that opened the connection, to be judged again.
    request: Parts,
    token: Option<String>,
    vouching: Vouching,
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
    pub(crate) async fn let_in(app: &App, mut request: Parts, said: Option<String>) -> Result<Self, Problem> {
        // Looked for before the token of the frame takes its place.
        let own = bearer(&request.headers).map(str::to_owned);
        let vouching = match (&own, &said) {
            (Some(_), _) => Vouching::Needless,
            (None, Some(_)) => Vouching::OfBrowsers,
            (None, None) => Vouching::Always,
        };
        let token = said.or(own);
        if let Some(token) = &token {
            // A host that believes bearer tokens finds it where it looks for one.
            let value = HeaderValue::from_str(&format!("Bearer {token}"));
            request.headers.insert(AUTHORIZATION, value.map_err(|_| Problem::unauthorized("this is no token"))?);
        }
        let handle = authorise(app, &request, token.as_deref(), vouching).await?;
        Ok(Self { app: app.clone(), request, token, vouching, handle })
    }

    /// Looks again whether it may still be here, as the same; the reason if not. Not to know is no reason.
    pub(crate) async fn expelled(&self) -> Option<Problem> {
        match authorise(&self.app, &self.request, self.token.as_deref(), self.vouching).await {
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
    pub(crate) const fn workspace(&self) -> &WorkspaceHandle {
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

async fn authorise(app: &App, request: &Parts, token: Option<&str>, vouching: Vouching) -> Result<Handle, Problem> {
    match token {
        Some(token) if Helpdesk::is_visitor_token(token) => authorise_visitor(app, request, token).await.map(Handle::Contact),
        token => {
            let caller = authorise_operator(app, request, token, vouching).await?;
            caller.handle.me().await?;
            Ok(Handle::Operator(caller.handle))
        }
    }
}

const fn actor(handle: &Handle) -> LiveActor {
    match handle {
        Handle::Contact(contact) => LiveActor::Contact(contact.id()),
        Handle::Operator(operator) => LiveActor::Operator(operator.id()),
    }
}
