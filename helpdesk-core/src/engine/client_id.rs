//! Names that callers give to their commands, so that sending them again is safe.

use std::time::Duration;

use super::keys::sha256;
use crate::error::{Error, Refusal};
use crate::model::Invalid;
use crate::store::{Claim, Owner, StoreError, UniqueKey};

/// How long the outcome of a `client_id` is kept.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The longest `client_id`, in characters.
const LIMIT: usize = 64;

/// A caller's name for a command, by which a repetition is known. Unique per actor over all commands, kept 30 days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientId(String);

impl ClientId {
    /// Checks a `client_id`.
    ///
    /// # Errors
    /// [`Invalid`] if it is empty, longer than 64 characters, or has other than visible ASCII characters.
    pub fn new(text: &str) -> Result<Self, Invalid> {
        let valid = (1..=LIMIT).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("client_id", format!("must be 1 to {LIMIT} visible ASCII characters without spaces")))
        }
    }
}

/// A command under its caller's name: where its outcome is kept, and a hash of what was asked, never the words.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) key: UniqueKey,
    hash: [u8; 32],
}

impl Named {
    /// `actor` tells callers apart, `content` what they ask for: route, place and words.
    pub(crate) fn new(actor: &str, client_id: &ClientId, content: &str) -> Self {
        Self { key: UniqueKey::client_id(actor, &client_id.0), hash: sha256(content.as_bytes()) }
    }

    /// Keeps the outcome under the name.
    pub(crate) fn claim(&self, outcome: &[u8]) -> Claim {
        Claim { key: self.key.clone(), owner: Owner([&self.hash[..], outcome].concat().into()), keep: Some(KEPT) }
    }

    /// The outcome of the first command of this name.
    ///
    /// # Errors
    /// [`Refusal::ClientIdReused`] if it was another command.
    pub(crate) fn outcome<'a>(&self, owner: &'a Owner) -> Result<&'a [u8], Error> {
        let (hash, outcome) = owner.0.split_first_chunk::<32>().ok_or_else(|| unreadable("the owner of a client_id"))?;
        if *hash == self.hash { Ok(outcome) } else { Err(Refusal::ClientIdReused.into()) }
    }
}

/// What the store kept is not what was put there.
pub(crate) fn unreadable(what: &str) -> Error {
    StoreError::Inconsistent(what.to_owned()).into()
}
