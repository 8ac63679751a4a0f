//! A desk that is open, its router, and clients of it.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::request::{Builder, Parts};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use helpdesk_core::async_trait;
use helpdesk_core::engine::{Helpdesk, NewWorkspace, OperatorHandle, OperatorProfile, SettingsEdit};
use helpdesk_core::id::WorkspaceId;
use helpdesk_core::model::{Role, Settings};
use helpdesk_core::store::Store;
use helpdesk_core::testing::ScriptedResponder;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{AuthError, OperatorAuth, OperatorIdentity, RouterBuilder};

/// The host's log-in: the cookie `who` names the operator.
pub(super) struct Cookie;

#[async_trait]
impl OperatorAuth for Cookie {
    async fn authenticate(&self, request: &Parts) -> Result<Option<OperatorIdentity>, AuthError> {
        let cookie = request.headers.get(header::COOKIE).and_then(|cookie| cookie.to_str().ok()).unwrap_or_default();
        match cookie.strip_prefix("who=") {
            Some("broken") => Err(AuthError::new("the host's database is away")),
            Some(name) => Ok(Some(OperatorIdentity::new(name, name, Role::Operator).logout_url("/logout"))),
            None => Ok(None),
        }
    }

    fn login_url(&self) -> Option<String> {
        Some("/login".to_owned())
    }
}

/// An open desk with its router.
pub(super) struct Desk {
    pub(super) desk: Helpdesk,
    pub(super) owner: OperatorHandle,
    /// The owner's API token.
    pub(super) token: String,
    pub(super) assistant: ScriptedResponder,
    pub(super) router: Router,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Vec<u8>,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {} {}", self.status, self.text()))
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The code of a problem; checks that it is one in every respect.
    pub(super) fn problem(&self) -> (u16, String) {
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json", "{}", self.text());
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        for member in ["type", "title", "detail"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {problem}");
        }
        (self.status.as_u16(), problem["code"].as_str().unwrap().to_owned())
    }

    pub(super) fn ok(&self) -> Value {
        assert!(self.status.is_success(), "{} {}", self.status, self.text());
        self.json()
    }
}

impl Desk {
    pub(super) async fn open(store: impl Store) -> Self {
        Self::with(store, |builder| builder).await
    }

    pub(super) async fn with(store: impl Store, change: impl FnOnce(RouterBuilder) -> RouterBuilder) -> Self {
        let assistant = ScriptedResponder::new("scripted");
        let desk = Helpdesk::builder(store).secret_key([7; 32]).assistant(assistant.clone()).build().await.unwrap();
        let owner = desk.workspace(WorkspaceId::DEFAULT).ensure_operator(&OperatorProfile::new("ana", "Ana", Role::Owner)).await.unwrap();
        let owner = desk.workspace(WorkspaceId::DEFAULT).operator(owner.id);
        let mut edit = SettingsEdit { helpdesk: Some(true), ..SettingsEdit::default() };
        edit.human_support.enabled = Some(true);
        owner.update_settings(None, edit).await.unwrap();
        let token = owner.create_token("tests").await.unwrap().value.secret;
        let router = change(RouterBuilder::new(desk.clone(), Cookie)).build();
        Self { desk, owner, token, assistant, router }
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        Answer { status: head.status, headers: head.headers, bytes: to_bytes(body, usize::MAX).await.unwrap().to_vec() }
    }

    /// A request with a bearer token; a body makes it JSON.
    pub(super) async fn call(&self, method: &str, path: &str, token: &str, body: Option<Value>) -> Answer {
        self.send(request(method, path, token, body)).await
    }

    /// As the owner.
    pub(super) async fn team(&self, method: &str, path: &str, body: Value) -> Answer {
        let body = (!body.is_null()).then_some(body);
        self.call(method, path, &self.token, body).await
    }

    /// A visitor's token.
    pub(super) async fn visitor(&self) -> String {
        let session = self.call("POST", "/api/v1/widget/session", "", Some(json!({"language": "en"}))).await;
        session.ok()["token"].as_str().unwrap().to_owned()
    }

    /// A conversation that this visitor begins.
    pub(super) async fn conversation(&self, visitor: &str, text: &str) -> String {
        let started = self.call("POST", "/api/v1/widget/conversations", visitor, Some(json!({"text": text}))).await;
        started.ok()["conversation"]["id"].as_str().unwrap().to_owned()
    }

    /// Another workspace with the token of its owner and of a visitor.
    pub(super) async fn neighbour(&self) -> (WorkspaceId, String, String) {
        let mut new = NewWorkspace::named("Neighbour");
        new.settings = Settings { helpdesk: true, ..Settings::default() };
        new.settings.human_support.enabled = true;
        let id = self.desk.create_workspace(new).await.unwrap();
        let workspace = self.desk.workspace(id);
        let owner = workspace.ensure_operator(&OperatorProfile::new("eve", "Eve", Role::Owner)).await.unwrap();
        let token = workspace.operator(owner.id).create_token("tests").await.unwrap().value.secret;
        let key = workspace.public_key(None).to_string();
        let session = self.call("POST", "/api/v1/widget/session", "", Some(json!({"key": key}))).await.ok();
        (id, token, session["token"].as_str().unwrap().to_owned())
    }
}

pub(super) fn builder(method: &str, path: &str, token: &str) -> Builder {
    let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(path);
    if !token.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    request
}

pub(super) fn request(method: &str, path: &str, token: &str, body: Option<Value>) -> Request<Body> {
    let request = builder(method, path, token);
    match body {
        Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())).unwrap(),
        None => request.body(Body::empty()).unwrap(),
    }
}
