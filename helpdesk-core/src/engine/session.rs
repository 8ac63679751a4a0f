//! Visitors' sessions: who is there, and how the widget knows them again.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::keys::Purpose;
use super::workspace::language_tag;
use super::{ContactHandle, Details, Helpdesk, WorkspaceHandle, identity};
use crate::clock::Timestamp;
use crate::error::{Error, Refusal};
use crate::id::{AssistantId, CommitId, ContactId, Version, WorkspaceId};
use crate::model::{
    Assistant, Contact, IdentityMode, PageView, RecordBody, RecordKey, RecordKind, Settings, country_of_time_zone, pseudonym, text,
};
use crate::store::{Claim, Commit, Guard, Key, Outcome, Owner, StoreError, UniqueKey, Want, Write};

/// How long a visitor's token is good without being renewed; each session renews it.
const TOKEN_LIFE: TimeDelta = TimeDelta::days(90);
/// How long a proof of identity is good without being renewed: a host that logged its user out must not be overruled for
/// as long as a mere visitor is remembered.
const IDENTIFIED_LIFE: TimeDelta = TimeDelta::days(7);
/// How many earlier conversations a session brings.
const EARLIER_CONVERSATIONS: u32 = 20;
/// The longest page address that is kept, in characters.
const URL_LIMIT: usize = 2_000;
/// What visitors' tokens begin with.
const TOKEN_PREFIX: &str = "hdv_";
/// What public keys begin with.
const KEY_PREFIX: &str = "hdp_";

/// What a visitor's token says. Signed, not secret: it holds nothing that the visitor does not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorClaims {
    /// The tenant.
    pub workspace: WorkspaceId,
    /// As whom.
    pub contact: ContactId,
    /// Which session.
    pub session: Uuid,
    /// The assistant that the page's key named.
    pub assistant: Option<AssistantId>,
    /// Whether a signed identity proved who it is.
    pub identified: bool,
    /// The visitor's language tag.
    pub language: Option<String>,
    /// The browser's time zone.
    pub time_zone: Option<String>,
    /// The country, where known.
    pub country: Option<String>,
    /// The page when the session began.
    pub page: Option<PageView>,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

impl VisitorClaims {
    /// The contact as far as the token knows it.
    pub(super) fn to_contact(&self, now: Timestamp) -> Contact {
        Contact {
            id: self.contact,
            version: Version(1),
            name: None,
            pseudonym: pseudonym(self.contact),
            email: None,
            email_verified: false,
            subject: None,
            country: self.country.clone(),
            time_zone: self.time_zone.clone(),
            language: self.language.clone(),
            page: self.page.clone(),
            conversations: 0,
            created_at: now,
        }
    }
}

/// The public key of a widget: names the workspace and, if it likes, the assistant. Not a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// The tenant.
    pub workspace: WorkspaceId,
    /// The assistant; none: the workspace's default.
    pub assistant: Option<AssistantId>,
}

impl std::fmt::Display for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{KEY_PREFIX}{}", self.workspace.as_uuid().simple())?;
        self.assistant.map_or(Ok(()), |assistant| write!(f, "_{}", assistant.as_uuid().simple()))
    }
}

impl std::str::FromStr for PublicKey {
    type Err = Refusal;

    fn from_str(key: &str) -> Result<Self, Refusal> {
        let parse = |part: &str| Uuid::try_parse(part).map_err(|_| Refusal::NotFound);
        let rest = key.strip_prefix(KEY_PREFIX).ok_or(Refusal::NotFound)?;
        let (workspace, assistant) = match rest.split_once('_') {
            Some((workspace, assistant)) => (workspace, Some(AssistantId::from_uuid(parse(assistant)?))),
            None => (rest, None),
        };
        Ok(Self { workspace: WorkspaceId::from_uuid(parse(workspace)?), assistant })
    }
}

