//! The contact: a customer, known or not.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::id::{ContactId, Version};

/// The page a contact is looking at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageView {
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: Option<String>,
}

/// A customer.
///
/// `subject` is proven (a signed token said it); `name` and `email` may be claims, and join nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// How often it was written.
    pub version: Version,
    /// The stated or proven name.
    pub name: Option<String>,
    /// A stable friendly name until one is known, without the country.
    pub pseudonym: String,
    /// The stated or proven e-mail address.
    pub email: Option<String>,
    /// Whether the address was proven.
    pub email_verified: bool,
    /// The host's id of this user, proven by a signed token.
    pub subject: Option<String>,
    /// ISO 3166 country code in capitals, where known.
    pub country: Option<String>,
    /// IANA time zone, where known.
    pub time_zone: Option<String>,
    /// Language tag (BCP 47), where known.
    pub language: Option<String>,
    /// The page that was being viewed when the session began or the page changed.
    pub page: Option<PageView>,
    /// Conversations so far.
    pub conversations: u64,
    /// First seen.
    pub created_at: Timestamp,
}

impl Contact {
    /// What to call them: the name, or the pseudonym with the country where one is known.
    #[must_use]
    pub fn display_name(&self) -> String {
        match (&self.name, &self.country) {
            (Some(name), _) => name.clone(),
            (None, Some(country)) => format!("{} from {country}", self.pseudonym),
            (None, None) => self.pseudonym.clone(),
        }
    }
}
