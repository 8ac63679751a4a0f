//! Where a widget begins.

use axum::Json as Reply;
use axum::extract::State;
use axum::http::request::Parts;
use helpdesk_core::bus::LiveActor;
use helpdesk_core::engine::{PublicKey, SessionRequest};
use helpdesk_core::id::WorkspaceId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::check_origin;
use crate::dto::{Contact, ContactConversation, PageView, WidgetSettings};
use crate::extract::{ClientName, Json};
use crate::reply::Answer;
use crate::state::App;

/// What a widget says when it starts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Beginning {
    /// Accepted; nothing is kept under it.
    #[serde(rename = "client_id")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64)]
    _client_id: Option<ClientName>,
    /// The page's public key: names workspace and assistant. None: the default ones.
    key: Option<String>,
    /// The earlier token of this visitor, to go on as the same contact. One that is no longer good is ignored.
    token: Option<String>,
    /// The host's signed word on who it is: a JWT, HS256, with `sub`, `exp`, optional `name` and `email`.
    identity: Option<String>,
    /// The page being viewed.
    page: Option<PageView>,
    /// The browser's language tag.
    language: Option<String>,
    /// The browser's time zone.
    time_zone: Option<String>,
}

/// What a widget needs to start.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Session {
    /// The visitor's token, for all further requests.
    token: String,
    /// The visitor.
    contact: Contact,
    /// How the widget looks and what it says.
    settings: WidgetSettings,
    /// The visitor's last conversations, latest activity first.
    conversations: Vec<ContactConversation>,
}

/// Begins or continues a session.
///
/// A visitor who only looks leaves no trace: nothing is stored before the first message.
#[utoipa::path(post, path = "/api/v1/widget/session", tag = "widget", request_body = Beginning, responses(
    (status = 200, description = "The session", body = Session),
    (status = 401, description = "`invalid_identity`; `identity_required` where only known users may chat", body = crate::problem::Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn begin(State(app): State<App>, parts: Parts, Json(body): Json<Beginning>) -> Answer<Session> {
    let address = app.client_address(&parts);
    app.limiter().session(address)?;
    let workspace = match &body.key {
        Some(key) => key.parse::<PublicKey>()?.workspace,
        None => WorkspaceId::DEFAULT,
    };
    check_origin(&app, &parts, &app.desk().workspace(workspace)).await?;
    let session = app
        .desk()
        .begin_session(SessionRequest {
            key: body.key,
            token: body.token,
            identity: body.identity,
            page: body.page.map(Into::into),
            language: body.language,
            time_zone: body.time_zone,
            address,
        })
        .await?;
    let online = app.desk().workspace(workspace).is_online(LiveActor::Contact(session.contact.id));
    Ok(Reply(Session {
        settings: WidgetSettings::of(&session.settings, &session.assistant, session.claims.language.as_deref()),
        contact: Contact::of(session.contact, online),
        conversations: session.conversations.into_iter().map(ContactConversation::of).collect(),
        token: session.token,
    }))
}