/// What a widget says when it starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionRequest {
    /// The page's public key; none: the default workspace and its default assistant.
    pub key: Option<String>,
    /// The token of an earlier session of this visitor. One that is no longer good is ignored.
    pub token: Option<String>,
    /// The host's signed word on who it is.
    pub identity: Option<String>,
    /// The page being viewed.
    pub page: Option<PageView>,
    /// The browser's language tag.
    pub language: Option<String>,
    /// The browser's time zone.
    pub time_zone: Option<String>,
    /// The client's address, for the host's country look-up; not kept.
    pub address: Option<IpAddr>,
}

/// What a widget needs to start.
#[derive(Clone, Debug)]
pub struct Session {
    /// The visitor's token.
    pub token: String,
    /// What it says.
    pub claims: VisitorClaims,
    /// The contact.
    pub contact: Contact,
    /// The workspace's settings.
    pub settings: Settings,
    /// The assistant that answers.
    pub assistant: Assistant,
    /// The visitor's last conversations, latest activity first.
    pub conversations: Vec<Details>,
}

/// What a contact says of themselves: unverified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContactEdit {
    /// The name.
    pub name: Option<String>,
    /// The address.
    pub email: Option<String>,
}

impl Helpdesk {
    /// Begins or continues a visitor's session.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for an unknown key, [`Refusal::IdentityInvalid`], [`Refusal::IdentityRequired`].
    pub async fn begin_session(&self, request: SessionRequest) -> Result<Session, Error> {
        let key = match &request.key {
            Some(key) => key.parse()?,
            None => PublicKey { workspace: WorkspaceId::DEFAULT, assistant: None },
        };
        let workspace = self.workspace(key.workspace);
        workspace.name().await?;
        let settings = workspace.settings().await?;
        let assistant = workspace.assistant_of(&key, &settings).await?;
        let earlier = request.token.as_deref().and_then(|token| self.read_token(token)).filter(|it| it.workspace == key.workspace);
        let mut claims = self.claims(&key, &request, earlier)?;
        match &request.identity {
            Some(token) => workspace.identify(&mut claims, token, &settings).await?,
            None if settings.identity.mode == IdentityMode::VerifiedOnly && !claims.identified => {
                return Err(Refusal::IdentityRequired.into());
            }
            None => {}
        }
        let visitor = workspace.visitor(claims.clone());
        let conversations = if settings.helpdesk { visitor.conversations(None, EARLIER_CONVERSATIONS).await?.items } else { Vec::new() };
        let contact = visitor.profile().await?;
        let token = format!("{TOKEN_PREFIX}{}", self.inner.keys.sign(Purpose::Visitor, &claims));
        Ok(Session { token, claims, contact, settings, assistant, conversations })
    }

    /// Lets a visitor in by their token.
    ///
    /// # Errors
    /// [`Refusal::TokenInvalid`], [`Refusal::IdentityRequired`].
    pub async fn authorise_visitor(&self, token: &str) -> Result<ContactHandle, Error> {
        let claims = self.read_token(token).ok_or(Refusal::TokenInvalid)?;
        let workspace = self.workspace(claims.workspace);
        if !claims.identified && workspace.recent_settings().await?.identity.mode == IdentityMode::VerifiedOnly {
            return Err(Refusal::IdentityRequired.into());
        }
        Ok(workspace.visitor(claims))
    }

    /// Whether a text looks like a visitor's token, good or not.
    #[must_use]
    pub fn is_visitor_token(token: &str) -> bool {
        token.starts_with(TOKEN_PREFIX)
    }

    fn read_token(&self, token: &str) -> Option<Arc<VisitorClaims>> {
        let claims = self.inner.visitor_tokens.open(&self.inner.keys, token.strip_prefix(TOKEN_PREFIX)?)?;
        (claims.expires_at > self.inner.clock.now()).then_some(claims)
    }

