//! Contacts.

use chrono::{DateTime, Utc};
use helpdesk_core::model;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The page a contact is looking at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageView {
    /// Its address.
    pub(crate) url: String,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
}

impl From<model::PageView> for PageView {
    fn from(page: model::PageView) -> Self {
        Self { url: page.url, title: page.title }
    }
}

impl From<PageView> for model::PageView {
    fn from(page: PageView) -> Self {
        Self { url: page.url, title: page.title }
    }
}

/// The longest address and title of a page that are shown, in characters.
const ADDRESS_LIMIT: usize = 2000;
const TITLE_LIMIT: usize = 200;

impl PageView {
    /// The page, if the team may be shown a link to it. What a page says of itself on a socket is decoration: where it
    /// is no good it is left out, which is no reason to refuse the visitor.
    pub(crate) fn presentable(self) -> Option<model::PageView> {
        let web = url::Url::parse(&self.url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        let plain = self.url.chars().count() <= ADDRESS_LIMIT && !self.url.contains(char::is_control);
        let title = self.title.map(|title| title.replace(char::is_control, " ").trim().chars().take(TITLE_LIMIT).collect::<String>());
        (web && plain).then_some(model::PageView { url: self.url, title: title.filter(|title| !title.is_empty()) })
    }
}

/// A customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Contact {
    /// Their id.
    pub(crate) id: Uuid,
    /// What to call them.
    pub(crate) name: String,
    /// Whether `name` is a made-up one.
    pub(crate) pseudonym: bool,
    /// The stated or proven address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    /// Whether the address was proven.
    pub(crate) email_verified: bool,
    /// Whether they are here now.
    pub(crate) online: bool,
    /// Whether the host proved who they are.
    pub(crate) identified: bool,
    /// ISO 3166 country code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) country: Option<String>,
    /// IANA time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time_zone: Option<String>,
    /// Language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<String>,
    /// The page being viewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) page: Option<PageView>,
    /// First seen.
    pub(crate) created_at: DateTime<Utc>,
    /// Conversations so far.
    pub(crate) conversations: u64,
}

impl Contact {
    /// The shape of a contact who is, or is not, here now.
    pub(crate) fn of(contact: model::Contact, online: bool) -> Self {
        Self {
            id: contact.id.as_uuid(),
            name: contact.display_name(),
            pseudonym: contact.name.is_none(),
            email: contact.email,
            email_verified: contact.email_verified,
            online,
            identified: contact.subject.is_some(),
            country: contact.country,
            time_zone: contact.time_zone,
            language: contact.language,
            page: contact.page.map(Into::into),
            created_at: contact.created_at,
            conversations: contact.conversations,
        }
    }
}