    fn claims(&self, key: &PublicKey, request: &SessionRequest, earlier: Option<Arc<VisitorClaims>>) -> Result<VisitorClaims, Error> {
        let page = request.page.as_ref().map(checked_page).transpose()?;
        let language = request.language.as_deref().map(|tag| language_tag("language", tag)).transpose()?;
        let time_zone = request.time_zone.as_deref().map(checked_time_zone).transpose()?;
        let by_address = || request.address.and_then(|address| self.inner.country.as_ref()?(address));
        let by_zone = || time_zone.as_deref().and_then(country_of_time_zone).map(str::to_owned);
        let country = by_address().or_else(by_zone);
        let expires_at = self.inner.clock.now() + TOKEN_LIFE;
        Ok(match earlier.map(Arc::unwrap_or_clone) {
            Some(earlier) => VisitorClaims {
                assistant: key.assistant,
                language: language.or(earlier.language),
                time_zone: time_zone.or(earlier.time_zone),
                country: country.or(earlier.country),
                page: page.or(earlier.page),
                // Only a new proof lengthens an identified session.
                expires_at: if earlier.identified { earlier.expires_at } else { expires_at },
                ..earlier
            },
            None => self.new_claims(key, page, language, time_zone, country, expires_at),
        })
    }

    fn new_claims(
        &self,
        key: &PublicKey,
        page: Option<PageView>,
        language: Option<String>,
        time_zone: Option<String>,
        country: Option<String>,
        expires_at: Timestamp,
    ) -> VisitorClaims {
        VisitorClaims {
            workspace: key.workspace,
            contact: ContactId::generate(&*self.inner.ids),
            session: self.inner.ids.next(),
            assistant: key.assistant,
            identified: false,
            language,
            time_zone,
            country,
            page,
            expires_at,
        }
    }
}

impl WorkspaceHandle {
    /// The public key of this workspace's widget.
    #[must_use]
    pub const fn public_key(&self, assistant: Option<AssistantId>) -> PublicKey {
        PublicKey { workspace: self.id, assistant }
    }

    async fn assistant_of(&self, key: &PublicKey, settings: &Settings) -> Result<Assistant, Error> {
        let id = key.assistant.or(settings.default_assistant).ok_or(Refusal::NotFound)?;
        self.find_assistant(id).await
    }

    pub(super) async fn find_assistant(&self, id: AssistantId) -> Result<Assistant, Error> {
        match self.desk.inner.store.record(self.id, RecordKey::new(RecordKind::Assistant, id.as_uuid())).await?.map(|record| record.body) {
            Some(RecordBody::Assistant(assistant)) => Ok(*assistant),
            _ => Err(Refusal::NotFound.into()),
        }
    }

    /// Makes the session that of the contact whom the host's signed token names.
    ///
    /// A visitor who is not yet anybody becomes that contact and keeps their history, unless the contact is already
    /// known: then the session goes over to it. Somebody else's session starts anew.
    async fn identify(&self, claims: &mut VisitorClaims, token: &str, settings: &Settings) -> Result<(), Error> {
        let inner = &self.desk.inner;
        let secrets: Vec<String> = settings.identity.sealed_secrets.iter().filter_map(|sealed| inner.keys.unseal(sealed)).collect();
        claims.expires_at = inner.clock.now() + IDENTIFIED_LIFE;
        let identity = identity::verify(token, &secrets, inner.clock.now()).ok_or(Refusal::IdentityInvalid)?;
        if !settings.helpdesk {
            claims.identified = true;
            return Ok(());
        }
        let key = UniqueKey::contact_subject(&identity.subject);
        for _ in 0..8 {
            let want = Want { contact: Some(claims.contact), keys: vec![key.clone()], ..Want::default() };
            let snapshot = inner.store.snapshot(self.id, &want).await?;
            let known = snapshot.owner(&key).and_then(Owner::as_uuid).map(ContactId::from_uuid);
            let session_contact = snapshot.contact;
            let bound_to_other =
                session_contact.as_ref().is_some_and(|contact| contact.subject.as_deref().is_some_and(|it| it != identity.subject));
            let target = match known {
                Some(known) => known,
                None if bound_to_other => ContactId::generate(&*inner.ids),
                None => claims.contact,
            };
            if target != claims.contact {
                claims.contact = target;
                claims.session = inner.ids.next();
            }
            let stored =
                if known.is_some() || bound_to_other { inner.store.contacts(self.id, &[target]).await?.pop() } else { session_contact };
            let before = stored.as_ref().map_or(Version::ZERO, |contact| contact.version);
            let mut contact = stored.clone().unwrap_or_else(|| claims.to_contact(inner.clock.now()));
            contact.subject = Some(identity.subject.clone());
            contact.name = identity.name.clone().or(contact.name);
            if let Some(email) = &identity.email {
                contact.email_verified = true;
                contact.email = Some(email.clone());
            }
            claims.identified = true;
            if stored.as_ref() == Some(&contact) {
                return Ok(());
            }
            contact.version = before.next();
            let mut commit = Commit::new(CommitId::generate(&*inner.ids), self.id);
            commit.guards.push(Guard { key: Key::Contact(contact.id), version: before });
            commit.unique.push(Claim { key: key.clone(), owner: Owner::id(contact.id.as_uuid()), keep: None });
            commit.writes.push(Write::Contact(Box::new(contact)));
            if let Outcome::Committed(committed) = self.desk.put(commit).await? {
                self.desk.tell_records(self.id, &committed).await;
                return Ok(());
            }
        }
        Err(Error::Busy)
    }
}

impl ContactHandle {
    /// Keeps what the contact says of themselves. Unverified: it joins no contacts and opens no history.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming the field, [`Refusal::HelpdeskOff`].
    pub async fn update(&self, edit: ContactEdit) -> Result<Contact, Error> {
        let name = edit.name.as_deref().map(|name| text::line("name", name)).transpose()?;
        let email = edit.email.as_deref().map(|email| text::email("email", email)).transpose()?;
        if !self.workspace.settings().await?.helpdesk {
            return Err(Refusal::HelpdeskOff.into());
        }
        self.ensure_stored().await?;
        let inner = &self.workspace.desk.inner;
        for _ in 0..8 {
            let mut contact = inner.store.contacts(self.workspace.id, &[self.contact]).await?.pop().ok_or(Refusal::NotFound)?;
            let before = contact.version;
            contact.version = before.next();
            contact.name = name.clone().or(contact.name);
            if let Some(email) = &email {
                contact.email_verified = contact.email_verified && contact.email.as_ref() == Some(email);
                contact.email = Some(email.clone());
            }
            let mut commit = Commit::new(CommitId::generate(&*inner.ids), self.workspace.id);
            commit.guards.push(Guard { key: Key::Contact(contact.id), version: before });
            commit.writes.push(Write::Contact(Box::new(contact.clone())));
            if let Outcome::Committed(committed) = self.workspace.desk.put(commit).await? {
                self.workspace.desk.tell_records(self.workspace.id, &committed).await;
                return Ok(contact);
            }
        }
        Err(StoreError::Unavailable("too much contention on one contact".into()).into())
    }
}

fn checked_page(page: &PageView) -> Result<PageView, Error> {
    let url = text::block("page.url", &page.url, URL_LIMIT)?;
    let shown = url::Url::parse(&url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if !shown {
        return Err(crate::model::Invalid::new("page.url", "must be an absolute http or https address").into());
    }
    // A title is decoration: a long one is cut, not refused.
    let begin = |title: &str| title.chars().take(URL_LIMIT).collect::<String>();
    let title = page.title.as_deref().map(|title| text::optional_block("page.title", &begin(title), URL_LIMIT)).transpose()?;
    let title = title.map(|title| text::preview(&title, text::LINE_LIMIT)).filter(|title| !title.is_empty());
    Ok(PageView { url, title })
}

/// A name as the IANA time zone database has them. One that is not in it tells nothing, but harms nobody either.
fn checked_time_zone(zone: &str) -> Result<String, Error> {
    let zone = text::line("time_zone", zone)?;
    let plausible = zone.len() <= 64 && zone.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte));
    if plausible { Ok(zone) } else { Err(crate::model::Invalid::new("time_zone", "must be a time zone such as Europe/Amsterdam").into()) }
}
